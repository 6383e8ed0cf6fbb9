"""What is read about a benchmark after its table: queries, categories, depth, scores, stability, fewer judgments."""

from __future__ import annotations

import random
from itertools import combinations
from statistics import fmean

import numpy as np
import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_orders
from core.measures.rank_similarity import kendall_tau, rank_biased_overlap
from core.services.benchmarks.label_samples import LabelSamples
from core.services.benchmarks.low_cost import low_cost
from core.services.benchmarks.overlaps import mean_overlap
from core.services.benchmarks.scores import ScoredDocuments, score_view, threshold_point
from tests.support.benchmarks import finished_plan

THREE = {"first-stage": 0.0, "bm25": 0.4, "maxsim": 1.0}


def test_differences(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    one, other = (app.results.differences(plan, *pair, "AP") for pair in (("maxsim", "bm25"), ("bm25", "maxsim")))
    values = {row.spec: row.values["AP"] for row in app.results.of(plan).rows}
    assert {found.query_id: found.difference for found in one} == pytest.approx(
        {query: value - values["bm25"][query] for query, value in values["maxsim"].items()}
    )
    assert [found.difference for found in one] == sorted((found.difference for found in one), reverse=True)
    assert {found.query_id: -found.difference for found in one} == {found.query_id: found.difference for found in other}
    assert one[0].text == f"{one[0].text.split()[0]} ferry"
    with pytest.raises(InvalidInputError, match="does not measure 'P@5'"):
        app.results.differences(plan, "maxsim", "bm25", "P@5")


def test_disagreements(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    found = app.results.disagreements(plan, "AP")
    values = {row.spec: row.values["AP"] for row in app.results.of(plan).rows}
    assert {query.query_id for query in found} == {f"q{n}" for n in range(6)}
    assert [query.spread for query in found] == sorted((query.spread for query in found), reverse=True)
    for query in found[:-1]:
        mine = {spec: values[spec][query.query_id] for spec in THREE}
        assert query.spread == pytest.approx(float(np.std(list(mine.values()))))
        assert "maxsim" in query.best
        assert all(mine[spec] == min(mine.values()) for spec in query.worst)
    assert app.results.disagreements(finished_plan(app, "small", {"bm25": 0.4}, name="one"), "AP") == ()


def test_mean_overlap_is_that_of_all_pairs() -> None:
    draw = random.Random(5)
    for size, systems in ((1, 2), (7, 3), (40, 6)):
        orders = [draw.sample(range(size), size) for _ in range(systems)]
        named = [[f"d{number}" for number in order] for order in orders]
        pairs = [rank_biased_overlap(one, other) for one, other in combinations(named, 2)]
        assert mean_overlap(named) == pytest.approx(fmean(pairs))
    uneven = [["a", "b", "c"], ["b", "a"]]
    assert mean_overlap(uneven) == pytest.approx(rank_biased_overlap(*uneven))
    assert mean_overlap([["a", "b"]]) is None


def test_categories(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    even, odd = app.results.categories(plan, "AP")
    assert (even.category, even.queries, odd.category, odd.queries) == ("even", 3, "odd", 2)
    values = {row.spec: row.values["AP"] for row in app.results.of(plan).rows}
    assert even.cells["bm25"].mean == pytest.approx(fmean(values["bm25"][query] for query in ("q0", "q2", "q4")))
    assert odd.cells["maxsim"].mean == 1.0


def test_the_sweep_under_its_ceiling(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE, depths=(2, 5), missing={"bm25": 0})
    points = app.results.sweep(plan, "R@100")
    assert [(point.system, point.depth) for point in points[:3]] == [("maxsim", 2), ("maxsim", 5), ("maxsim", 10)]
    by_depth = {point.depth: point for point in points if point.system == "maxsim"}
    assert [by_depth[depth].mean for depth in (2, 5, 10)] == [by_depth[depth].ceiling for depth in (2, 5, 10)]
    assert by_depth[2].ceiling < by_depth[10].ceiling == 1.0
    assert by_depth[5].p50_ms == pytest.approx(18.0)  # the third system at half the depth, third of five queries
    assert all(point.mean <= point.ceiling + 1e-12 for point in points)
    row = app.results.of(plan).rows[0]
    assert by_depth[10].mean == row.measures["R@100"].mean


def test_thresholds_by_hand() -> None:
    scores = ScoredDocuments(
        scores=np.array([0.9, 0.8, 0.4, 0.7, 0.3, 0.1]),
        kinds=np.array(
            [2, 1, 2, 0, 2, 0], dtype=np.int8
        ),  # relevant, irrelevant, relevant, unjudged, relevant, unjudged
        query=np.array([0, 0, 0, 1, 1, 2]),
        queries=3,
    )
    point = threshold_point(scores, 0.4)
    assert point.precision == pytest.approx(2 / 3)
    assert point.recall == pytest.approx(2 / 3)
    assert point.coverage == pytest.approx(2 / 3)
    assert point.kept == pytest.approx(4 / 6)
    assert threshold_point(scores, 0.95).precision is None
    view = score_view("x", scores)
    assert (sum(view.relevant), sum(view.irrelevant), sum(view.unjudged)) == (3, 1, 2)
    assert (view.thresholds[0].threshold, view.thresholds[0].kept, view.thresholds[-1].threshold) == (0.1, 1.0, 0.9)
    assert [point.recall for point in view.thresholds] == sorted((p.recall for p in view.thresholds), reverse=True)


def test_scores_of_a_system(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    view = app.results.scores(plan, "maxsim")
    assert view is not None
    assert sum(view.relevant) == 10
    assert sum(view.relevant) + sum(view.irrelevant) + sum(view.unjudged) == 60
    assert max(point.precision or 0.0 for point in view.thresholds) == 1.0
    assert app.results.scores(plan, "first-stage") is None


def test_stability(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE, shuffles=2, shuffled_queries=4)
    found = {one.system: one for one in app.results.stability(plan)}
    assert (found["maxsim"].lists, found["maxsim"].tau, found["maxsim"].top, found["maxsim"].moved) == (
        8,
        1.0,
        1.0,
        0.0,
    )
    assert found["maxsim"].repeated == 1.0
    taus = []
    for seed in (1, 2):
        whole, shuffled = (
            app.store.candidate_set(small.fingerprint, f"bm25 top 10{suffix}") for suffix in ("", f", shuffled {seed}")
        )
        for query, hash in shuffled.items():
            records = (app.store.candidates_record(hash), app.store.candidates_record(whole[query]))
            taus.append(kendall_tau(*(record.document_ids for record in records)))
    assert found["first-stage"].tau == pytest.approx(fmean(taus))
    assert found["first-stage"].moved is not None
    assert found["first-stage"].moved > 0.0
    plain = app.results.stability(finished_plan(app, "small", {"bm25": 0.4}, name="plain", probed=False, seed=1))
    assert (plain[0].lists, plain[0].tau, plain[0].moved) == (0, None, None)


@pytest.mark.parametrize("measure", ["nDCG@10", "AP", "R@5", "Rprec"])
def test_values_of_some_judgments(measure: str) -> None:
    """As if the others had never been made; both the quick way and, for Rprec, the library's."""
    draw = random.Random(9)
    labels = {f"q{n}": {f"d{d}": draw.randint(0, 2) for d in draw.sample(range(12), 4)} for n in range(8)}
    orders = [{query: tuple(f"d{d}" for d in draw.sample(range(12), 9)) for query in labels} for _ in range(3)]
    del orders[1]["q3"]
    samples = LabelSamples(orders, labels, measure)
    assert (samples.judgments, samples.fast) == (32, measure != "Rprec")
    kept = np.array([draw.random() < 0.4 for _ in range(32)])
    pairs = [(query, document) for query, grades in labels.items() for document in grades]
    some: dict[str, dict[str, int]] = {}
    for (query, document), known in zip(pairs, kept.tolist(), strict=True):
        if known:
            some.setdefault(query, {})[document] = labels[query][document]
    assert 1 < len(some) < 8 or kept.sum() > 8
    expected = [[evaluate_orders(of, some, (measure,))[query][measure] for query in some] for of in orders]
    assert samples.values(kept) == pytest.approx(np.array(expected), abs=1e-9)


def test_low_cost_finds_what_is_obvious(app: App) -> None:
    """One system always right, one always wrong, over 40 queries: any tenth of the judgments says so."""
    labels = {f"q{n}": {f"q{n}d{d}": int(d < 3) for d in range(6)} for n in range(40)}
    right = {query: tuple(grades) for query, grades in labels.items()}
    wrong = {query: tuple(reversed(list(grades))) for query, grades in labels.items()}
    found = low_cost(LabelSamples([wrong, right], labels, "AP"), ["wrong", "right"])
    assert [one.share for one in found] == [0.1, 0.25, 0.5, 0.75]
    assert [(one.draws, one.tau, one.found, one.reversed) for one in found] == [(20, 1.0, 1.0, 0.0)] * 4
    assert all(one.unconfirmed == 0.0 for one in found)
    level = low_cost(LabelSamples([right, right], labels, "AP"), ["one", "same"])
    assert all((one.tau, one.found, one.unconfirmed) == (None, None, None) for one in level)
    assert low_cost(LabelSamples([right], labels, "AP"), ["one"]) == ()


def test_combined(app: App, small: Collection) -> None:
    first = finished_plan(app, "small", THREE)
    second = finished_plan(app, "small", THREE, name="again", seed=4)
    found = app.results.combined([first, second], ["nDCG@10", "P@5"])
    assert [order.title for order in found.orders] == ["small: nDCG@10", "small (again): nDCG@10"]
    assert found.kemeny[0] == found.borda[0][0] == "maxsim"
    assert "small: P@5 was not measured." in found.left_out
