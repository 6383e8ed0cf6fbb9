"""Structured prompts to one string, and the shortening of documents that makes it fit.

A prompt is tokenised whole (parts tokenised by themselves give other tokens). Where it does not fit, only its
document parts are shortened: every document may keep the same number of tokens B, the largest for which
sum_i min(len_i, B) fits, so short documents stay whole and only the long ones pay. Instruction and query are
never touched; if they alone do not fit, that is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.errors import BadAnswerError
from core.domain.requests import Cut, Message, Part, Prompt

Encode = Callable[[str], Sequence[int]]  # text -> character offsets (n_tokens,) where its tokens end
Render = Callable[[Sequence[tuple[str, str]]], str]  # (role, content) of every message -> text

# Private-use characters: stand where a document goes while the messages are rendered, so that a template that
# trims or quotes its content cannot lose track of where documents are.
_OPEN, _CLOSE = "\ue000", "\ue001"
_ASKED = "\ue004"  # stands before the first part that is a query, where somebody wants to know where that is
_NO_MARKS = dict.fromkeys(range(0xE000, 0xE005))


class PromptTooLongError(BadAnswerError):
    """Instruction and query alone do not fit, so shortening documents cannot help."""

    def __init__(self, model: str, tokens: int, limit: int) -> None:
        super().__init__(
            f"{model} reads at most {limit} tokens, and {tokens} are needed without any document text. "
            "Shorten the query, or choose a model with a longer input."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A rendered prompt within its limit. ``tokens``: of the whole text, without special tokens around it.

    ``spans``: (begin, end) of each document in the text, in the order in which the prompt names them, None where the
    rendering left it out; ``asked``: where the first query begins, None where that was not asked or there is none.
    """

    text: str
    tokens: int
    cuts: tuple[Cut, ...] = ()
    spans: tuple[tuple[int, int] | None, ...] = ()
    asked: int | None = None


def join_messages(messages: Sequence[tuple[str, str]]) -> str:
    """The rendering without a chat template: contents as they stand, one line break between two messages."""
    return "\n".join(content for _, content in messages)


def fit(
    prompt: Prompt,
    render: Render,
    clean: Callable[[str], str],
    encode: Encode,
    limit: int,
    model: str,
    count: Callable[[str], int] | None = None,
    *,
    places: bool = False,
) -> Fitted:
    """Render ``prompt``; shorten its documents until the text has at most ``limit`` tokens.

    ``clean`` makes query and document text harmless (no control tokens). ``count``: the number of tokens of a text,
    where that is known sooner than their offsets. ``places``: find the first query. PromptTooLongError if no budget
    fits.
    """
    count = count or (lambda text: len(encode(text)))
    documents = [part for message in prompt.messages for part in message.parts if part.kind == "document"]
    template = render(_with_places(prompt.messages, clean, places=places))
    texts = [clean(_plain(part.text)) for part in documents]
    whole, spans, asked = _fill(template, texts)
    tokens = count(whole)
    if tokens <= limit:
        return Fitted(text=whole, tokens=tokens, spans=spans, asked=asked)
    ends = [encode(text) for text in texts]
    lengths = [len(end) for end in ends]
    room = limit - (tokens - sum(lengths))
    while True:  # the budget falls in every round, so at most ``limit`` rounds; mostly one or two
        budget = share(lengths, room)
        if budget < 1:
            raise PromptTooLongError(model, tokens - sum(lengths), limit)
        kept = [text if len(end) <= budget else text[: end[budget - 1]] for text, end in zip(texts, ends, strict=True)]
        text, spans, asked = _fill(template, kept)
        used = count(text)
        if used <= limit:
            cuts = _cuts(documents, lengths, budget)
            return Fitted(text=text, tokens=used, cuts=cuts, spans=spans, asked=asked)
        room -= used - limit


def share(lengths: Sequence[int], room: int) -> int:
    """The largest B with sum(min(length, B)) <= room; 0 where not even one token each fits."""
    left, waiting = room, len(lengths)
    for length in sorted(lengths):
        if length * waiting > left:
            return max(0, left // waiting)
        left, waiting = left - length, waiting - 1
    return max(lengths, default=0)


def _cuts(documents: Sequence[Part], lengths: Sequence[int], budget: int) -> tuple[Cut, ...]:
    return tuple(
        Cut(document_id=part.document_id or "", tokens=length, kept=budget)
        for part, length in zip(documents, lengths, strict=True)
        if length > budget
    )


def _with_places(
    messages: Sequence[Message], clean: Callable[[str], str], *, places: bool = False
) -> list[tuple[str, str]]:
    rendered: list[tuple[str, str]] = []
    place = 0
    waits = places
    for message in messages:
        content = ""
        for part in message.parts:
            if part.kind == "document":
                content += f"{_OPEN}{place}{_CLOSE}"
                place += 1
            elif part.kind == "query":
                content += (_ASKED if waits else "") + clean(_plain(part.text))
                waits = False
            else:
                content += _plain(part.text)
        rendered.append((message.role, content))
    return rendered


def _fill(template: str, texts: Sequence[str]) -> tuple[str, tuple[tuple[int, int] | None, ...], int | None]:
    """Documents into their places, from the left, in one pass: a document cannot hold a place of its own. The text,
    where each document is in it, and where the first query begins."""
    spans: list[tuple[int, int] | None] = [None] * len(texts)
    asked: int | None = None
    found = ""
    for piece in template.split(_OPEN):
        number, closed, after = piece.partition(_CLOSE)
        if closed:
            place = int(number)
            spans[place] = spans[place] or (len(found), len(found) + len(texts[place]))
            found += texts[place]
        else:
            after = piece
        before, mark, behind = after.partition(_ASKED)
        if mark and asked is None:
            asked = len(found) + len(before)
        found += before + behind.replace(_ASKED, "")
    return found, tuple(spans), asked


def _plain(text: str) -> str:
    """Text without the private-use characters that this module and its callers use as marks."""
    return text.translate(_NO_MARKS)
