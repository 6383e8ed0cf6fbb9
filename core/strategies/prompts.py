"""Building blocks of prompts: only documents may be shortened, and passages are marked as data.

A passage stands between tags of its own lines; the same tags inside a passage are disarmed, so that no
text of a corpus can end its passage early and pose as an instruction.
"""

from __future__ import annotations

import re

from core.domain.documents import Document
from core.domain.requests import Message, Part, Prompt, Role

OPEN, CLOSE = "<passage>", "</passage>"
_TAG = re.compile(r"<(\s*/?\s*passage)", re.IGNORECASE)
_BRACKETED_NUMBER = re.compile(r"\[(\s*[0-9]+\s*)\]")

Piece = str | Part | tuple[Part, ...]


def query_part(text: str) -> Part:
    """The query: never shortened."""
    return Part(text=text, kind="query")


def document_part(document: Document, *, numbered: bool = False) -> Part:
    """The text of a document, which may be shortened. ``numbered``: identifiers such as [12] become (12)."""
    text = _TAG.sub(r"(\1", document.content)
    if numbered:
        text = _BRACKETED_NUMBER.sub(r"(\1)", text)
    return Part(text=text, kind="document", document_id=document.id)


def passage(document: Document, *, numbered: bool = False) -> tuple[Part, ...]:
    """A document between its tags."""
    return Part(text=f"{OPEN}\n"), document_part(document, numbered=numbered), Part(text=f"\n{CLOSE}")


def message(role: Role, *pieces: Piece) -> Message:
    """One turn made of text, parts and groups of parts, in order."""
    parts: list[Part] = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(Part(text=piece))
        elif isinstance(piece, Part):
            parts.append(piece)
        else:
            parts.extend(piece)
    return Message(role=role, parts=tuple(parts))


def chat(system: str, *user: Piece) -> Prompt:
    """An instruction as the system's turn, then one turn of the user."""
    return Prompt(messages=(message("system", system), message("user", *user)))


def plain(*pieces: Piece) -> Prompt:
    """Running text without a chat template, for a model that is to continue it."""
    return Prompt(messages=(message("user", *pieces),), chat=False)
