"""A small model for the tests of the engine: no weights, every behaviour written in the texts.

A document's text is a number (its score) and may name a misbehaviour: KILL (the process dies), DIE-ONCE=PATH
(it dies unless PATH exists), HANG, SLOW (50 ms), POLITE (20 s, but it
looks at the cancel flag), NAN, SHORT (one answer too few), RAISE, OOM (never fits).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.domain.errors import CancelledError
from core.domain.models import ModelEntry
from core.domain.requests import (
    Answer,
    Cut,
    Embed,
    EmbedAnswer,
    LabelAnswer,
    LabelLogprobs,
    Request,
    Score,
    ScoreAnswer,
    Usage,
)
from core.models.base import Arrangement, OutOfMemoryError, by_length

KEPT = 4  # words of a text


def value_of(text: str) -> float:
    """The score written in a text."""
    return float("nan") if "NAN" in text else float(text.split()[0])


OnBatch = Callable[["SmallAdapter", Sequence[Request]], None]


@dataclass
class SmallAdapter:
    """Answers from the texts and keeps every batch it was given."""

    entry: ModelEntry
    batch_tokens: int = 10_000
    memory_bytes: int = 1_000_000
    batches: list[list[Request]] = field(default_factory=list)
    closed: bool = False
    forgotten: int = 0
    synchronized: int = 0
    on_batch: OnBatch = lambda _adapter, _requests: None

    execution: str = "padded (small)"

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        return by_length([_tokens(request) for request in requests])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        return [float(_tokens(request)) for request in requests]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        self.batches.append(list(requests))
        self.on_batch(self, requests)
        if len(requests) > int(self.entry.option("fits", "1000000")):
            raise OutOfMemoryError("too many")
        answers: list[Answer] = []
        for request in requests:
            if cancelled():  # as in every layer of a forward pass
                raise CancelledError("cancelled")
            if _misbehave(_text(request), cancelled):
                continue
            answers.append(_answer(request))
        return answers

    def forget(self) -> None:
        self.forgotten += 1

    def synchronize(self) -> None:
        self.synchronized += 1

    def close(self) -> None:
        self.closed = True


def _misbehave(text: str, cancelled: Callable[[], bool]) -> bool:
    """Do what the text asks for; True where no answer is to be given."""
    if "KILL" in text or _dies_once(text):
        os.kill(os.getpid(), signal.SIGKILL)
    if "RAISE" in text:
        raise RuntimeError("index out of range")
    if "OOM" in text:
        raise OutOfMemoryError("never fits")
    if "SLOW" in text:
        time.sleep(0.05)
    while "HANG" in text:
        time.sleep(0.01)
    if "POLITE" in text:
        _wait(cancelled)
    return "SHORT" in text


def _dies_once(text: str) -> bool:
    if "DIE-ONCE=" not in text:
        return False
    marker = Path(text.split("DIE-ONCE=")[1].split()[0])
    known = marker.exists()
    marker.write_text("")
    return not known


def _wait(cancelled: Callable[[], bool]) -> None:
    """Twenty seconds of decoding that look at the flag."""
    for _ in range(2000):
        if cancelled():
            raise CancelledError("cancelled")
        time.sleep(0.01)


def _text(request: Request) -> str:
    if isinstance(request, Score):
        return request.document.text
    if isinstance(request, Embed):
        return request.text
    if isinstance(request, LabelLogprobs):
        return " ".join(part.text for part in request.prompt.messages[0].parts)
    raise TypeError(type(request).__name__)


def _tokens(request: Request) -> int:
    return min(KEPT, len(_text(request).split()))


def _answer(request: Request) -> Answer:
    if isinstance(request, Score):
        tokens = len(request.document.text.split())
        cut = Cut(document_id=request.document.id, tokens=tokens, kept=KEPT)
        return ScoreAnswer(
            score=value_of(request.document.text),
            usage=Usage(prompt_tokens=min(tokens, KEPT), cuts=(cut,) if tokens > KEPT else ()),
        )
    if isinstance(request, Embed):
        vector = np.array([value_of(request.text) if request.role == "document" else 1.0, 1.0], dtype=np.float32)
        return EmbedAnswer(vector=vector, usage=Usage(prompt_tokens=2))
    if isinstance(request, LabelLogprobs):
        first, second = (value_of(part.text) for part in request.prompt.messages[0].parts)
        logprobs = (-0.1, -3.0) if first >= second else (-3.0, -0.1)
        return LabelAnswer(logprobs=logprobs, usage=Usage(prompt_tokens=10))
    raise TypeError(type(request).__name__)
