"""Requests of a causal language model as token ids; each is rendered and tokenised once.

Whole prompts are tokenised, never parts. What repeats is remembered exactly: the rendering of messages (all
documents of a query share it), the token ids by text, the finished rows by request, and the tokens of a label by
the text after the prompt's last special token. That token ends what came before for every tokenizer of the
tokenizers library (added tokens are split off before anything else), so the label's tokens depend on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.errors import BadAnswerError
from core.domain.models import ModelEntry
from core.domain.requests import AttentionMass, Cut, Generate, LabelLogprobs, Likelihood, Prompt
from core.models.attended import Attended, attended
from core.models.bounded import BoundedMemory
from core.models.chat import ChatRenderer
from core.models.forced import Forced, Row
from core.models.prompts import fit
from core.models.tokens import Ids, TextTokenizer, frame_of

CACHED_BYTES = 64 * 2**20
_CACHED_TAILS = 2**20
QUERY_ROOM = 256  # tokens that every query may have without costing documents any, in AttentionMass
_ENTRY_BYTES = 1_000  # an entry's objects beside its arrays and its text
Tail = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """A prompt that leaves room for what follows it. ``before``: special tokens that the tokenizer puts first (a chat
    template writes its own); ``ids``: of before and text; ``spans`` and ``asked``: as in ``Fitted``."""

    text: str
    before: Tail
    ids: Ids
    cuts: tuple[Cut, ...]
    spans: tuple[tuple[int, int] | None, ...] = ()
    asked: int | None = None


class PromptEncoder:
    """Encodes for one model, whose longest input is ``max_length`` tokens."""

    def __init__(self, entry: ModelEntry, tokenizer: TextTokenizer, max_length: int) -> None:
        self.max_length = max_length
        self._id, self._tokenizer = entry.id, tokenizer
        self._renderer = ChatRenderer(tokenizer, entry.option("thinking"))
        self._before = frame_of(tokenizer, pair=False).before
        self._borders = _border_tokens(tokenizer)
        self._works: BoundedMemory[tuple[Prompt, tuple[str, ...], object], Forced] = BoundedMemory(CACHED_BYTES)
        self._prompts: BoundedMemory[tuple[Prompt, int], Encoded] = BoundedMemory(CACHED_BYTES)
        self._attended: BoundedMemory[Prompt, Attended] = BoundedMemory(CACHED_BYTES)
        self._tails: BoundedMemory[tuple[str, str], Tail] = BoundedMemory(_CACHED_TAILS)

    def forced(self, request: LabelLogprobs | Likelihood) -> Forced:
        """The rows of one request. PromptTooLongError; BadAnswerError where a part of it has no token."""
        key: tuple[Prompt, tuple[str, ...], object]
        if isinstance(request, LabelLogprobs):
            key = (request.prompt, request.labels, (request.raw, request.exit_layer))
        else:
            key = (request.prompt, (request.continuation,), None)
        found = self._works.get(key)
        if found is None:
            found = self._labels(request) if isinstance(request, LabelLogprobs) else self._continued(request)
            size = sum(row.ids.nbytes + 200 * len(row.wanted) for row in found.rows)
            self._works.put(key, found, size + _text_bytes(request.prompt))
        return found

    def opening(self, request: Generate) -> Encoded:
        """The prompt of a text to generate."""
        key = (request.prompt, request.max_tokens)
        found = self._prompts.get(key)
        if found is None:
            found = self.prompt(*key)
            self._prompts.put(key, found, found.ids.nbytes + len(found.text) + _text_bytes(request.prompt))
        return found

    def attended(self, request: AttentionMass) -> Attended:
        """The prompt, the tokens of its documents and query told apart. BadAnswerError where it lacks one."""
        found = self._attended.get(request.prompt)
        if found is None:
            prompt = self.prompt(request.prompt, self._query_room(request.prompt), places=True)
            ends = self._tokenizer.encode(prompt.text).ends
            found = attended(self._id, prompt.ids, ends, prompt.spans, prompt.asked, prompt.cuts)
            self._attended.put(request.prompt, found, found.ids.nbytes + _text_bytes(request.prompt))
        return found

    def prompt(self, prompt: Prompt, room: int, *, places: bool = False) -> Encoded:
        """Render and shorten so that ``room`` more tokens fit; ``places``: also find the first query."""
        before = () if self._renderer.is_chat(prompt) else self._before
        fitted = fit(
            prompt,
            self._renderer.render_for(prompt),
            self._renderer.clean,
            lambda text: self._tokenizer.encode(text).ends.tolist(),
            self.max_length - room - len(before),
            self._id,
            lambda text: len(self._tokenizer.ids(text)),
            places=places,
        )
        ids = _joined(before, self._tokenizer.ids(fitted.text))
        if not len(ids):
            raise BadAnswerError(f"{self._id}: the prompt has no token; a model cannot go on from nothing.")
        return Encoded(
            text=fitted.text, before=before, ids=ids, cuts=fitted.cuts, spans=fitted.spans, asked=fitted.asked
        )

    def _query_room(self, prompt: Prompt) -> int:
        """Tokens to spare beside a short query, so that documents are cut alike whatever the query is."""
        used = self._bare(prompt, {"text", "query"}) - self._bare(prompt, {"text"})
        return max(0, min(QUERY_ROOM, self.max_length // 16) - used)

    def _bare(self, prompt: Prompt, kinds: set[str]) -> int:
        """Tokens of the prompt with parts of these kinds alone."""
        texts = [
            (message.role, "".join(self._renderer.clean(part.text) for part in message.parts if part.kind in kinds))
            for message in prompt.messages
        ]
        return len(self._tokenizer.ids(self._renderer.render_for(prompt)(texts)))

    def room(self, follows: Sequence[str]) -> int:
        """Tokens to leave for the longest of ``follows``; two to spare, since joining may split differently."""
        return 2 + max((len(self._tokenizer.ids(self._renderer.clean(text))) for text in follows), default=0)

    def forget(self) -> None:
        """Empty all caches, the tokenizer's too."""
        for memory in (self._works, self._prompts, self._attended, self._tails):
            memory.clear()
        self._renderer.forget()
        self._tokenizer.forget()

    def _labels(self, request: LabelLogprobs) -> Forced:
        prompt = self.prompt(request.prompt, self.room(request.labels))
        tails = self._label_tails(prompt, request.labels)
        if request.raw:  # of the first token alone
            tails = [tail[:1] for tail in tails]
        rows, reads = label_rows(prompt.ids, tails, raw=request.raw, exit_layer=request.exit_layer)
        return Forced(rows=rows, reads=reads, tokens=len(prompt.ids), cuts=prompt.cuts)

    def _label_tails(self, prompt: Encoded, labels: Sequence[str]) -> list[Tail]:
        section = self._section(prompt)
        if section is None:
            return [self._tail(prompt, label) for label in labels]
        found: list[Tail] = []
        for label in labels:
            tail = self._tails.get((section, label))
            if tail is None:
                tail = self._tail(prompt, label)
                self._tails.put((section, label), tail, _ENTRY_BYTES + len(section))
            found.append(tail)
        return found

    def _section(self, prompt: Encoded) -> str | None:
        """The text after the last special token of the prompt; None where there is none."""
        place = max(
            (prompt.text.rfind(border) + len(border) for border in self._borders if border in prompt.text), default=-1
        )
        return prompt.text[place:] if place >= 0 else None

    def _tail(self, prompt: Encoded, label: str) -> Tail:
        """Tokens of ``label`` after the prompt; by itself where joining would change the prompt's own tokens."""
        whole = _joined(prompt.before, self._tokenizer.ids(prompt.text + label))
        joins = np.array_equal(whole[: len(prompt.ids)], prompt.ids)
        tail = whole[len(prompt.ids) :] if joins else self._tokenizer.ids(label)
        if not len(tail):
            raise BadAnswerError(f"{self._id}: label {label!r} has no token.")
        return tuple(tail.tolist())

    def _continued(self, request: Likelihood) -> Forced:
        prompt = self.prompt(request.prompt, self.room((request.continuation,)))
        text = prompt.text + self._renderer.clean(request.continuation)
        ids = _joined(prompt.before, self._tokenizer.ids(text))
        if np.array_equal(ids[: len(prompt.ids)], prompt.ids):
            begin = len(prompt.ids)
        else:  # a token lies across the boundary
            begin = len(prompt.before) + int((self._tokenizer.encode(text).ends <= len(prompt.text)).sum())
        if not 0 < begin < len(ids):
            raise BadAnswerError(f"{self._id}: the prompt or its continuation {request.continuation!r} has no token.")
        wanted = tuple((place, token) for place, token in enumerate(ids[begin:].tolist(), start=begin - 1))
        row = Row(ids=ids[:-1], wanted=wanted)
        return Forced(rows=(row,), reads=((0, 0, len(wanted)),), tokens=len(ids), cuts=prompt.cuts)


def label_rows(
    prompt: Ids, tails: Sequence[Tail], *, raw: bool = False, exit_layer: int | None = None
) -> tuple[tuple[Row, ...], tuple[tuple[int, int, int], ...]]:
    """Rows that cover all labels: labels that differ only in their last token share one.

    Returns the rows, and for each label (row, begin, end) of its values.
    """
    stems: dict[Tail, list[tuple[int, int]]] = {}
    begins: list[int] = []
    for tail in tails:
        wanted = stems.setdefault(tail[:-1], [])
        begins.append(len(wanted))
        wanted += [(len(prompt) - 1 + step, token) for step, token in enumerate(tail)]
    index = {stem: row for row, stem in enumerate(stems)}
    rows = tuple(
        Row(
            ids=np.concatenate([prompt, np.asarray(stem, dtype=np.int32)]) if stem else prompt,
            wanted=tuple(wanted),
            raw=raw,
            exit_layer=exit_layer,
        )
        for stem, wanted in stems.items()
    )
    reads = zip(tails, begins, strict=True)
    return rows, tuple((index[tail[:-1]], begin, begin + len(tail)) for tail, begin in reads)


def _joined(before: Tail, ids: Ids) -> Ids:
    return np.concatenate([np.asarray(before, dtype=np.int32), ids]) if before else ids


def _text_bytes(prompt: Prompt) -> int:
    """What keeping a prompt as a key may keep alive; a character counts as one byte."""
    return _ENTRY_BYTES + sum(len(part.text) for message in prompt.messages for part in message.parts)


def _border_tokens(tokenizer: TextTokenizer) -> list[str]:
    """Special tokens that are found in any text as they are written, with nothing taken from their left."""
    added = tokenizer.raw.added_tokens_decoder.values()
    return [t.content for t in added if t.special and not (t.normalized or t.lstrip or t.single_word)]
