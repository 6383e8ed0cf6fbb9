"""Terms of a text and the places that match a query."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.measures.analysis import STOP_WORDS, Analyzer
from core.measures.terms import matching_spans


def marked(query: str, text: str) -> list[str]:
    return [text[start:end] for start, end in matching_spans(query, text)]


def test_terms_are_lower_case_stemmed_and_without_stop_words() -> None:
    assert Analyzer().stems("The Operators' ferries, and THE 9 o'clock run-ning!") == [
        "oper", "ferri", "9", "o'clock", "run", "ning",
    ]  # fmt: skip


def test_both_apostrophes_are_one() -> None:
    assert Analyzer().stems("operator's") == Analyzer().stems("operator\u2019s") == ["oper"]


def test_the_stop_words_are_lucenes() -> None:
    assert len(STOP_WORDS) == 33
    assert Analyzer().stems(" ".join(STOP_WORDS)) == []


def test_matches_are_found_across_inflection_and_case() -> None:
    assert marked("cancelled ferries", "A ferry was CANCELLED; cancelling ferries costs.") == [
        "ferry", "CANCELLED", "cancelling", "ferries",
    ]  # fmt: skip


def test_stop_words_and_parts_of_words_do_not_match() -> None:
    assert marked("is it the boat", "It is the boatman's lifeboat") == []


def test_codes_and_numbers_match() -> None:
    assert marked("error BK-417 at 9", "BK-417: retry at 9, not 19") == ["BK", "417", "9"]


def test_nothing_matches_nothing() -> None:
    assert matching_spans("", "text") == matching_spans("text", "") == ()


@given(st.text(), st.text())
def test_spans_lie_in_the_text_in_order(query: str, text: str) -> None:
    spans = matching_spans(query, text)
    wanted = set(Analyzer().stems(query))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    assert all(set(Analyzer().stems(text[start:end])) & wanted for start, end in spans)


@given(st.text(alphabet="abc İıß'\u2019日本_9", max_size=30))
def test_a_text_matches_itself_wherever_it_has_terms(text: str) -> None:
    assert len(matching_spans(text, text)) == len(Analyzer().stems(text))
    assert [term.stem for term in Analyzer().terms(text)] == Analyzer().stems(text)
