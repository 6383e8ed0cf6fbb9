"""Runoff's language-model adapter against one prompt at a time, over requests that a strategy made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.speed.comparing import compared
from benchmarks.speed.context import Context
from benchmarks.speed.judging import as_answer, order_of, values_of
from benchmarks.speed.models import LLM
from benchmarks.speed.ours import OURS, answer, executed_tokens
from benchmarks.speed.outcome import Outcome, Row
from benchmarks.speed.parity import TOLERANCE, Orders, Scores
from benchmarks.speed.peers.one_at_a_time import NAME as PEER
from benchmarks.speed.peers.one_at_a_time import OneAtATime
from benchmarks.speed.timing import Variant
from core.domain.documents import CandidateList
from core.domain.requests import Request
from core.models.base import Adapter
from core.strategies.base import Strategy

WARM_UP = 2  # prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``requests``: of every list, as ``strategy`` asks for them in its one round."""

    strategy: Strategy
    lists: Sequence[CandidateList]
    requests: list[list[Request]]

    @property
    def flat(self) -> list[Request]:
        """All requests, list after list."""
        return [request for group in self.requests for request in group]


def loaded(context: Context) -> tuple[Adapter, OneAtATime]:
    """SmolLM2-135M-Instruct twice: ours and the peer's."""
    shelf = context.shelf
    entry = shelf.bundled(LLM)
    return shelf.load(entry), OneAtATime(shelf.folder_of(entry))


def against_one_at_a_time(
    name: str,
    asked: Asked,
    adapter: Adapter,
    peer: OneAtATime,
    context: Context,
    *,
    rounds: int | None = None,
    line: float | None,
    fewest: float | None = None,
    note: str = "",
    tolerance: float = TOLERANCE,
    same_ranks: bool = True,
) -> Outcome:
    """Ratios and tokens. ``fewest``: how many times fewer tokens must be run than by the naive way."""
    orders: dict[str, Orders] = {}
    requests = asked.flat

    def ours() -> Scores:
        answers = answer(adapter, requests)
        values = [values_of(found) for found in answers]
        orders[OURS] = _orders(asked, values)
        return values

    def theirs() -> Scores:
        values = peer.values(requests)
        orders[PEER] = _orders(asked, values)
        return values

    cold = Variant(
        name=OURS,
        run=ours,
        before=adapter.forget,
        warm_up=lambda: answer(adapter, requests[:WARM_UP]),
        tokenise=lambda: adapter.arrange(requests),
    )
    naive = Variant(
        name=PEER, run=theirs, warm_up=lambda: peer.values(requests[:WARM_UP]), tokenise=lambda: peer.tokenise(requests)
    )
    lines = {} if line is None else {PEER: line}
    rows = compared(name, cold, [naive], context, lines, orders, rounds, tolerance, same_ranks)
    run, all_of_them = executed_tokens(adapter, requests), peer.tokens(requests)
    fact = f"{name}: {len(requests)} prompts, {all_of_them:,} tokens, of which {run:,.0f} are run."
    fewer = Row(
        workload=name,
        figure="tokens, naive over executed",
        unit="x",
        value=all_of_them / run,
        line=fewest,
        note=note,
    )
    return Outcome(rows=(*rows, fewer), facts=(fact,))


def _orders(asked: Asked, values: Sequence[Sequence[float]]) -> Orders:
    """What the strategy makes of the values, list by list."""
    orders, start = [], 0
    for one, group in zip(asked.lists, asked.requests, strict=True):
        own = values[start : start + len(group)]
        start += len(group)
        answers = [as_answer(request, found) for request, found in zip(group, own, strict=True)]
        orders.append(order_of(asked.strategy, one, answers))
    return orders
