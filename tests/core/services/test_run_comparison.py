"""Runs against one another: exact against pytrec_eval and scipy, and the same whatever queries are called."""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import pytrec_eval
import scipy.stats

from core.bootstrap import App
from core.datasets.trec import write_run
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError
from core.services.benchmarks.run_comparison import RunComparison, compare_orders
from core.services.evaluation import judged_notes
from tests.support.benchmarks import finished_plan
from tests.support.collections_on_disk import CRANFIELD, NO_CRANFIELD

Orders = dict[str, list[str]]
Labels = dict[str, dict[str, int]]


def some_runs(queries: int = 12) -> tuple[dict[str, Orders], Labels]:
    """Three runs, one good, two alike."""
    draw = random.Random(11)
    labels = {f"q{n}": {f"d{d}": draw.randint(0, 2) for d in draw.sample(range(15), 6)} for n in range(queries)}
    for grades in labels.values():
        grades[next(iter(grades))] = 2
    runs: dict[str, Orders] = {"good": {}, "one": {}, "other": {}}
    for query, grades in labels.items():
        runs["good"][query] = sorted(grades, key=lambda document: -grades[document])
        for name in ("one", "other"):
            runs[name][query] = [f"d{d}" for d in draw.sample(range(15), 10)]
    return runs, labels


def findings(found: RunComparison, measure: str) -> list[tuple[float, ...]]:
    return [
        (pair.difference, pair.p_randomisation, pair.holm_randomisation, pair.p_t, pair.low, pair.high)
        for pair in found.significance[measure].pairs
    ]


def test_names_and_order_of_queries_change_nothing() -> None:
    runs, labels = some_runs()
    straight = compare_orders(runs, labels, ("nDCG@5", "AP"), collection="c", baseline="one")
    shuffled = list(labels)
    random.Random(2).shuffle(shuffled)
    renamed = compare_orders(
        {name: {f"x{query}": of[query] for query in shuffled} for name, of in reversed(runs.items())},
        {f"x{query}": labels[query] for query in shuffled},
        ("nDCG@5", "AP"),
        collection="c",
        baseline="one",
    )
    assert renamed.sentence == straight.sentence
    assert [row.name for row in renamed.rows] == [row.name for row in straight.rows]
    for one, other in zip(renamed.rows, straight.rows, strict=True):
        assert asdict(one.measures["AP"]) == pytest.approx(asdict(other.measures["AP"]))
    for measure in ("nDCG@5", "AP"):
        assert np.array(findings(renamed, measure)) == pytest.approx(np.array(findings(straight, measure)), abs=1e-12)
        assert renamed.significance[measure].letters == straight.significance[measure].letters


def test_what_a_run_lacks_and_what_was_never_judged() -> None:
    runs, labels = some_runs()
    del runs["good"]["q0"], runs["good"]["q1"]
    runs["good"]["unknown"] = ["d1"]
    found = compare_orders(runs, labels, ("AP",), collection="c")
    row = next(row for row in found.rows if row.name == "good")
    assert (row.missing, row.unjudged_queries, row.judged) == (2, 1, 1.0)
    assert row.values["AP"]["q0"] == row.values["AP"]["q1"] == 0.0
    assert row.measures["AP"].mean == pytest.approx(10 / 12)
    assert row.measures["AP"].worst == row.measures["AP"].best == pytest.approx(10 / 12)  # all of it is judged
    other = next(row for row in found.rows if row.name == "other")
    cell = other.measures["AP"]
    assert cell.worst is not None
    assert cell.best is not None
    assert cell.worst < cell.mean < cell.best


def test_refusals() -> None:
    runs, labels = some_runs(3)
    with pytest.raises(InvalidInputError, match="no relevance judgments"):
        compare_orders(runs, {}, ("AP",), collection="c")
    with pytest.raises(InvalidInputError, match=r"'bm25' is none of the runs\. Allowed: good, one, other"):
        compare_orders(runs, labels, ("AP",), collection="c", baseline="bm25")
    with pytest.raises(InvalidInputError, match="'odd' ranks none of the judged queries"):
        compare_orders({**runs, "odd": {"elsewhere": ["d1"]}}, labels, ("AP",), collection="c")
    with pytest.raises(InvalidInputError, match="not the name of a measure"):
        compare_orders(runs, labels, ("nDGC",), collection="c")


def test_notes_only_where_much_is_unjudged() -> None:
    assert judged_notes({"fine": 0.85}) == ()
    (note,) = judged_notes({"fine": 0.85, "sparse": 0.25})
    assert note.startswith("sparse: 75 % of the first 10 documents were never judged")


def test_files_of_runs(app: App, small: Collection, tmp_path: Path) -> None:
    good = {f"q{n}": [f"d{n}", f"d{n + 6}"] for n in range(5)}
    bad = {f"q{n}": [f"d{(n + 1) % 6}", f"d{n + 6}"] for n in range(5)}
    for name, orders in (("good", good), ("bad", bad)):
        write_run(tmp_path / f"{name}.trec", orders, tag=name)
    paths = [tmp_path / "bad.trec", tmp_path / "good.trec"]
    found = app.evaluation.compare(paths, "small", ("P@1", "AP"), baseline=str(paths[0]))
    assert [(row.name, row.measures["P@1"].mean) for row in found.rows] == [("good", 1.0), ("bad", 0.0)]
    assert (found.baseline, found.queries) == ("bad", 5)
    assert found.significance["P@1"].pairs[0].p_randomisation == pytest.approx(2 / 2**5)  # enumerated
    assert found.significance["P@1"].pairs[0].wins == 5
    with pytest.raises(InvalidInputError, match="named twice"):
        app.evaluation.compare([paths[0], paths[0]], "small")
    with pytest.raises(InvalidInputError, match="at least two runs"):
        app.evaluation.compare(paths[:1], "small")
    alone = app.evaluation.evaluate(paths[0], "small", ("P@1",))
    assert alone.judged == pytest.approx(0.5)
    assert alone.notes[0].startswith("bad.trec: 50 % of the first 10")


@pytest.mark.skipif(not CRANFIELD.exists(), reason=NO_CRANFIELD)
@pytest.mark.thorough
def test_cranfield_end_to_end(app: App) -> None:
    """A benchmark of two systems over 225 queries, from the store to the table, against pytrec_eval and scipy."""
    app.collections.import_path(CRANFIELD, "cranfield")
    plan = finished_plan(app, "cranfield", {"bm25": 0.45, "maxsim": 0.5}, depth=30, measures=("nDCG@10", "AP"))
    found = app.results.of(plan)
    reader = app.collections.reader("cranfield")
    qrels = {query: dict(grades) for query, grades in reader.qrels().items()}
    lists = app.store.candidate_set(plan.collection, plan.first_stage.set_name)
    query_of = {hash: query for query, hash in lists.items()}
    table = {}
    for row in found.rows:
        rankings = app.store.rankings(tuple(lists.values()), [row.system.fingerprint])
        run = {query_of[r.candidates]: {d: 1000.0 - at for at, d in enumerate(r.order)} for r in rankings}
        expected = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "map"}).evaluate(run)
        for ours, theirs in (("nDCG@10", "ndcg_cut_10"), ("AP", "map")):
            assert row.values[ours] == pytest.approx({query: expected[query][theirs] for query in qrels}, abs=1e-9)
        table[row.spec] = np.array(list(row.values["nDCG@10"].values()))
    assert len(found.judged_queries) == 225
    pair = found.significance["nDCG@10"].pairs[0]
    one, other = (table[row.spec] for row in found.rows)
    t_test = scipy.stats.ttest_rel(one, other)
    interval = t_test.confidence_interval(0.95)
    assert (pair.difference, pair.p_t) == pytest.approx((float(np.mean(one - other)), t_test.pvalue))
    assert (pair.low, pair.high) == pytest.approx((interval.low, interval.high))
    permuted = scipy.stats.permutation_test(
        (one, other),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        n_resamples=10_000,
        batch=1_000,
        vectorized=True,
        rng=0,
    )
    assert pair.p_randomisation == pytest.approx(permuted.pvalue, abs=0.02)
    mean = scipy.stats.t.interval(0.95, 224, loc=one.mean(), scale=scipy.stats.sem(one))
    cell = found.rows[0].measures["nDCG@10"]
    assert (cell.low, cell.high) == pytest.approx(mean)
