"""Runoff's side: an adapter asked directly, its batches cut as the scheduler cuts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.speed.parity import Scores
from benchmarks.speed.timing import Variant
from core.domain.documents import CandidateList
from core.domain.requests import Answer, Request, Score, ScoreAnswer
from core.models.base import Adapter

OURS = "Runoff"
WARM_UP = 16  # pairs


def batches(adapter: Adapter, requests: Sequence[Request], budget: int | None = None) -> Iterator[list[int]]:
    """Positions of ``requests``, batch by batch; ``budget``: tokens, the adapter's own limit if None."""
    limit = budget or adapter.batch_tokens
    plan = adapter.arrange(requests)
    batch: list[int] = []
    used = 0
    for place, full, added in zip(plan.order, plan.full, plan.added, strict=True):
        if batch and used + added > limit:
            yield batch
            batch = []
        used = used + added if batch else full
        batch.append(place)
    if batch:
        yield batch


def answer(adapter: Adapter, requests: Sequence[Request], budget: int | None = None) -> list[Answer]:
    """All answers, in the order of the requests."""
    found: dict[int, Answer] = {}
    for places in batches(adapter, requests, budget):
        answers = adapter.answer([requests[place] for place in places], lambda: False)
        found.update(zip(places, answers, strict=True))
    adapter.synchronize()
    return [found[place] for place in range(len(requests))]


def executed_tokens(adapter: Adapter, requests: Sequence[Request]) -> float:
    """Tokens that the model runs for all of them, shared leading parts once per batch."""
    return sum(sum(adapter.shares([requests[place] for place in places])) for places in batches(adapter, requests))


def pairs_of(lists: Sequence[CandidateList]) -> list[Request]:
    """Every pair of query and document, as the cross-encoder strategy asks for it."""
    return [Score(query=one.query.text, document=document) for one in lists for document in one.documents]


def cross_encoding(adapter: Adapter, lists: Sequence[CandidateList]) -> Variant:
    """All lists at once, the memory of texts emptied before each run."""
    requests = pairs_of(lists)

    def run() -> Scores:
        answers = answer(adapter, requests)
        return nested([found.score for found in answers if isinstance(found, ScoreAnswer)], lists)

    return Variant(
        name=OURS,
        run=run,
        before=adapter.forget,
        warm_up=lambda: answer(adapter, requests[:WARM_UP]),
        tokenise=lambda: adapter.arrange(requests),
    )


def nested(flat: Sequence[float], lists: Sequence[CandidateList]) -> Scores:
    """Scores of all documents, list by list."""
    scores, start = [], 0
    for one in lists:
        scores.append([float(value) for value in flat[start : start + len(one.documents)]])
        start += len(one.documents)
    return scores
