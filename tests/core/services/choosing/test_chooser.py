"""The choice over a whole benchmark: sentences, depths, prices, the order without a reranker, people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.bootstrap import App, start
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, NotAllowedError
from core.domain.roles import Actor, Role
from core.services.choosing.choice import NO_RERANKER, State
from core.services.choosing.chooser import ChooserService
from core.services.choosing.limits import Axis, Limits
from core.services.choosing.saying import NO_LABELS, NOTHING_COMPLETE
from core.settings import Prices, load_settings
from tests.support.benchmarks import finished_plan, made_probe
from tests.support.board_votes import Poll
from tests.support.fake_engine import FakeEngine

# Probes of the helper: 10 ms times the place in this list at depth 10, so p95 is 14, 28, 42 and 56 ms.
QUALITY = {"first-stage": 0.0, "bm25": 0.3, "bi-encoder": 0.6, "maxsim": 0.62}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One for all: nothing here changes what another test reads. Plans of another depth have lists of their own."""
    made = start(load_settings({"RUNOFF_HOME": str(tmp_path_factory.mktemp("home"))}), engine=FakeEngine())
    yield made
    made.close()


@pytest.fixture(scope="module")
def sample(app: App) -> Collection:
    return app.collections.ensure_sample()


@pytest.fixture(scope="module")
def few(app: App, sample: Collection) -> tuple[str, ...]:
    return tuple(query.id for query in app.collections.reader(sample.name).queries())[:12]


@pytest.fixture(scope="module")
def plan(app: App, sample: Collection) -> BenchmarkPlan:
    return finished_plan(app, sample.name, QUALITY, depths=(5,))


def priced(app: App, prices: Prices) -> ChooserService:
    return ChooserService(
        app.store, app.collections, app.systems, app.results, app.leaderboard, prices
    )  # fmt: skip


def test_the_cheaper_of_two_that_are_alike_is_shipped_with_its_evidence(app: App, plan: BenchmarkPlan) -> None:
    found = app.chooser.choose(plan)
    results = app.results.of(plan)
    rows = {row.spec: row.measures["nDCG@10"] for row in results.rows}
    cell = rows["bi-encoder"]
    assert found.recommended is not None
    assert found.recommended.spec == "bi-encoder"
    expected = f"Ship bi-encoder: nDCG@10 {cell.mean:.3f} ({cell.low:.3f} to {cell.high:.3f}), p95 42 ms on cpu, 50 MB."
    assert found.sentence == expected
    pair = results.significance["nDCG@10"].pair(*(list(rows).index(spec) for spec in ("maxsim", "bi-encoder")))
    best, beaten, detectable = found.evidence
    assert best == (
        f"maxsim is {rows['maxsim'].mean - cell.mean:.3f} higher but cannot be told apart from it over 75 queries "
        f"(p = {pair.holm_randomisation:.2f}) and takes 1.3 times as long."
    )
    assert beaten.startswith(f"bi-encoder beats no reranker by {cell.mean - rows['first-stage'].mean:.3f} (p ")
    assert f"A true difference under {pair.detectable:.3f} would probably not" in detectable
    assert [option.spec for option in found.options] == [row.spec for row in results.rows]
    assert "With 5 probed queries the p95 is the slowest of them" in " ".join(found.notes)


def test_a_limit_leaves_less_and_says_what_more_would_buy(app: App, plan: BenchmarkPlan) -> None:
    found = app.chooser.choose(plan, Limits(p95_ms=30.0))
    assert found.sentence.startswith("Ship bm25: ")
    assert found.option("maxsim").reasons[0].text == "p95 56 ms is over 30 ms"
    (more,) = found.relaxations  # maxsim needs more and is not shown to be better than bi-encoder
    assert (more.spec, dict(more.needed)) == ("bi-encoder", {"p95_ms": 42.0})
    assert more.sentence.startswith("p95 up to 42 ms would allow bi-encoder: nDCG@10 ")
    relaxed = app.chooser.choose(plan, Limits(**more.needed))
    assert relaxed.option("bi-encoder").state is State.FEASIBLE


def test_where_no_reranker_fits_the_sentence_says_so(app: App, plan: BenchmarkPlan) -> None:
    found = app.chooser.choose(plan, Limits(p95_ms=1.0))
    assert found.sentence.startswith("No reranker of this benchmark is within the limits. Without one: nDCG@10 ")
    assert found.recommended is not None
    assert found.recommended.spec == NO_RERANKER
    assert found.relaxations


def test_without_latency_there_is_no_choice_but_a_thing_to_do(
    app: App, sample: Collection, few: tuple[str, ...]
) -> None:
    plan = finished_plan(app, sample.name, QUALITY, probed=False, name="depth 9", depth=9, queries=few)
    found = app.chooser.choose(plan)
    assert found.sentence.startswith("No choice yet: of 3 systems it is not known whether they are within the limits.")
    assert {option.state for option in found.options if option.spec != NO_RERANKER} == {State.UNKNOWN}
    assert "might be as good or better but are left out" in found.evidence[-1]


def test_a_system_without_a_probe_is_left_out_and_said(app: App, sample: Collection, few: tuple[str, ...]) -> None:
    plan = finished_plan(app, sample.name, QUALITY, probed=False, name="depth 8", depth=8, queries=few)
    for spec in ("bm25", "bi-encoder"):
        app.store.save_probe(made_probe(app.systems.resolve(spec), plan, 8))
    found = app.chooser.choose(plan)
    assert found.sentence.startswith("Ship bi-encoder")
    assert found.option("maxsim").state is State.UNKNOWN
    assert found.evidence[-1].startswith("maxsim might be as good or better but is left out")


def test_no_reranker_is_compared_also_where_the_benchmark_has_it_not(
    app: App, sample: Collection, plan: BenchmarkPlan
) -> None:
    without = {spec: quality for spec, quality in QUALITY.items() if spec != NO_RERANKER}
    other = finished_plan(app, sample.name, without, baseline="bm25", name="without", probed=False)
    found, expected = app.chooser.choose(other), app.chooser.choose(plan)
    assert found.option(NO_RERANKER).quality.mean == pytest.approx(expected.option(NO_RERANKER).quality.mean)
    assert [option.spec for option in found.options] == [option.spec for option in expected.options]
    assert [option.alike for option in found.options] == [option.alike for option in expected.options]


def test_a_smaller_depth_has_its_own_quality_and_latency(app: App, plan: BenchmarkPlan) -> None:
    found = app.chooser.choose(plan, Limits(depth=5))
    points = {point.system: point for point in app.results.sweep(plan, "nDCG@10") if point.depth == 5}
    assert set(points) == {option.spec for option in found.options}
    for option in found.options:
        assert option.quality.mean == pytest.approx(points[option.spec].mean)
        if option.spec != NO_RERANKER:
            assert option.cost.p95_ms == points[option.spec].p95_ms


def test_another_measure_has_its_own_tests(app: App, plan: BenchmarkPlan) -> None:
    found = app.chooser.choose(plan, Limits(measure="RR@10"))
    rows = {row.spec: row for row in app.results.of(plan).rows}
    assert found.measure == "RR@10"
    assert [option.quality for option in found.options] == sorted(
        (row.measures["RR@10"] for row in rows.values()), key=lambda cell: -cell.mean
    )


@pytest.mark.parametrize("wrong", [{"measure": "P@3"}, {"depth": 7}, {"device": "cuda"}])
def test_what_the_benchmark_has_not_is_refused(app: App, plan: BenchmarkPlan, wrong: dict[str, str | int]) -> None:
    with pytest.raises(InvalidInputError, match=f"no {next(iter(wrong))} .* Allowed: "):
        app.chooser.choose(plan, Limits(**wrong))  # type: ignore[arg-type]  # by name


def test_a_price_needs_the_price_of_the_machine(app: App, plan: BenchmarkPlan) -> None:
    found = app.chooser.choose(plan, Limits(axis=Axis.PRICE))
    assert found.option("bm25").reasons[0].todo.startswith("Set machine_per_hour in [prices]")
    paid = priced(app, Prices(machine_per_hour=3.6, currency="EUR")).choose(plan, Limits(axis=Axis.PRICE))
    # Mean of 20 ms * (1, 1.1, ... 1.4) is 24 ms: 24 s at 0.001 EUR.
    assert paid.option("bm25").cost.price == pytest.approx(0.024)
    assert "0.036 EUR per 1,000 queries" in paid.sentence


def test_a_failing_and_an_unfinished_system_are_told(app: App, sample: Collection, few: tuple[str, ...]) -> None:
    plan = finished_plan(
        app, sample.name, QUALITY, name="depth 7", depth=7, queries=few, failing={"bm25": 3}, missing={"maxsim": 2}
    )
    found = app.chooser.choose(plan)
    assert found.open == ("maxsim",)
    assert "bm25 failed on 3" in found.notes[0]
    assert "Not complete and so not compared: maxsim." in found.notes


def test_nothing_complete_and_nothing_judged(app: App, sample: Collection, few: tuple[str, ...]) -> None:
    missing = dict.fromkeys(QUALITY, 1)
    unfinished = finished_plan(app, sample.name, QUALITY, name="depth 6", depth=6, queries=few, missing=missing)
    found = app.chooser.choose(unfinished)
    assert (found.sentence, found.options, set(found.open)) == (NOTHING_COMPLETE, (), set(QUALITY))
    unjudged = app.chooser.choose(replace(unfinished, id="other", category="no such category"))
    assert (unjudged.sentence, unjudged.recommended) == (NO_LABELS, None)


def test_what_people_say_stands_beside(app: App, sample: Collection, plan: BenchmarkPlan) -> None:
    assert app.chooser.choose(plan).opinion is None
    names = {spec: app.systems.resolve(spec).fingerprint for spec in ("bm25", "bi-encoder", "maxsim")}
    poll = Poll(app.store, sample.fingerprint, [f"q{number}" for number in range(40)])
    said = ["maxsim < bi-encoder", "maxsim < bm25", "bi-encoder < bm25", "bm25 > maxsim", "bi-encoder > maxsim"] * 4
    said += ["bm25 < maxsim", "bm25 < bi-encoder", "bi-encoder < maxsim", "bi-encoder = maxsim"]
    for voter in range(10):
        poll.votes(f"v{voter}", said, names)
    found = app.chooser.choose(plan)
    assert found.recommended is not None
    assert found.recommended.spec == "bi-encoder"  # not moved by any vote
    assert found.opinion is not None
    assert (found.opinion.votes, found.opinion.agrees) == (240, False)
    assert found.opinion.sentence.startswith("240 votes of 10 people rank bi-encoder 2nd of ")
    assert "maxsim leads" in found.opinion.sentence
    best = app.chooser.choose(replace(plan, id="two", systems=("first-stage", "maxsim")))
    assert best.opinion is not None
    assert best.opinion.agrees is True


def test_a_voter_sees_no_choice(app: App, plan: BenchmarkPlan) -> None:
    seen = app.seen_by(Actor(id="vera", role=Role.VOTER))
    with pytest.raises(NotAllowedError, match="benchmarks"):
        seen.chooser.choose(plan)


def test_what_can_be_chosen(app: App, plan: BenchmarkPlan) -> None:
    offered = app.chooser.offered(plan)
    assert (offered.measures, offered.depths) == (("nDCG@10", "AP", "RR@10", "R@100"), (10, 5))
    assert (offered.devices, offered.licences, offered.language) == (("cpu",), ("apache-2.0", "mit"), "en")
    assert app.chooser.snippet("bi-encoder", plan).standalone
