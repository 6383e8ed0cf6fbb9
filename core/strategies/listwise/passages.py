"""The passages of listwise prompts: cut to so many words, with identifiers inside them disarmed.

What stands in brackets in a passage ([12], or [B] where passages are lettered) becomes (12), so that no model takes it
for a passage of the list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from core.domain.documents import CandidateList, Document
from core.domain.requests import Part
from core.strategies.permutation import LETTERS
from core.strategies.prompts import document_part

_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"\[(\s*[0-9]+\s*)\]")
_LETTER = re.compile(r"\[(\s*[A-Za-z]\s*)\]")


def identifiers(n: int, *, letters: bool = False) -> tuple[str, ...]:
    """[1], [2] ... or [A], [B] ... (at most 26)."""
    if letters:
        return tuple(f"[{chr(ord('A') + place)}]" for place in range(min(n, LETTERS)))
    return tuple(f"[{place + 1}]" for place in range(n))


def first_words(text: str, words: int) -> str:
    """The text up to the end of its ``words``-th word; the whole text for 0."""
    if not words:
        return text
    ends = [found.end() for found in islice(_WORD.finditer(text), words + 1)]
    return text if len(ends) <= words else text[: ends[words - 1]]


def passage_part(document: Document, *, words: int = 0, letters: bool = False) -> Part:
    """Title and text as a part of a prompt."""
    text = disarm(first_words(document.content, words), letters=letters)
    return document_part(replace(document, title="", text=text))


def rankllm_part(document: Document, *, words: int, letters: bool = False) -> Part:
    """The text as RankLLM lays it out for its trained models: ``Title: T Content: D`` where there is a title that the
    text does not repeat, the first ``words`` words joined by single blanks (0: all)."""
    titled = document.title and not document.text.startswith(document.title)
    text = f"Title: {document.title} Content: {document.text}" if titled else document.text
    kept = text.split()[:words] if words else text.split()
    return Part(text=disarm(" ".join(kept), letters=letters), kind="document", document_id=document.id)


def disarm(text: str, *, letters: bool = False) -> str:
    """[12] as (12), and with ``letters`` [B] as (B)."""
    return (_LETTER if letters else _NUMBER).sub(r"(\1)", text)


def documents_at(candidates: CandidateList, seen: Sequence[int]) -> list[Document]:
    """The documents at these positions."""
    return [candidates.documents[position] for position in seen]
