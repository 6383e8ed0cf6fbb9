"""The contract suite: every built-in strategy keeps it, and every way to break it is found."""

from dataclasses import dataclass

import pytest

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.domain.capabilities import Capability
from core.domain.requests import Generate, Score, ScoreAnswer
from core.strategies.base import Outcome, Slot, StrategyInfo, ask, by_score, parameter, registered
from core.strategies.contract import check, check_file, sample_candidates
from core.strategies.prompts import chat, passage
from tests.support.strategy_stub import Unmoved

SLOT = (("model", Slot(needs=frozenset({Capability.SCORE}))),)
BUILT_IN = sorted(name for name, info in registered().items() if info.type.__module__.startswith("core.strategies."))


LONG = {"pairwise-path", "prp-all-pair", "tourrank", "tsprank", "duot5", "apohf", "iranker", "prp-heapsort"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.thorough) if name in LONG else name for name in BUILT_IN]
)
def test_built_in_strategies_keep_the_contract(name):
    assert check(registered()[name]) == ()


@dataclass(frozen=True, kw_only=True)
class Scores(Unmoved):
    """Sorts by score. Formula: s. Cost: N. Paper: none."""

    def rerank(self, candidates):
        requests = [Score(query=candidates.query.text, document=document) for document in candidates.documents]
        answers = yield from ask(requests, ScoreAnswer)
        return self.outcome([answer.score for answer in answers])

    def outcome(self, scores):
        return Outcome(order=by_score(scores), scores=tuple(scores))

    def forecast(self, n_docs):
        return n_docs


class Loses(Scores):
    """Drops the last document. Formula: s. Cost: N. Paper: none."""

    def outcome(self, scores):
        return Outcome(order=by_score(scores)[:-1])


class Lists(Scores):
    """Returns a list. Formula: s. Cost: N. Paper: none."""

    def outcome(self, scores):
        return Outcome(order=list(by_score(scores)))


class Upside(Scores):
    """Returns scores that rise. Formula: s. Cost: N. Paper: none."""

    def outcome(self, scores):
        return Outcome(order=by_score(scores), scores=tuple(-score for score in scores))


class Few(Scores):
    """Returns too few scores. Formula: s. Cost: N. Paper: none."""

    def outcome(self, scores):
        return Outcome(order=by_score(scores), scores=tuple(scores[1:]))


class Unstable(Scores):
    """Breaks ties from behind. Formula: s. Cost: N. Paper: none."""

    def outcome(self, scores):
        order = sorted(range(len(scores)), key=lambda position: (-scores[position], -position))
        return Outcome(order=tuple(order), scores=tuple(scores))


class Miscounts(Scores):
    """Forecasts too little. Formula: s. Cost: N. Paper: none."""

    def forecast(self, n_docs):
        return n_docs // 2


class Halves(Scores):
    """Forecasts half calls. Formula: s. Cost: N. Paper: none."""

    def forecast(self, n_docs):
        return n_docs / 2


class Raises(Scores):
    """Trusts that there is a first document. Formula: s. Cost: N. Paper: none."""

    def rerank(self, candidates):
        candidates.documents[0]
        return (yield from super().rerank(candidates))


class Plain(Scores):
    """Is no generator. Formula: s. Cost: N. Paper: none."""

    def rerank(self, candidates):
        return Outcome(order=tuple(range(len(candidates.documents))))


class Endless(Scores):
    """Never stops. Formula: s. Cost: N. Paper: none."""

    def rerank(self, candidates):
        while True:
            yield []


class Empty(Scores):
    """Asks about nothing. Formula: s. Cost: 1. Paper: none."""

    def rerank(self, candidates):
        yield [Generate(prompt=chat("x", *(passage(d) for d in candidates.documents)), max_tokens=5)]
        return Outcome(order=tuple(range(len(candidates.documents))))

    def forecast(self, n_docs):
        return 1


class Elsewhere(Scores):
    """Asks a slot that is not declared. Formula: s. Cost: N. Paper: none."""

    def rerank(self, candidates):
        yield [Score(query="q", document=document, slot="judge") for document in candidates.documents]
        return Outcome(order=tuple(range(len(candidates.documents))))


@dataclass(frozen=True, kw_only=True)
class Restless(Scores):
    """Another order every time. Formula: s. Cost: 0. Paper: none."""

    def rerank(self, candidates):
        yield from ()
        COUNTER.append(1)
        places = list(range(len(candidates.documents)))
        turn = len(COUNTER) % max(1, len(places))
        return Outcome(order=tuple(places[turn:] + places[:turn]))

    def forecast(self, n_docs):
        return 0


COUNTER: list[int] = []


class Meddles(Scores):
    """Changes a document. Formula: s. Cost: N. Paper: none."""

    def rerank(self, candidates):
        for document in candidates.documents:
            object.__setattr__(document, "text", "changed")
        return (yield from super().rerank(candidates))


class Silent(Scores):
    __doc__ = None


@dataclass
class Loose:
    """Is not frozen. Formula: s. Cost: N. Paper: none."""

    rerank = Unmoved.rerank
    forecast = Unmoved.forecast


@dataclass(frozen=True, kw_only=True)
class Unhelpful(Scores):
    """Explains nothing. Formula: s. Cost: N. Paper: none."""

    k: int = 3


@dataclass(frozen=True, kw_only=True)
class OutOfRange(Scores):
    """Has a default that is not allowed. Formula: s. Cost: N. Paper: none."""

    k: int = parameter(0, help="How many.", minimum=1)


def rules(type_, **changes):
    values = {"name": "tried", "version": 1, "family": "pointwise", "title": "Tried", "slots": SLOT} | changes
    return {finding.rule for finding in check(StrategyInfo(type=type_, **values))}


def test_a_good_strategy_has_no_findings():
    assert rules(Scores) == set()


@pytest.mark.parametrize(
    ("type_", "rule"),
    [
        (Loses, "permutation"),
        (Lists, "permutation"),
        (Upside, "scores"),
        (Few, "scores"),
        (Unstable, "stable ties"),
        (Miscounts, "forecast"),
        (Halves, "forecast"),
        (Raises, "runs"),
        (Plain, "runs"),
        (Endless, "runs"),
        (Empty, "no documents"),
        (Empty, "declared requests"),
        (Elsewhere, "declared requests"),
        (Restless, "deterministic"),
        (Meddles, "input untouched"),
        (Silent, "docstring"),
        (Loose, "frozen"),
        (Unhelpful, "parameters"),
        (OutOfRange, "parameters"),
    ],
)
def test_every_break_is_found(type_, rule):
    assert rule in rules(type_)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"name": "Tried It"}, "name"), ({"version": 0}, "version"), ({"title": " "}, "title")],
)
def test_descriptions_are_checked(changes, rule):
    assert rules(Scores, **changes) == {rule}


def test_samples_hold_what_a_corpus_may_hold():
    lists = sample_candidates(10)
    texts = [document.text for document in lists.documents]
    assert "" in texts
    assert len(set(texts)) < len(texts)
    assert len(set(lists.ids)) == 10


def test_findings_read_as_a_line(tmp_path):
    file = tmp_path / "nothing.py"
    file.write_text("x = 1")
    with pytest.raises(Exception, match="registers no strategy"):
        check_file(file)
    finding = check(StrategyInfo(type=Silent, name="tried", version=1, family="pointwise", title="T", slots=SLOT))[0]
    assert str(finding).startswith("tried: docstring: the class's docstring has no 'Formula'")
