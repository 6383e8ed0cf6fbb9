"""Passages of listwise prompts: words counted, identifiers disarmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import Document
from core.strategies.listwise.passages import disarm, first_words, identifiers, passage_part, rankllm_part


@pytest.mark.parametrize(
    ("words", "kept"),
    [(0, " one  two\nthree "), (1, " one"), (2, " one  two"), (3, " one  two\nthree "), (9, " one  two\nthree ")],
)
def test_first_words(words, kept):
    assert first_words(" one  two\nthree ", words) == kept


@given(st.text(max_size=80), st.integers(1, 9))
def test_a_cut_text_has_the_first_words(text, words):
    kept = first_words(text, words)
    assert text.startswith(kept)
    assert kept.split() == text.split()[:words]


def test_identifiers_have_brackets():
    assert identifiers(3) == ("[1]", "[2]", "[3]")
    assert identifiers(3, letters=True) == ("[A]", "[B]", "[C]")
    assert identifiers(26, letters=True)[-1] == "[Z]"


def test_identifiers_in_passages_are_disarmed():
    assert disarm("see [12] and [ 3 ], [A] [x]") == "see (12) and ( 3 ), [A] [x]"
    assert disarm("see [12] and [ B ], [A] [ab]", letters=True) == "see [12] and ( B ), (A) [ab]"


def test_a_passage_of_our_own_prompts():
    part = passage_part(Document(id="d", text="One [2] three four", title="Head"), words=4)
    assert (part.text, part.kind, part.document_id) == ("Head\nOne (2) three", "document", "d")


def test_a_passage_as_rankllm_lays_it_out():
    document = Document(id="d", text="One \n [2] three  four", title="Head")
    assert rankllm_part(document, words=300).text == "Title: Head Content: One (2) three four"
    assert rankllm_part(document, words=5).text == "Title: Head Content: One (2)"
    assert rankllm_part(Document(id="d", text=" a  b c "), words=2).text == "a b"
    assert rankllm_part(Document(id="d", text="Head and more", title="Head"), words=0).text == "Head and more"
    assert rankllm_part(document, words=0).document_id == "d"
