"""Requests of an encoder-decoder as token ids: what the encoder reads, and what the decoder is made to write.

The encoder reads the prompt with the special tokens that the tokenizer puts around a text (T5: </s> behind it). The
decoder begins with its start token; a prompt whose last turn is the assistant's goes on there, so that turn is the
decoder's and not the encoder's. Labels and continuations are tokenised as the begin of a text of their own, which is
what T5's targets are ("true" is the one token that SentencePiece writes with a leading blank). The end token after a
continuation is not counted: a likelihood is that of the words that were asked for, the same as of causal models and
endpoints. Only documents are shortened (core/models/prompts.py), never a query or an instruction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.domain.errors import BadAnswerError
from core.domain.models import ModelEntry
from core.domain.requests import Cut, GenerateFused, LabelLogprobs, Likelihood, Message, Prompt
from core.models.bounded import BoundedMemory
from core.models.chat import ChatRenderer
from core.models.forced import Row as Forced
from core.models.prompt_encoder import Tail, label_rows
from core.models.prompts import fit
from core.models.tokens import Frame, Ids, Row, TextTokenizer, frame_of

CACHED_BYTES = 64 * 2**20
_ENTRY_BYTES = 1_000  # an entry's objects beside its arrays and its text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """One input of the encoder. ``opening``: what the decoder has written already, "" where it begins."""

    ids: Row
    opening: str
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """What one request runs. ``texts``: the inputs that its decoder reads together; ``rows``: of the decoder, with what
    is wanted of them; ``reads``: for each label (or the one continuation) the (row, begin, end) of its values."""

    texts: tuple[Row, ...]
    rows: tuple[Forced, ...]
    reads: tuple[tuple[int, int, int], ...]
    cuts: tuple[Cut, ...]

    @property
    def read(self) -> int:
        """Tokens of the encoder's inputs."""
        return sum(map(len, self.texts))

    @property
    def written(self) -> int:
        """Tokens that the decoder is given."""
        return sum(len(row.ids) for row in self.rows)


class Seq2SeqInputs:
    """Encodes for one model. ``start``: the decoder's start token."""

    def __init__(self, entry: ModelEntry, tokenizer: TextTokenizer, max_length: int, start: int) -> None:
        self._id, self._tokenizer, self._max_length, self._start = entry.id, tokenizer, max_length, start
        self._renderer = ChatRenderer(tokenizer, entry.option("thinking"))
        self._frame: Frame = frame_of(tokenizer, pair=False)
        self._encoded: BoundedMemory[Prompt, Encoded] = BoundedMemory(CACHED_BYTES)
        self._works: BoundedMemory[LabelLogprobs | Likelihood, Work] = BoundedMemory(CACHED_BYTES)

    def forced(self, request: LabelLogprobs | Likelihood) -> Work:
        """The rows of one request. PromptTooLongError; BadAnswerError where a label has no token."""
        found = self._works.get(request)
        if found is None:
            found = self._labels(request) if isinstance(request, LabelLogprobs) else self._continued(request)
            arrays = found.read * 8 + sum(row.ids.nbytes + 200 * len(row.wanted) for row in found.rows)
            self._works.put(request, found, arrays + _text_bytes(request.prompt))
        return found

    def fused(self, request: GenerateFused) -> Work:
        """The inputs of one text that is written after reading several."""
        if not request.prompts:
            raise BadAnswerError(f"{self._id}: fusion in the decoder needs at least one prompt, none was given.")
        return self.opening(*request.prompts)

    def opening(self, *prompts: Prompt) -> Work:
        """The inputs of a text to generate, and the row that the decoder begins with."""
        found = [self.prompt(prompt) for prompt in prompts]
        row = Forced(ids=self._prefix(self._tokenizer.ids(found[0].opening)), wanted=())
        cuts = tuple(cut for encoded in found for cut in encoded.cuts)
        return Work(texts=tuple(encoded.ids for encoded in found), rows=(row,), reads=(), cuts=cuts)

    def prompt(self, prompt: Prompt) -> Encoded:
        """Render, shorten and tokenise; each prompt once."""
        found = self._encoded.get(prompt)
        if found is None:
            found = self._prompt(prompt)
            self._encoded.put(prompt, found, found.ids.nbytes + _text_bytes(prompt))
        return found

    def forget(self) -> None:
        """Empty all caches, the tokenizer's too."""
        self._encoded.clear()
        self._works.clear()
        self._renderer.forget()
        self._tokenizer.forget()

    def _prompt(self, prompt: Prompt) -> Encoded:
        asked, opening = self._split(prompt)
        framed = not self._renderer.is_chat(asked)  # a chat template writes its own special tokens
        fitted = fit(
            asked,
            self._renderer.render_for(asked),
            self._renderer.clean,
            lambda text: self._tokenizer.encode(text).ends.tolist(),
            self._max_length - (self._frame.size if framed else 0),
            self._id,
            lambda text: len(self._tokenizer.ids(text)),
        )
        own = self._tokenizer.ids(fitted.text)
        ids = self._frame.build(own)[0] if framed else own.astype(np.int64)
        if not len(ids):
            raise BadAnswerError(f"{self._id}: the prompt has no token; there is nothing to read.")
        return Encoded(ids=ids, opening=opening, cuts=fitted.cuts)

    def _split(self, prompt: Prompt) -> tuple[Prompt, str]:
        """What the encoder reads, and the text of a last turn that is the assistant's."""
        if not prompt.messages or prompt.messages[-1].role != "assistant":
            return prompt, ""
        return replace(prompt, messages=prompt.messages[:-1]), _said(prompt.messages[-1], self._renderer.clean)

    def _labels(self, request: LabelLogprobs) -> Work:
        encoded = self.prompt(request.prompt)
        tails = [self._tail(encoded.opening, label) for label in request.labels]
        if request.raw:  # of the first token alone
            tails = [tail[:1] for tail in tails]
        prefix = self._prefix(self._tokenizer.ids(encoded.opening))
        rows, reads = label_rows(prefix, tails, raw=request.raw)
        return Work(texts=(encoded.ids,), rows=rows, reads=reads, cuts=encoded.cuts)

    def _tail(self, opening: str, label: str) -> Tail:
        """Tokens of ``label`` after the opening; by itself where joining would change the opening's own tokens."""
        before, whole = self._tokenizer.ids(opening), self._tokenizer.ids(opening + label)
        joins = np.array_equal(whole[: len(before)], before)
        tail = whole[len(before) :] if joins else self._tokenizer.ids(label)
        if not len(tail):
            raise BadAnswerError(f"{self._id}: label {label!r} has no token.")
        return tuple(tail.tolist())

    def _continued(self, request: Likelihood) -> Work:
        encoded = self.prompt(request.prompt)
        text = encoded.opening + self._renderer.clean(request.continuation)
        before, whole = self._tokenizer.ids(encoded.opening), self._tokenizer.ids(text)
        begin = len(before)
        if not np.array_equal(whole[:begin], before):  # a token across the border belongs to what follows
            begin = int((self._tokenizer.encode(text).ends <= len(encoded.opening)).sum())
        if begin == len(whole):
            raise BadAnswerError(f"{self._id}: the continuation {request.continuation!r} has no token.")
        ids = self._prefix(whole)
        wanted = tuple((begin + place, token) for place, token in enumerate(whole[begin:].tolist()))
        row = Forced(ids=ids[:-1], wanted=wanted)
        return Work(texts=(encoded.ids,), rows=(row,), reads=((0, 0, len(wanted)),), cuts=encoded.cuts)

    def _prefix(self, ids: Ids) -> Ids:
        return np.concatenate([np.asarray([self._start], dtype=np.int32), ids])


def _said(turn: Message, clean: Callable[[str], str]) -> str:
    return "".join(part.text if part.kind == "text" else clean(part.text) for part in turn.parts)


def _text_bytes(prompt: Prompt) -> int:
    """What keeping a prompt as a key may keep alive; a character counts as one byte."""
    return _ENTRY_BYTES + sum(len(part.text) for message in prompt.messages for part in message.parts)
