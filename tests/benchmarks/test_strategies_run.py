"""The run of every strategy: what is asked for, and what the table says."""

import pytest

from benchmarks.strategies import END, LARGE, NEW_TOKENS, SMALL, START, Line, capped, document, table
from core.services.strategies import Described, example_members
from core.strategies.base import find
from core.strategies.notation import Spec, format_spec, parse
from core.strategies.parameters import parameters_of
from core.strategies.resolve import resolve
from tests.support.judges import find_model


def described(name: str) -> Described:
    info = find(name)
    members = tuple(parse(member) for member in example_members(info))
    spec = format_spec(Spec(strategy=name, members=members))
    return Described(info=info, parameters=parameters_of(info), formula="", spec=spec, reason="")


@pytest.mark.parametrize("name", ["listwise", "iranker", "reason-rank", "self-consistency"])
def test_no_answer_may_be_longer_than_the_limit(name):
    system = resolve(capped(described(name)), find_model)
    limits = [dict(part.parameters).get("max_tokens") for part in (system, *system.members)]
    assert [limit for limit in limits if limit is not None]
    assert all(limit is None or limit == NEW_TOKENS for limit in limits)


def test_what_writes_nothing_is_left_as_it_is():
    assert capped(described("yes-no")) == "yes-no"
    assert capped(described("prp-heapsort")) == "prp-heapsort"  # reads probabilities unless it is told to write


def test_a_failure_is_a_line_of_its_own():
    system = resolve("yes-no", find_model)
    good = Line(system=system, family="pointwise", size=SMALL, ndcg=0.5, low=0.25, high=0.75, calls=10, cached=0.5)
    bad = Line(system=system, family="pointwise", size=SMALL, failure="3 non-finite scores")
    head, rule, first, second = table([good, bad]).splitlines()
    assert head.count("|") == rule.count("|") == first.count("|") == second.count("|")
    assert "0.500 (0.250 to 0.750)" in first
    assert "50%" in first
    assert "failed: 3 non-finite scores" in second


def test_the_document_says_where_and_at_which_size():
    text = document([], [], "a machine", 12.4)
    assert text.startswith(START)
    assert text.endswith(END)
    assert "a machine, 12 minutes" in text
    assert f"{SMALL.queries} queries, depth {SMALL.depth}" in text
    assert f"{LARGE.queries} queries, depth {LARGE.depth}" in text
