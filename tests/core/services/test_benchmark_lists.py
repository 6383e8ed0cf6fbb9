"""Which lists a benchmark is about: given runs that lack queries, and queries that share a list."""

from __future__ import annotations

from pathlib import Path

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from core.domain.jobs import JobState
from core.domain.work import ProbeWork
from tests.support.collections_on_disk import jsonl, write_files, write_small_beir
from tests.support.fake_engine import FakeEngine

STAGE = FirstStage(depth=8)


def totals(app: App, plan: BenchmarkPlan) -> list[tuple[int, int]]:
    return [(cell.done, cell.total) for cell in app.benchmarks.progress(plan).cells]


def test_queries_that_a_run_lacks_are_no_part_of_it(app: App, engine: FakeEngine, small: Collection) -> None:
    run = {f"q{n}": [(f"d{n}", 2.0), (f"d{n + 6}", 1.0), ("d3" if n != 3 else "d4", 0.5)] for n in (5, 1, 2)}
    stage = app.candidates.give_run("small", "mine.trec", run, 3)
    plan = app.benchmarks.create("small", ["bm25"], stage=stage, depths=(2,), shuffles=1, shuffled_queries=2)
    assert totals(app, plan) == [(0, 3)] * 4 + [(0, 2)] * 2
    job = app.jobs.wait(app.benchmarks.start(plan).id, 10)
    assert (job.state, job.done, job.total) == (JobState.DONE, 2 * (3 + 3 + 2) + 2 * 2 * 3, 28)
    assert totals(app, plan) == [(3, 3)] * 4 + [(2, 2)] * 2
    probed = [tuple(made.query.id for made in work.lists) for work in engine.works if isinstance(work, ProbeWork)]
    assert set(probed) == {("q1", "q2", "q5")}
    progress = app.benchmarks.progress(plan)
    assert (progress.probes_done, progress.probes) == (4, 4)


def test_queries_of_the_same_words_share_a_list_that_is_ranked_once(app: App, tmp_path: Path) -> None:
    folder = write_small_beir(tmp_path / "same")
    words = ("ferry storm", "dog ferry", "ferry storm", "ferry storm")
    write_files(folder, {"queries.jsonl": jsonl(*({"_id": f"q{n}", "text": text} for n, text in enumerate(words)))})
    app.collections.import_path(folder, "same")
    plan = app.benchmarks.create("same", ["bm25"], stage=STAGE, probe_queries=0)
    assert totals(app, plan) == [(0, 4), (0, 4)]  # nobody knows before the lists are made
    job = app.jobs.wait(app.benchmarks.start(plan).id, 10)
    assert (job.state, job.done, job.total) == (JobState.DONE, 4, 4)
    assert totals(app, plan) == [(2, 2), (2, 2)]


def test_a_cut_that_changes_nothing_counts_as_ranked(app: App, small: Collection) -> None:
    """Lists of two documents, cut at three: the same lists, ranked once and counted in both cells."""
    run = {f"q{n}": [(f"d{n}", 2.0), (f"d{n + 6}", 1.0)] for n in range(6)}
    stage = app.candidates.give_run("small", "short.trec", run, 5)
    plan = app.benchmarks.create("small", ["bm25"], stage=stage, depths=(3,), probe_queries=0)
    job = app.jobs.wait(app.benchmarks.start(plan).id, 10)
    assert (job.done, job.total) == (24, 24)
    hashes = list(app.store.candidate_set(small.fingerprint, stage.set_name).values())
    assert len(app.store.rankings(hashes)) == 12
