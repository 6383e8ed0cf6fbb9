"""The same pairs alone, shuffled, packed with others and under three token budgets: scores and rankings stay."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.judging import asked, order_of, strategy_of, values_of
from benchmarks.speed.models import LLM, SEED
from benchmarks.speed.ours import answer
from benchmarks.speed.outcome import Outcome, Row
from benchmarks.speed.parity import differing
from core.domain.documents import CandidateList
from core.domain.requests import Answer, Request, ScoreAnswer
from core.models.base import Adapter
from core.strategies.base import Strategy

BUDGETS = (512, 2_048, 8_192)
CROSS_ENCODER, LOGIT = 1e-5, 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """``lists`` are compared; ``others`` are packed with them."""

    name: str
    strategy: Strategy
    adapter: Adapter
    lists: Sequence[CandidateList]
    others: Sequence[CandidateList]
    most: float


def invariance(context: Context) -> Outcome:
    """Cross-encoder, yes/no and query likelihood."""
    shelf = context.shelf
    entry, llm = shelf.cross_encoder(), shelf.bundled(LLM)
    encoder, language_model = shelf.load(entry), shelf.load(llm)
    many = passages().lists(context.size(6, 3), context.size(20, 6))
    few = passages().lists(3, context.size(5, 3), words=100)
    scorer = strategy_of(f"cross-encoder:{entry.id}", entry)
    cases = [
        _Case(
            name="cross-encoder",
            strategy=scorer,
            adapter=encoder,
            lists=many[:-2],
            others=many[-2:],
            most=CROSS_ENCODER,
        )
    ]
    for name, spec in (("LLM yes/no", "yes-no"), ("query likelihood", "query-likelihood")):
        strategy = strategy_of(spec, llm)
        cases.append(
            _Case(name=name, strategy=strategy, adapter=language_model, lists=few[:2], others=few[2:], most=LOGIT)
        )
    rows = [row for case in cases for row in _rows(case)]
    return Outcome(rows=tuple(rows))


def _rows(case: _Case) -> list[Row]:
    requests = [request for group in asked(case.strategy, case.lists) for request in group]
    others = [request for group in asked(case.strategy, case.others) for request in group]
    alone = [case.adapter.answer([request], lambda: False)[0] for request in requests]
    ways: dict[str, Callable[[], list[Answer]]] = {
        "together": lambda: answer(case.adapter, requests),
        "shuffled": lambda: _shuffled(case.adapter, requests),
        "packed with others": lambda: _among(case.adapter, requests, others),
    }
    for budget in BUDGETS:
        ways[f"budget of {budget:,} tokens"] = lambda budget=budget: _budgeted(case.adapter, requests, budget)  # type: ignore[misc]
    return [_row(case, name, alone, way()) for name, way in ways.items()]


def _row(case: _Case, way: str, alone: Sequence[Answer], found: Sequence[Answer]) -> Row:
    pairs = [(a, b) for x, y in zip(alone, found, strict=True) for a, b in zip(_values(x), _values(y), strict=True)]
    changed = differing(_orders(case, alone), _orders(case, found))
    return Row(
        workload=f"invariance, {case.name}",
        figure=f"{way}, against alone",
        value=max(abs(a - b) for a, b in pairs),
        line=case.most,
        at_least=False,
        refused=f"{changed} rankings changed" if changed else "",
        note=f"{len(alone)} requests, no ranking changed",
    )


def _values(answer: Answer) -> list[float]:
    return [answer.score] if isinstance(answer, ScoreAnswer) else values_of(answer)


def _orders(case: _Case, answers: Sequence[Answer]) -> list[tuple[int, ...]]:
    orders, start = [], 0
    for one in case.lists:
        size = len(one.documents)
        orders.append(order_of(case.strategy, one, answers[start : start + size]))
        start += size
    return orders


def _shuffled(adapter: Adapter, requests: Sequence[Request]) -> list[Answer]:
    """One call to the adapter with the requests in random order."""
    order = random.Random(SEED).sample(range(len(requests)), len(requests))
    found = answer(adapter, [requests[place] for place in order])
    by_place = dict(zip(order, found, strict=True))
    return [by_place[place] for place in range(len(requests))]


def _among(adapter: Adapter, requests: Sequence[Request], others: Sequence[Request]) -> list[Answer]:
    mixed = [*others[::2], *requests, *others[1::2]]
    start = len(others[::2])
    return answer(adapter, mixed)[start : start + len(requests)]


def _budgeted(adapter: Adapter, requests: Sequence[Request], budget: int) -> list[Answer]:
    usual = adapter.batch_tokens
    try:
        adapter.batch_tokens = budget
        return answer(adapter, requests, budget)
    finally:
        adapter.batch_tokens = usual
