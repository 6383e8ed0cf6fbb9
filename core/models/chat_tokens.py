"""Log-probabilities in the replies of OpenAI-compatible endpoints: of labels, and of every token of a text.

Chat completions list tokens under ``logprobs.content`` with the bytes of each, completions list ``logprobs.tokens``
and, aligned, the rivals of each. The tokens are laid along the text that the reply gives: servers list tokens that the
text does not have (thoughts that a reasoning parser took out in front, stop words and end tokens behind), and these are
left out.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.domain.errors import BadAnswerError
from core.domain.requests import WrittenToken
from core.models.replies import Reply

_GAP = 8  # characters that tokens without a legible text may stand for
_LEGIBLE = 0.5  # of the text must be found in the tokens

Rivals = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One token as a server lists it."""

    text: str
    bytes: bytes
    top: Rivals


def first_rivals(logprobs: Reply) -> Rivals:
    """(token, logprob) at the first generated position."""
    if logprobs.maybe("content") is not None:
        return _chat_rivals(logprobs.at("content").first())
    return _rivals(logprobs.at("top_logprobs").first())


def written_tokens(logprobs: Reply, text: str) -> tuple[WrittenToken, ...]:
    """The tokens of ``text``; joined they are the text. BadAnswerError where they do not spell it."""
    listed = _listed(logprobs)
    whole, own = b"".join(token.bytes for token in listed), text.encode("utf-8", "surrogatepass")
    at = whole.rfind(own)
    if not own:
        return ()
    return _spelt(listed, at, len(own)) if at >= 0 else _found(listed, text, logprobs)


def _listed(logprobs: Reply) -> list[Listed]:
    if logprobs.maybe("content") is not None:
        return [
            Listed(text=item.at("token").text(), bytes=_bytes(item), top=_chat_rivals(item))
            for item in logprobs.at("content").items()
        ]
    tokens = [token.text() for token in logprobs.at("tokens").items()]
    tops = logprobs.at("top_logprobs").items()
    if len(tops) != len(tokens):
        raise logprobs.error("tokens and top_logprobs of one length")
    return [
        Listed(text=token, bytes=token.encode("utf-8", "surrogatepass"), top=_rivals(top))
        for token, top in zip(tokens, tops, strict=True)
    ]


def _bytes(item: Reply) -> bytes:
    stated = item.maybe("bytes")
    if stated is None:
        return item.at("token").text().encode("utf-8", "surrogatepass")
    values = [value.whole() for value in stated.items()]
    if any(value > 255 for value in values):
        raise stated.error("a list of bytes")
    return bytes(values)


def _chat_rivals(item: Reply) -> Rivals:
    return tuple((top.at("token").text(), top.at("logprob").number()) for top in item.at("top_logprobs").items())


def _rivals(top: Reply) -> Rivals:
    if not isinstance(top.value, Mapping):
        raise top.error("an object of tokens and log-probabilities")
    return tuple((str(token), top.at(token).number()) for token in top.value)


def _spelt(listed: Sequence[Listed], begin: int, length: int) -> tuple[WrittenToken, ...]:
    """The tokens of ``length`` bytes from ``begin``, cut to them; half a character gains nothing."""
    found: list[WrittenToken] = []
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    start = 0
    for token in listed:
        end = start + len(token.bytes)
        own = token.bytes[max(0, begin - start) : max(0, begin + length - start)]
        if own or begin < start == end < begin + length:
            found.append(WrittenToken(text=decoder.decode(own), top=token.top))
        start = end
    return tuple(found)


def _found(listed: Sequence[Listed], text: str, logprobs: Reply) -> tuple[WrittenToken, ...]:
    """For servers that do not say the bytes: tokens whose text is found one after the other; what lies between two of
    them belongs to the tokens between them, whose text is not legible."""
    starts: list[int] = []
    place = legible = 0
    for token in listed:
        at = text.find(token.text, place) if token.text else -1
        if 0 <= at <= place + _GAP:
            starts.append(at)
            place, legible = at + len(token.text), legible + len(token.text)
        else:
            starts.append(place)
    if legible < _LEGIBLE * len(text):
        raise BadAnswerError(f"{logprobs.error('tokens that spell the text').args[0]} The text is {text[:_GAP]!r}...")
    edges = [0, *starts[1:], len(text)]
    return tuple(
        WrittenToken(text=text[start:end], top=token.top)
        for token, (start, end) in zip(listed, pairwise(edges), strict=True)
    )
