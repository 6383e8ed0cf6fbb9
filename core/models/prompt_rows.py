"""Structured prompts as rows of an embedding model, with the places of their marks.

A prompt says everything itself: the prefixes and the suffix of ``Embed`` are not added. A chat template writes its
own special tokens; other prompts get those that the tokenizer puts around a text, so that a mean or a last token is
taken of what the model was trained to read. Marks are special tokens of the model (jina-reranker-v3:
``<|embed_token|>`` behind every passage, ``<|rerank_token|>`` behind the query); they are taken out of query and
documents, so that the marks that are found are those that the strategy wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.errors import BadAnswerError
from core.domain.models import ModelEntry
from core.domain.requests import Cut, EmbedPrompt, Prompt, Usage
from core.models.bounded import BoundedMemory
from core.models.chat import ChatRenderer
from core.models.inputs import Input
from core.models.prompts import Render, fit
from core.models.tokens import Frame, TextTokenizer

CACHED_BYTES = 32 * 2**20
_ENTRY_BYTES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PromptRow:
    """``row``: what the model reads; ``places``: (n_marks,) of the marks in it, ascending."""

    row: Input
    places: tuple[int, ...]
    cuts: tuple[Cut, ...]

    @property
    def usage(self) -> Usage:
        """Tokens read, and the documents that were shortened."""
        return Usage(prompt_tokens=len(self.row), cuts=self.cuts)


class PromptRows:
    """Renders and tokenises for one model; each request once."""

    def __init__(
        self, entry: ModelEntry, tokenizer: TextTokenizer, frame: Frame, max_length: int, *, lower: bool
    ) -> None:
        """``frame``: the tokenizer's own special tokens around one text; ``lower``: texts are read in lower case."""
        self._id, self._tokenizer, self._frame, self._max_length = entry.id, tokenizer, frame, max_length
        self._renderer = ChatRenderer(tokenizer, entry.option("thinking"))
        self._lower = lower
        self._rows: BoundedMemory[EmbedPrompt, PromptRow] = BoundedMemory(CACHED_BYTES)

    def row(self, request: EmbedPrompt) -> PromptRow:
        """The row of one request. PromptTooLongError; BadAnswerError where a mark is no token of the model or none of
        the marks stands in the prompt."""
        found = self._rows.get(request)
        if found is None:
            found = self._made(request)
            texts = sum(len(part.text) for message in request.prompt.messages for part in message.parts)
            self._rows.put(request, found, found.row.ids.nbytes + texts + _ENTRY_BYTES)
        return found

    def forget(self) -> None:
        """Empty the caches of rows and of renderings."""
        self._rows.clear()
        self._renderer.forget()

    def _made(self, request: EmbedPrompt) -> PromptRow:
        marks = [self._mark(mark) for mark in request.marks]
        chat = self._renderer.is_chat(request.prompt)
        fitted = fit(
            request.prompt,
            self._render_for(request.prompt),
            self._cleaner(request.marks),
            lambda text: self._tokenizer.encode(text).ends.tolist(),
            self._max_length - (0 if chat else self._frame.size),
            self._id,
            lambda text: len(self._tokenizer.ids(text)),
        )
        own = self._tokenizer.ids(fitted.text)
        ids, types = (own.astype(np.int64), np.zeros(len(own), dtype=np.int64)) if chat else self._frame.build(own)
        if not len(ids):
            raise BadAnswerError(f"{self._id}: the prompt has no token, so there is nothing to embed.")
        places = tuple(np.flatnonzero(np.isin(ids, marks)).tolist()) if marks else ()
        if marks and not places:
            raise BadAnswerError(f"{self._id}: none of the marks {', '.join(request.marks)} stands in the prompt.")
        row = Input(ids=ids, types=types, total=len(own), kept=len(own))
        return PromptRow(row=row, places=places, cuts=fitted.cuts)

    def _mark(self, mark: str) -> int:
        ids = self._tokenizer.ids(mark)
        if len(ids) != 1 or int(ids[0]) not in self._tokenizer.raw.added_tokens_decoder:
            raise BadAnswerError(f"{self._id} has no token {mark!r}; it was not trained with this mark.")
        return int(ids[0])

    def _render_for(self, prompt: Prompt) -> Render:
        render = self._renderer.render_for(prompt)
        return (lambda messages: render(messages).lower()) if self._lower else render

    def _cleaner(self, marks: Sequence[str]) -> Callable[[str], str]:
        def clean(text: str) -> str:
            while any(mark in text for mark in marks):  # what is left may join to another one
                for mark in marks:
                    text = text.replace(mark, "")
            text = self._renderer.clean(text)
            return text.lower() if self._lower else text

        return clean
