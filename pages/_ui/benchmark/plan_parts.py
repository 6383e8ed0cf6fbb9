"""Parts of the form for a new plan: candidates, queries, measures, and what else is run."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import DEFAULT_MEASURES
from core.domain.capabilities import Capability
from core.domain.collections import Collection
from core.domain.errors import RunoffError
from core.domain.first_stages import FirstStage, Retriever, first_stage
from core.measures.names import KNOWN, parse_measure
from pages._ui import errors
from pages._ui.benchmark.query_sample import query_sample
from pages._ui.wording import counted

SWEEP = (10, 20, 50, 100)
MEASURES = (*DEFAULT_MEASURES, "P@5", "P@10", "Success@5", "RBP(p=0.8)", "Rprec", "nDCG@20")
WRITTEN_DEPTH = 20
WHICH = {"all": "All", "category": "A category", "sample": "A sample"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What is run besides the whole lists, see BenchmarkPlan."""

    depths: tuple[int, ...]
    shuffles: int
    probe_queries: int


def has_written(app: App, collection: Collection) -> bool:
    """Whether the collection came with candidate lists."""
    reader = app.collections.reader(collection.fingerprint)
    queries = reader.queries()
    return bool(queries) and reader.candidates(queries[0].id) is not None


def default_stage(app: App, collection: Collection) -> FirstStage:
    """The lists that came with the collection, else BM25."""
    if has_written(app, collection):
        return FirstStage(retriever=Retriever.WRITTEN, depth=WRITTEN_DEPTH)
    return FirstStage()


@st.cache_data(max_entries=100, show_spinner=False)
def longest_list(fingerprint: str, _app: App) -> int:
    """Documents of the longest list that came with the collection, 0 without any."""
    reader = _app.collections.reader(fingerprint)
    found = (reader.candidates(query.id) for query in reader.queries())
    return max((len(one.documents) for one in found if one is not None), default=0)


def choose_stage(app: App, collection: Collection) -> FirstStage:
    """How candidates are found, and how many."""
    known = app.candidates.stages(collection.fingerprint)
    given = {stage.set_name: stage for stage in known if stage.retriever is Retriever.RUN}
    embedders = [
        status.entry.id
        for status in app.systems.models()
        if status.availability.available and Capability.EMBED_POOLED in status.entry.capabilities
    ]
    offered = ["written"] if has_written(app, collection) else []
    offered += ["bm25", *(f"dense:{id}" for id in embedders), *(f"hybrid:{id}" for id in embedders), *given]
    left, right = st.columns([2, 1])
    notation = left.selectbox("First stage", offered, format_func=stage_shown, key=f"stage_{collection.name}")
    if notation in given:
        return given[notation]
    if notation == "written":
        return FirstStage(retriever=Retriever.WRITTEN, depth=WRITTEN_DEPTH)
    most = min(app.settings.limits.max_candidates, max(2, collection.documents))
    depth = right.number_input(
        "Depth",
        min_value=1,
        max_value=most,
        value=min(100, most),
        key=f"depth_{collection.name}",
        help="Candidates for each query. No reranker can bring back what is not among them.",
    )
    return first_stage(notation, int(depth))


def stage_shown(notation: str) -> str:
    """A first stage as a person would say it."""
    kind, _, source = notation.partition(":")
    words = {"written": "Lists that came with the collection", "bm25": "BM25", "dense": "Dense", "hybrid": "Hybrid"}
    return f"{words.get(kind, notation)}{f', {source}' if source else ''}"


def choose_queries(app: App, collection: Collection) -> tuple[str, tuple[str, ...]]:
    """Category and ids; both empty for all queries."""
    categories = app.leaderboard.categories(collection.fingerprint)
    offered = [name for name in WHICH if categories or name != "category"]
    which = st.segmented_control(
        "Queries", offered, default="all", format_func=WHICH.__getitem__, required=True, key="plan_queries"
    )
    if which == "category":
        return st.selectbox("Category", categories, key="plan_category"), ()
    if which == "sample":
        reader = app.collections.reader(collection.fingerprint)
        ids = [query.id for query in reader.queries()]
        count = st.number_input(
            f"How many of {len(ids):,}", min_value=1, max_value=len(ids), value=min(50, len(ids)), key="plan_sample"
        )
        return "", query_sample(ids, reader.qrels().keys(), int(count))
    st.caption(f"All {counted(collection.queries, 'query', 'queries')}")
    return "", ()


def choose_measures() -> list[str]:
    """In the notation of ir_measures; what means nothing is told at once and left out."""
    chosen = st.multiselect(
        "Measures, the deciding one first",
        MEASURES,
        default=DEFAULT_MEASURES,
        accept_new_options=True,
        key="plan_measures",
        help=f"Type any other and press Enter. Known: {KNOWN}.",
    )
    good = []
    for name in chosen:
        try:
            parse_measure(name)
        except RunoffError as error:
            errors.show(error)
        else:
            good.append(name)
    return good


def choose_extras(app: App, collection: Collection, stage: FirstStage) -> Extras:
    """Depth sweep, shuffled copies and the latency probe."""
    written = stage.retriever is Retriever.WRITTEN
    deepest = longest_list(collection.fingerprint, app) if written else stage.depth
    fitting = [depth for depth in SWEEP if depth < deepest]
    depths = st.pills(
        "Also rerank only the first",
        fitting,
        selection_mode="multi",
        key="plan_depths",
        help="What reranking fewer candidates buys. Each depth is another round of rankings.",
    )
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    shuffles = left.number_input(
        "Shuffled copies", min_value=0, max_value=20, value=0, key="plan_shuffles", help="Of 20 lists each: stability."
    )
    probed = middle.toggle(
        "Measure latency", value=True, key="plan_probe", help="One query at a time, warm, answer cache off."
    )
    queries = right.number_input(
        "Queries timed", min_value=1, max_value=1000, value=20, key="plan_probed", disabled=not probed
    )
    return Extras(depths=tuple(depths), shuffles=int(shuffles), probe_queries=int(queries) if probed else 0)
