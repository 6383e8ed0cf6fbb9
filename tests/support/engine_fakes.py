"""Small models and strategies for the tests of the engine: no weights, every behaviour written in the texts.

A document's text is a number (its score) and may name a misbehaviour: KILL (the process dies), DIE-ONCE=PATH
(it dies unless PATH exists), HANG, SLOW (50 ms), POLITE (20 s, but it
looks at the cancel flag), NAN, SHORT (one answer too few), RAISE, OOM (never fits).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry, ModelKind
from core.domain.requests import (
    Answer,
    Cut,
    Embed,
    EmbedAnswer,
    LabelAnswer,
    LabelLogprobs,
    Message,
    Part,
    Prompt,
    Rank,
    RankAnswer,
    Request,
    Score,
    ScoreAnswer,
    Usage,
)
from core.domain.systems import System
from core.domain.work import Event, Priority, RankWork, Work
from core.models.base import Adapter, LoadContext, OutOfMemoryError
from core.strategies.base import Outcome, Steps, Strategy, StrategyInfo, ask, by_score
from core.worker.answer_cache import AnswerCache
from core.worker.disk_cache import DiskCache
from core.worker.scheduler import Hooks, Place, Scheduler, Tools


def model_entry(id: str = "small", **options: str) -> ModelEntry:
    """A model whose adapter reads its options: ``batch_tokens``, ``memory``, ``fits``, ``fail``."""
    return ModelEntry(
        id=id,
        kind=ModelKind.CROSS_ENCODER,
        source="builtin",
        revision="1",
        capabilities=frozenset(Capability),
        options=tuple(sorted(options.items())),
    )


def make_list(texts: Sequence[str], query: str = "q", prefix: str = "d", **fields: object) -> CandidateList:
    """A candidate list of these texts with ids d0, d1 ..."""
    documents = tuple(Document(id=f"{prefix}{i}", text=text) for i, text in enumerate(texts))
    return CandidateList(query=Query(id=query, text=query), documents=documents, **fields)  # type: ignore[arg-type]


def make_system(strategy: str, model: ModelEntry | None = None, members: Sequence[System] = ()) -> System:
    """A system of one of the strategies below."""
    slots = () if members else (("model", model or model_entry()),)
    return System(spec=strategy, strategy=strategy, version=1, slots=slots, members=tuple(members))


def rank_work(
    job: str, systems: Sequence[System], lists: Sequence[CandidateList], priority: Priority = Priority.INTERACTIVE
) -> RankWork:
    """Every system over every list."""
    tasks = tuple((s, i) for i in range(len(lists)) for s in range(len(systems)))
    return RankWork(job=job, systems=tuple(systems), lists=tuple(lists), tasks=tasks, priority=priority)


def value_of(text: str) -> float:
    """The score written in a text."""
    return float("nan") if "NAN" in text else float(text.split()[0])


@dataclass
class SmallAdapter:
    """Answers from the texts and keeps every batch it was given."""

    entry: ModelEntry
    batch_tokens: int = 10_000
    memory_bytes: int = 1_000_000
    batches: list[list[Request]] = field(default_factory=list)
    closed: bool = False

    def weight(self, request: Request) -> int:
        return len(_text(request).split())

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        self.batches.append(list(requests))
        if len(requests) > int(self.entry.option("fits", "1000000")):
            raise OutOfMemoryError("too many")
        answers: list[Answer] = []
        for request in requests:
            if _misbehave(_text(request), cancelled):
                continue
            answers.append(_answer(request))
        return answers

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


def _answer(request: Request) -> Answer:
    if isinstance(request, Score):
        tokens = len(request.document.text.split())
        cut = Cut(document_id=request.document.id, tokens=tokens, kept=4)
        return ScoreAnswer(
            score=value_of(request.document.text),
            usage=Usage(prompt_tokens=min(tokens, 4), cuts=(cut,) if tokens > 4 else ()),
        )
    if isinstance(request, Embed):
        vector = np.array([value_of(request.text) if request.role == "document" else 1.0, 1.0], dtype=np.float32)
        return EmbedAnswer(vector=vector, usage=Usage(prompt_tokens=2))
    if isinstance(request, LabelLogprobs):
        first, second = (value_of(part.text) for part in request.prompt.messages[0].parts)
        logprobs = (-0.1, -3.0) if first >= second else (-3.0, -0.1)
        return LabelAnswer(logprobs=logprobs, usage=Usage(prompt_tokens=10))
    raise TypeError(type(request).__name__)


INFO = StrategyInfo(name="test", version=1, family="pointwise", title="Test")


@dataclass(frozen=True)
class Pointwise:
    """One score per document."""

    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        requests = [Score(query=candidates.query.text, document=d) for d in candidates.documents]
        answers = yield from ask(requests, ScoreAnswer)
        scores = tuple(answer.score for answer in answers)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        return n_docs


@dataclass(frozen=True)
class Insertion:
    """Insertion sort by comparisons, one at a time: as many rounds as comparisons."""

    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        order: list[int] = []
        for position in range(len(candidates.documents)):
            place = len(order)
            while place and (yield from self._beats(candidates, position, order[place - 1])):
                place -= 1
            order.insert(place, position)
        return Outcome(order=tuple(order))

    def _beats(self, candidates: CandidateList, challenger: int, holder: int):
        texts = [candidates.documents[i] for i in (holder, challenger)]
        parts = tuple(Part(text=d.text, kind="document", document_id=d.id) for d in texts)
        prompt = Prompt(messages=(Message(role="user", parts=parts),))
        (answer,) = yield from ask([LabelLogprobs(prompt=prompt, labels=("A", "B"))], LabelAnswer)
        return answer.logprobs[1] > answer.logprobs[0]

    def forecast(self, n_docs: int) -> int:
        return n_docs * (n_docs - 1) // 2


@dataclass(frozen=True)
class Fusion:
    """Sum of the reciprocal ranks of two members."""

    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        answers = yield from ask([Rank(member=m, candidates=candidates) for m in range(2)], RankAnswer)
        scores = [0.0] * len(candidates.documents)
        for answer in answers:
            for rank, position in enumerate(answer.order, start=1):
                scores[position] += 1 / rank
        return Outcome(order=by_score(scores), scores=tuple(scores))

    def forecast(self, n_docs: int) -> int:
        return 0


@dataclass(frozen=True)
class Scripted:
    """Returns what it is given, or raises it."""

    outcome: object
    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        yield []
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome  # type: ignore[return-value]

    def forecast(self, n_docs: int) -> int:
        return 0


STRATEGIES: dict[str, Strategy] = {"pointwise": Pointwise(), "insertion": Insertion(), "fusion": Fusion()}


def build_small(system: System) -> Strategy:
    """The strategy of a system made by ``make_system``."""
    return STRATEGIES[system.strategy]


def load_small(entry: ModelEntry, context: LoadContext) -> Adapter:
    """The adapter of an entry made by ``model_entry``."""
    if entry.option("fail"):
        raise ModelUnavailableError(f"Could not load {entry.id}: {entry.option('fail')}.")
    if entry.option("kill-load"):
        os.kill(os.getpid(), signal.SIGKILL)
    context.report(f"reading {entry.id}")
    return SmallAdapter(
        entry,
        batch_tokens=int(entry.option("batch_tokens", "10000")),
        memory_bytes=int(entry.option("memory", "1000000")),
    )


def retrieve_small(
    path: Path, collection: str, queries: Sequence[Query], depth: int, cache_dir: Path
) -> Iterator[CandidateList]:
    """``depth`` invented documents for each query; a collection named "broken" raises, "kill" dies."""
    if collection == "broken":
        raise OSError("no such index")
    for query in queries:
        if collection == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        documents = tuple(Document(id=f"{query.id}-{i}", text=str(i)) for i in range(depth))
        yield CandidateList(query=query, documents=documents, collection=collection, first_stage="bm25")


def fetch_small(
    entry: ModelEntry, cache_dir: Path, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Path:
    """Ten steps; ``pace`` seconds each; the option ``fail`` ends them with an error."""
    for step in range(10):
        if cancelled():
            raise CancelledError("cancelled")
        if entry.option("fail"):
            raise ModelUnavailableError(f"Could not download {entry.id}: {entry.option('fail')}.")
        time.sleep(float(entry.option("pace", "0")))
        progress(step + 1, 10)
    return cache_dir


def small_tools() -> Tools:
    """Everything a scheduler needs, without models."""
    return Tools(load=load_small, build=build_small, retrieve=retrieve_small, fetch=fetch_small)


@dataclass
class Bench:
    """A scheduler in this process, with everything it says."""

    scheduler: Scheduler
    events: list[Event]
    announced: list[tuple[str, ...]]
    adapters: list[SmallAdapter]

    def run(self, *works: Work) -> list[Event]:
        """Submit, work until idle, and give back the events since."""
        start = len(self.events)
        for work in works:
            self.scheduler.submit(work)
        while self.scheduler.step():
            pass
        return self.events[start:]

    @property
    def batches(self) -> list[list[Request]]:
        """Every batch that any adapter was given."""
        return [batch for adapter in self.adapters for batch in adapter.batches]


def make_bench(
    directory: Path | None = None,
    *,
    poisoned: dict[str, str] | None = None,
    suspects: Sequence[str] = (),
    memory_mb: int = 100,
    strategies: dict[str, Strategy] | None = None,
    cache: AnswerCache | None = None,
) -> Bench:
    """A bench; with ``directory``, answers are kept on disk there."""
    adapters: list[SmallAdapter] = []

    def load(entry: ModelEntry, context: LoadContext) -> Adapter:
        adapter = load_small(entry, context)
        assert isinstance(adapter, SmallAdapter)
        adapters.append(adapter)
        return adapter

    known = STRATEGIES | (strategies or {})
    tools = Tools(load=load, build=lambda s: known[s.strategy], retrieve=retrieve_small, fetch=fetch_small)
    events: list[Event] = []
    announced: list[tuple[str, ...]] = []
    place = Place(
        device="cpu",
        threads=1,
        cache_dir=directory or Path("unused"),
        model_memory_bytes=memory_mb * 1_000_000,
        suspects=tuple(suspects),
        poisoned=poisoned or {},
    )
    disk = None if directory is None else DiskCache(directory / "answers.sqlite", 10_000_000)
    hooks = Hooks(tell=events.append, announce=announced.append)
    return Bench(Scheduler(tools, hooks, place, cache or AnswerCache(disk)), events, announced, adapters)
