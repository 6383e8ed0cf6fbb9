"""Plans: canonical, checked before anything runs, found again by what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.first_stages import FirstStage, Retriever
from core.domain.variants import WHOLE, Variant
from core.services.benchmarks.plans import Wanted
from tests.support.collections_on_disk import small_folder, write_files


def test_specifications_become_canonical_and_single(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", [" bm25 ", "rrf?of=(bi-encoder,bm25)&k=60", "bm25", "first-stage"])
    assert plan.systems == ("bm25", "rrf?of=(bm25,bi-encoder)", "first-stage")
    assert (plan.collection, plan.baseline) == (small.fingerprint, "first-stage")
    assert app.benchmarks.get(plan.id) == plan


def test_baseline_is_put_first_where_it_is_missing(app: App, small: Collection) -> None:
    assert app.benchmarks.create("small", ["maxsim"]).systems == ("first-stage", "maxsim")
    other = app.benchmarks.create("small", ["maxsim", "bm25"], baseline="bm25")
    assert (other.systems, other.baseline) == (("maxsim", "bm25"), "bm25")


def test_depths_are_sorted_and_that_of_the_candidates_is_left_out(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=FirstStage(depth=20), depths=(20, 10, 5, 10), shuffles=2)
    assert plan.depths == (5, 10)
    assert plan.variants == (WHOLE, Variant(first=5), Variant(first=10), Variant(shuffle=1), Variant(shuffle=2))


def test_queries_of_the_plan(app: App, small: Collection) -> None:
    every = app.benchmarks.create("small", ["bm25"])
    assert app.benchmarks.queries(every) == ("q0", "q1", "q2", "q3", "q4", "q5")
    odd = app.benchmarks.create("small", ["bm25"], category="odd")
    assert app.benchmarks.queries(odd) == ("q1", "q3", "q5")
    some = app.benchmarks.create("small", ["bm25"], queries=("q4", "q1"))
    assert (some.queries, app.benchmarks.queries(some)) == (("q1", "q4"), ("q1", "q4"))
    assert app.benchmarks.create("small", ["bm25"], queries=tuple(f"q{n}" for n in range(6))).queries == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"systems": ()}, "at least one system"),
        ({"systems": ("no-such",)}, "Unknown strategy 'no-such'"),
        ({"baseline": "no-such"}, "Unknown strategy 'no-such'"),
        ({"measures": ("nDCG@ten",)}, "not the name of a measure"),
        ({"measures": ()}, "at least one measure"),
        ({"stage": FirstStage(depth=20), "depths": (21,)}, "between 1 and that of the candidates, 20; not 21"),
        ({"depths": (0,)}, "not 0"),
        ({"stage": FirstStage(depth=5000)}, "Depth must be 1 to 1000, not 5000"),
        ({"stage": FirstStage(retriever=Retriever.RUN, source="mine")}, "no run 'mine' of depth 100 for 'small'"),
        ({"queries": ("q9",)}, "no query 'q9'"),
        ({"category": "none"}, "Unknown category 'none'. Known: even, odd"),
        ({"category": "odd", "queries": ("q1",)}, "not both"),
        ({"shuffles": 21}, "shuffles must be 0 to 20, not 21"),
        ({"probe_queries": -1}, "probe_queries must be 0 or more, not -1"),
        ({"shuffles": 1, "shuffled_queries": 0}, "at least 1"),
        ({"name": "x" * 201}, "200 characters, not 201"),
    ],
)
def test_what_is_not_allowed_is_said_and_nothing_is_kept(
    app: App, small: Collection, given: dict[str, Any], message: str
) -> None:
    fields: dict[str, Any] = {"systems": ("bm25",), **given}
    with pytest.raises(InvalidInputError, match=message):
        app.benchmarks.create("small", **fields)
    assert app.benchmarks.all() == ()


def test_unknown_collection(app: App) -> None:
    with pytest.raises(UnknownNameError, match="collection 'nothing'"):
        app.benchmarks.create("nothing", ["bm25"])


def test_names_are_made_up_and_taken_once(app: App, small: Collection) -> None:
    names = [app.benchmarks.create("small", ["bm25"], probe_queries=n).name for n in range(3)]
    assert names == ["2 systems, bm25 top 100", "2 systems, bm25 top 100 (2)", "2 systems, bm25 top 100 (3)"]
    app.benchmarks.create("small", ["bm25"], name="mine")
    with pytest.raises(InvalidInputError, match="named 'mine'"):
        app.benchmarks.create("small", ["maxsim"], name="mine")


def test_the_same_request_finds_its_plan(app: App, small: Collection) -> None:
    wanted = Wanted(collection="small", systems=("maxsim", "bm25"), name="mine", depths=(10,))
    plan = app.benchmarks.ensure(wanted)
    assert app.benchmarks.ensure(wanted) == plan
    unnamed = Wanted(collection="small", systems=("maxsim",))
    assert app.benchmarks.ensure(unnamed) == app.benchmarks.ensure(unnamed) != plan
    assert len(app.benchmarks.all("small")) == 2
    with pytest.raises(InvalidInputError, match="'mine' on this collection, with other systems, probe_queries"):
        app.benchmarks.ensure(Wanted(collection="small", systems=("bm25",), name="mine", depths=(10,), probe_queries=1))


def test_removed_plan_is_forgotten_and_its_rankings_stay(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=FirstStage(depth=5))
    app.jobs.wait(app.benchmarks.start(plan).id)
    hashes = app.store.candidate_set(small.fingerprint, "bm25 top 5")
    app.benchmarks.remove(plan.id)
    assert app.benchmarks.all() == ()
    assert len(app.store.rankings(list(hashes.values()))) == 12


def test_measure_that_these_grades_do_not_allow_is_refused_before_anything_runs(app: App, tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "graded", {**small_folder(), "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\tc\t5\n"}
    )
    app.collections.import_path(folder, "graded")
    with pytest.raises(InvalidInputError, match="grades up to 4, not 5"):
        app.benchmarks.create("graded", ["bm25"], measures=("nDCG@10", "ERR@10"))
    assert app.benchmarks.create("graded", ["bm25"], measures=("nDCG@10",)).measures == ("nDCG@10",)


def test_lists_that_came_along_are_as_deep_as_the_longest(app: App, small: Collection) -> None:
    """A latency of 20 documents must not be kept, and taken by other benchmarks, as one of 100."""
    sample = app.collections.ensure_sample()
    reader = app.collections.reader(sample.name)
    written = FirstStage(retriever=Retriever.WRITTEN, depth=100)
    longest = max(len(made.documents) for query in reader.queries() if (made := reader.candidates(query.id)))
    plan = app.benchmarks.create(sample.name, ["bm25"], stage=written, depths=(5,))
    assert plan.first_stage == FirstStage(retriever=Retriever.WRITTEN, depth=longest)
    with pytest.raises(InvalidInputError, match="Depths lie between"):
        app.benchmarks.create(sample.name, ["bm25"], stage=written, depths=(longest + 1,))
    with pytest.raises(InvalidInputError, match="'small' came without candidate lists"):
        app.benchmarks.create("small", ["bm25"], stage=written)
