"""Answers as bytes for the disk cache: a JSON header, then float32 values where the answer is an array.

Layout: four bytes of big-endian header length, header, array. Never pickle.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.requests import (
    Answer,
    AttentionAnswer,
    Cut,
    EmbedAnswer,
    GenerateAnswer,
    LabelAnswer,
    LikelihoodAnswer,
    ScoreAnswer,
    ScoreListAnswer,
    TransformAnswer,
    Usage,
    WrittenToken,
)

_LENGTH = struct.Struct(">I")


class DamagedAnswerError(ValueError):
    """Bytes that are no answer."""


def pack(answer: Answer) -> bytes:
    """``answer`` as bytes; TypeError for a kind that is never cached (RankAnswer)."""
    kind, value, array = _parts(answer)
    usage = answer.usage
    cuts = [[cut.document_id, cut.tokens, cut.kept] for cut in usage.cuts]
    header = [kind, value, [usage.prompt_tokens, usage.generated_tokens, cuts]]
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode("ascii")
    return _LENGTH.pack(len(text)) + text + array


def unpack(data: bytes) -> Answer:
    """The answer in ``data``; DamagedAnswerError where there is none."""
    try:
        (length,) = _LENGTH.unpack_from(data)
        kind, value, usage = json.loads(data[_LENGTH.size : _LENGTH.size + length])
        return _answer(kind, value, _usage(usage), data[_LENGTH.size + length :])
    except (ValueError, TypeError, KeyError, struct.error) as error:
        raise DamagedAnswerError(str(error)) from error


def _parts(answer: Answer) -> tuple[str, object, bytes]:
    if isinstance(answer, EmbedAnswer):
        return "embed", list(answer.vector.shape), _bytes(answer.vector)
    if isinstance(answer, ScoreAnswer):
        return "score", float(answer.score), b""
    if isinstance(answer, LabelAnswer):
        return "labels", [None if value is None else float(value) for value in answer.logprobs], b""
    if isinstance(answer, LikelihoodAnswer):
        return "likelihood", [float(value) for value in answer.logprobs], b""
    if isinstance(answer, GenerateAnswer):
        tokens = [[token.text, [list(pair) for pair in token.top]] for token in answer.tokens]
        return "text", [answer.text, answer.finished, tokens], b""
    if isinstance(answer, ScoreListAnswer):
        return "list", [float(value) for value in answer.scores], b""
    if isinstance(answer, AttentionAnswer):
        return "attention", list(answer.lengths), _bytes(answer.masses)
    if isinstance(answer, TransformAnswer):
        return "transform", list(answer.values.shape), _bytes(answer.values)
    raise TypeError(f"{type(answer).__name__} is not cached")


def _bytes(array: NDArray[np.float32]) -> bytes:
    return np.ascontiguousarray(array, dtype="<f4").tobytes()


def _usage(data: Any) -> Usage:  # noqa: ANN401  (parsed JSON)
    prompt, generated, cuts = data
    return Usage(
        prompt_tokens=prompt,
        generated_tokens=generated,
        cuts=tuple(Cut(document_id=id, tokens=tokens, kept=kept) for id, tokens, kept in cuts),
    )


def _answer(kind: str, value: Any, usage: Usage, array: bytes) -> Answer:  # noqa: ANN401  (parsed JSON)
    if kind == "embed":
        return EmbedAnswer(vector=np.frombuffer(array, dtype="<f4").reshape(value), usage=usage)
    if kind == "text":
        return GenerateAnswer(text=value[0], finished=value[1], tokens=_tokens(value[2:]), usage=usage)
    if kind == "attention":
        return AttentionAnswer(masses=np.frombuffer(array, dtype="<f4"), lengths=tuple(value), usage=usage)
    if kind == "transform":
        return TransformAnswer(values=np.frombuffer(array, dtype="<f4").reshape(value), usage=usage)
    if kind == "score":
        return ScoreAnswer(score=value, usage=usage)
    simple: dict[str, Any] = {"labels": LabelAnswer, "likelihood": LikelihoodAnswer}
    if kind == "list":
        return ScoreListAnswer(scores=tuple(value), usage=usage)
    answer: Answer = simple[kind](logprobs=tuple(value), usage=usage)
    return answer


def _tokens(data: list[Any]) -> tuple[WrittenToken, ...]:
    """Of a header that has them; older answers do not."""
    return tuple(
        WrittenToken(text=text, top=tuple((other, value) for other, value in top))
        for tokens in data
        for text, top in tokens
    )
