"""First stages that need vectors, in the engine: slices, precedence, cancelling, going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from core.catalog.digests import DigestCache
from core.datasets.collection_file import CollectionFile
from core.domain.capabilities import Capability
from core.domain.documents import Document, Query
from core.domain.models import ModelEntry, ModelKind
from core.domain.requests import Embed, EmbedAnswer, Score
from core.domain.work import Ended, Event, Priority, Progress, Retrieved, RetrieveWork
from core.models.base import Adapter, LoadContext
from core.models.load import load
from core.retrieval import dense_store, vector_chunks
from core.worker.answer_cache import AnswerCache
from core.worker.scheduler import Hooks, Place, Scheduler, Tools
from core.worker.wiring import real_tools
from tests.support.collections_on_disk import collection_of
from tests.support.engine_fakes import make_bench, make_list, make_system, model_entry, rank_work
from tests.support.tiny_models import context_for, save_bert

QUERIES = (Query(id="q", text="1"),)


class SlowClock:
    """Twenty milliseconds pass between two looks."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 0.02
        return self.now


def dense_work(job: str, model: ModelEntry | None, priority: Priority = Priority.INTERACTIVE) -> RetrieveWork:
    return RetrieveWork(
        job=job, collection="c", path=Path("c"), queries=QUERIES, method="dense", depth=50, model=model,
        priority=priority,
    )  # fmt: skip


def test_an_interactive_ranking_passes_a_running_dense_build() -> None:
    bench = make_bench(clock=SlowClock())
    model = model_entry(batch_tokens="5")  # two texts per batch
    bench.scheduler.submit(dense_work("build", model, Priority.BACKGROUND))
    for _ in range(4):
        bench.scheduler.step()
    before = sum(isinstance(batch[0], Embed) for batch in bench.batches)
    assert 1 <= before < 15
    events = bench.run(rank_work("quick", [make_system("pointwise", model)], [make_list(["1", "2", "3"])]))
    kinds = [type(batch[0]) for batch in bench.batches]
    first_score = kinds.index(Score)
    assert kinds[:first_score].count(Embed) <= before + 1
    assert [event.job for event in events if isinstance(event, Ended)] == ["quick", "build"]
    assert kinds.count(Embed) == 25


def test_vectors_come_in_order_and_once() -> None:
    bench = make_bench(clock=SlowClock())
    events = bench.run(dense_work("build", model_entry(batch_tokens="20")))
    (made,) = [event.candidates for event in events if isinstance(event, Retrieved)]
    assert [document.text for document in made.documents] == [str(n) for n in range(50)]
    texts = [request.text for batch in bench.batches for request in batch if isinstance(request, Embed)]
    assert texts == [str(n) for n in range(50)]
    told = [event for event in events if isinstance(event, Progress) and event.note.startswith("embedding")]
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert told[-1].total == 50
    assert events[-1] == Ended(job="build")


def test_a_model_that_cannot_be_had_ends_the_job_with_the_reason() -> None:
    events = make_bench().run(dense_work("build", model_entry(fail="no such folder")))
    assert events[-1] == Ended(job="build", error="Could not load small: no such folder.")


def test_a_batch_that_does_not_fit_is_halved() -> None:
    bench = make_bench()
    events = bench.run(dense_work("build", model_entry(fits="4")))
    assert events[-1] == Ended(job="build")
    assert max(len(batch) for batch in bench.batches) > 4


@dataclass
class Counting:
    """An adapter that keeps the texts it was given."""

    inner: Adapter
    texts: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def answer(self, requests: Sequence[Embed], cancelled: object) -> object:
        self.texts += [request.text for request in requests]
        return self.inner.answer(requests, cancelled)  # type: ignore[arg-type]  # as given


@dataclass
class Engine:
    """A scheduler over a real embedder of two layers."""

    scheduler: Scheduler
    events: list[Event]
    adapters: list[Counting]

    @property
    def texts(self) -> list[str]:
        return [text for adapter in self.adapters for text in adapter.texts]


@pytest.fixture
def model(tmp_path: Path) -> ModelEntry:
    folder = save_bert(tmp_path / "bert")
    capabilities = frozenset({Capability.EMBED_POOLED})
    revision = DigestCache(tmp_path / "digests.json").folder(folder)
    return ModelEntry(
        id="tiny", kind=ModelKind.EMBEDDER, source=f"folder:{folder}", revision=revision, capabilities=capabilities
    )


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vector_chunks, "CHUNK_ROWS", 4)
    monkeypatch.setattr(dense_store, "CHUNK_ROWS", 4)
    documents = [Document(id=f"d{n}", text=f"The harbour ferry number {n} leaves at nine") for n in range(30)]
    yield collection_of(tmp_path / "collections", documents)
    dense_store.forget()


def engine(cache: Path) -> Engine:
    adapters: list[Counting] = []

    def load_counting(entry: ModelEntry, context: LoadContext) -> Adapter:
        adapters.append(Counting(load(entry, context)))
        return adapters[-1]  # type: ignore[return-value]  # a double

    real = real_tools()
    tools = Tools(load=load_counting, build=real.build, retrieve=real.retrieve, fetch=real.fetch)
    events: list[Event] = []
    place = Place(device="cpu", threads=1, cache_dir=cache, model_memory_bytes=10**9)
    return Engine(Scheduler(tools, Hooks(tell=events.append), place, AnswerCache(None), SlowClock()), events, adapters)


def work_on(collection: CollectionFile, tmp_path: Path, model: ModelEntry, job: str = "r") -> RetrieveWork:
    path = tmp_path / "collections" / f"{collection.fingerprint}.sqlite"
    query = Query(id="q", text="ferry number 3")
    return RetrieveWork(
        job=job, collection=collection.fingerprint, path=path, queries=(query,), method="dense", depth=30, model=model
    )


def test_a_cancelled_build_goes_on_without_repeating_a_chunk(collection, tmp_path: Path, model: ModelEntry) -> None:
    first = engine(tmp_path / "cache")
    first.scheduler.submit(work_on(collection, tmp_path, model))
    chunks = dense_store.folder_of(collection.fingerprint, model, tmp_path / "cache") / "chunks"
    while len(list(chunks.glob("*.npy"))) < 3:
        assert first.scheduler.step(), first.events[-1]
    first.scheduler.flag("r")
    first.scheduler.cancel("r")
    assert first.events[-1] == Ended(job="r", cancelled=True)
    kept = 4 * len(list(chunks.glob("*.npy")))
    second = engine(tmp_path / "cache")
    second.scheduler.submit(work_on(collection, tmp_path, model))
    while second.scheduler.step():
        pass
    assert second.events[-1] == Ended(job="r")
    documents = [document.text for document in collection.all_documents()]
    assert second.texts == [*documents[kept:], "ferry number 3"]
    assert first.texts[:kept] == documents[:kept]


def test_the_first_stage_is_the_cosine_of_the_models_vectors(collection, tmp_path: Path, model: ModelEntry) -> None:
    made_by = engine(tmp_path / "cache")
    made_by.scheduler.submit(work_on(collection, tmp_path, model))
    while made_by.scheduler.step():
        pass
    (made,) = [event.candidates for event in made_by.events if isinstance(event, Retrieved)]
    adapter = load(model, context_for(tmp_path / "cache"))
    documents = tuple(collection.all_documents())
    requests = [Embed(text="ferry number 3", role="query"), *(Embed(text=d.text, role="document") for d in documents)]
    answers = adapter.answer(requests, lambda: False)
    vectors = np.stack([answer.vector for answer in answers if isinstance(answer, EmbedAnswer)]).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = dict(zip([document.id for document in documents], vectors[1:] @ vectors[0], strict=True))
    assert made.first_stage_scores == pytest.approx([expected[id] for id in made.ids], abs=2e-6)
    assert set(made.ids) == set(expected)


def test_two_jobs_share_one_build(collection, tmp_path: Path, model: ModelEntry) -> None:
    both = engine(tmp_path / "cache")
    both.scheduler.submit(work_on(collection, tmp_path, model, "a"))
    for _ in range(3):
        both.scheduler.step()
    both.scheduler.submit(work_on(collection, tmp_path, model, "b"))
    while both.scheduler.step():
        pass
    assert {event.job for event in both.events if isinstance(event, Ended) and not event.error} == {"a", "b"}
    assert len(both.texts) == 30 + 2


def test_bm25_loads_no_model(collection, tmp_path: Path) -> None:
    lexical = engine(tmp_path / "cache")
    path = tmp_path / "collections" / f"{collection.fingerprint}.sqlite"
    lexical.scheduler.submit(RetrieveWork(job="r", collection=collection.fingerprint, path=path, queries=QUERIES))
    while lexical.scheduler.step():
        pass
    assert lexical.events[-1] == Ended(job="r")
    assert not lexical.adapters
