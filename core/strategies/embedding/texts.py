"""Documents cut to a number of words, as prompts of trained embedding models want them."""

from __future__ import annotations

from dataclasses import replace

from core.domain.documents import Document


def cut_words(document: Document, words: int) -> Document:
    """The document with its first ``words`` words, single blanks between them; its title is part of the text."""
    return replace(document, title="", text=" ".join(document.content.split()[:words]))
