"""Model calls of a whole system: a strategy's own and those of its members, each over the documents it is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from core.domain.systems import System
from core.strategies.base import Repeating, Staged, Strategy


def total_calls(system: System, n_docs: int, build: Callable[[System], Strategy]) -> int:
    """Calls expected for ``n_docs`` candidates; raises what ``build`` and the strategies' ``forecast`` raise."""
    strategy = build(system)
    calls = strategy.forecast(n_docs)
    for index, member in enumerate(system.members):
        for size, times in Counter(given_lists(strategy, index, n_docs)).items():
            calls += times * total_calls(member, size, build)
    return int(calls)


def given_lists(strategy: Strategy, member: int, n_docs: int) -> tuple[int, ...]:
    """How many documents each list has that a member is given for ``n_docs`` candidates."""
    if isinstance(strategy, Repeating):
        return strategy.member_lists(member, n_docs)
    return (strategy.member_documents(member, n_docs) if isinstance(strategy, Staged) else n_docs,)
