"""Every strategy that runs on the models at hand, on real queries: effectiveness, calls, tokens and seconds.

    python -m benchmarks.strategies [--write docs/strategies-run.md] [--data ../shared/data/cranfield]

Five Cranfield queries at depth 10 and at most 64 new tokens per answer; systems without a language model also on a
hundred queries at depth 100. Rankings are kept in RUNOFF_HOME as everywhere, so the command goes on where it was
stopped, and one system at a time runs, so that seconds are its own. An answer that an earlier strategy got to the very
same question comes from the answer cache and costs nothing; how many did is told.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.bootstrap import App, start
from core.domain.capabilities import Capability
from core.domain.collections import Collection
from core.domain.documents import CandidateList
from core.domain.jobs import JobKind
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.measures.effectiveness import evaluate_orders
from core.measures.intervals import mean_interval
from core.services.strategies import Described
from core.services.systems import is_slow
from core.strategies.notation import Spec, format_spec, parse

DATA = Path(__file__).resolve().parents[1] / "../shared/data/cranfield"
MEASURE = "nDCG@10"
NEW_TOKENS = 64
WRITES = frozenset({Capability.GENERATE, Capability.GENERATE_LOGPROBS, Capability.GENERATE_FUSED})
START, END = "<!-- table -->", "<!-- /table -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many queries, and how many candidates each."""

    queries: int
    depth: int


SMALL, LARGE = Size(queries=5, depth=10), Size(queries=100, depth=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One system at one size; figures are means per query. ``failure``: why there are none."""

    system: System
    family: str
    size: Size
    ndcg: float = 0.0
    low: float = 0.0
    high: float = 0.0
    calls: float = 0.0
    rounds: float = 0.0
    prompt_tokens: float = 0.0
    generated_tokens: float = 0.0
    seconds: float = 0.0
    cached: float = 0.0
    repairs: float = 0.0
    failure: str = ""


def capped(described: Described) -> str:
    """The strategy's specification with at most 64 new tokens per answer."""
    spec = parse(described.spec)
    names = {parameter.name: parameter for parameter in described.parameters}
    given = dict(spec.parameters)
    if "max_tokens" in names and any(slot.needs & WRITES for _, slot in described.info.slots):
        given["max_tokens"] = str(max(NEW_TOKENS, int(names["max_tokens"].minimum or 0)))
    members = spec.members
    if any(member.strategy == "listwise" for member in members):
        members = tuple(
            Spec(strategy="listwise", parameters=(("max_tokens", str(NEW_TOKENS)),)) if m.strategy == "listwise" else m
            for m in members
        )
    return format_spec(
        Spec(strategy=spec.strategy, models=spec.models, parameters=tuple(sorted(given.items())), members=members)
    )


def lists_of(app: App, collection: Collection, size: Size) -> list[CandidateList]:
    """The first queries with judgments, spread evenly over the collection."""
    reader = app.collections.reader(collection.fingerprint)
    judged = [query.id for query in reader.queries() if any(g > 0 for g in reader.judgments(query.id).values())]
    step = max(1, len(judged) // size.queries)
    chosen = judged[::step][: size.queries]
    return [app.candidates.for_query(collection.fingerprint, query, size.depth) for query in chosen]


def run(app: App, collection: Collection, system: System, family: str, size: Size) -> Line:
    """Rank what is missing, then read everything."""
    lists = lists_of(app, collection, size)
    job = app.jobs.rank([system], lists, kind=JobKind.COMPARE, title=f"Strategies: {system.spec}")
    while not (job := app.jobs.wait(job.id, timeout=10)).state.ended:
        sys.stderr.write(f"  {system.spec}: {job.done} of {job.total}  {job.message}\n")
    found = app.store.rankings([made.hash for made in lists], [system.fingerprint])
    if len(found) < len(lists):
        failures = app.store.failures([made.hash for made in lists])
        told = next((f.message for f in failures if f.system == system.fingerprint), "no ranking")
        return Line(system=system, family=family, size=size, failure=told)
    return _line(app, collection, system, family, size, lists, found)


def _line(
    app: App,
    collection: Collection,
    system: System,
    family: str,
    size: Size,
    lists: Sequence[CandidateList],
    found: Sequence[Ranking],
) -> Line:
    query_of = {made.hash: made.query.id for made in lists}
    orders = {query_of[ranking.candidates]: ranking.order for ranking in found}
    qrels = app.collections.reader(collection.fingerprint).qrels()
    values = evaluate_orders(orders, {query: qrels[query] for query in orders}, (MEASURE,))
    mean = mean_interval([value[MEASURE] for value in values.values()])
    count = len(found)
    asked = sum(ranking.logical.calls for ranking in found)
    return Line(
        system=system,
        family=family,
        size=size,
        ndcg=mean.mean,
        low=mean.low,
        high=mean.high,
        calls=asked / count,
        rounds=sum(ranking.logical.depth for ranking in found) / count,
        prompt_tokens=sum(ranking.logical.prompt_tokens for ranking in found) / count,
        generated_tokens=sum(ranking.logical.generated_tokens for ranking in found) / count,
        seconds=sum(ranking.executed.seconds for ranking in found) / count,
        cached=sum(ranking.executed.cache_hits for ranking in found) / max(1, asked),
        repairs=sum(len(ranking.repairs) for ranking in found) / count,
    )


def table(lines: Sequence[Line]) -> str:
    """Markdown."""
    head = (
        "| system | family | nDCG@10 (95 %) | calls | rounds | tokens read | written | seconds | cached | repairs |\n"
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|\n"
    )
    return head + "\n".join(map(_row, lines))


def _row(line: Line) -> str:
    spec = line.system.spec.replace("|", "\\|")
    if line.failure:
        return f"| `{spec}` | {line.family} | failed: {line.failure} | | | | | | | |"
    return (
        f"| `{spec}` | {line.family} | {line.ndcg:.3f} ({line.low:.3f} to {line.high:.3f}) | {line.calls:,.1f} "
        f"| {line.rounds:,.1f} | {line.prompt_tokens:,.0f} | {line.generated_tokens:,.0f} | {line.seconds:,.2f} "
        f"| {line.cached:.0%} | {line.repairs:.1f} |"
    )


def document(small: Sequence[Line], large: Sequence[Line], machine: str, minutes: float) -> str:
    """What is written between the markers."""
    return (
        f"{START}\n"
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine}, {minutes:.0f} minutes for what was missing.\n\n"
        f"### {SMALL.queries} queries, depth {SMALL.depth}\n\n{table(small)}\n\n"
        f"### {LARGE.queries} queries, depth {LARGE.depth}, systems without a language model\n\n{table(large)}\n{END}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="a collection in BEIR layout")
    parser.add_argument("--write", type=Path, help="put the tables between the markers of this file")
    parser.add_argument("--only", action="append", help="only this strategy; may be repeated")
    given = parser.parse_args(arguments)
    if not given.data.is_dir():
        sys.stderr.write(f"There is no collection at {given.data}; name one with --data.\n")
        return 2
    app = start()
    began = time.monotonic()
    try:
        collection = _collection(app, given.data)
        chosen = [d for d in app.strategies.all() if d.runs and (not given.only or d.info.name in given.only)]
        small, large = _lines(app, collection, chosen)
        text = document(small, large, app.engine.status().machine, (time.monotonic() - began) / 60)
    finally:
        app.close()
    print(text)  # noqa: T201  (the command's output)
    if given.write:
        _replace(given.write, text)
    return 0


def _collection(app: App, folder: Path) -> Collection:
    """The collection of this name, imported when it is first needed."""
    known = {collection.name: collection for collection in app.collections.all()}
    return known.get(folder.name) or app.collections.import_path(folder, folder.name)[0]


def _lines(app: App, collection: Collection, chosen: Sequence[Described]) -> tuple[list[Line], list[Line]]:
    small: list[Line] = []
    large: list[Line] = []
    for number, described in enumerate(chosen, start=1):
        system = app.systems.resolve(capped(described))
        sys.stderr.write(f"{number} of {len(chosen)}: {system.spec}\n")
        small.append(run(app, collection, system, described.info.family, SMALL))
        if not is_slow(system):
            large.append(run(app, collection, system, described.info.family, LARGE))
    return small, large


def _replace(file: Path, text: str) -> None:
    known = file.read_text("utf-8") if file.exists() else f"# Strategies, run\n\n{START}{END}\n"
    before, _, rest = known.partition(START)
    file.write_text(before + text + rest.partition(END)[2], "utf-8")


if __name__ == "__main__":
    sys.exit(main())
