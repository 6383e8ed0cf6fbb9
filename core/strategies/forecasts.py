"""Model calls of a whole system: a strategy's own and those of its members, each over the documents it is given."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.systems import System
from core.strategies.base import Staged, Strategy


def total_calls(system: System, n_docs: int, build: Callable[[System], Strategy]) -> int:
    """Calls expected for ``n_docs`` candidates; raises what ``build`` and the strategies' ``forecast`` raise."""
    strategy = build(system)
    calls = strategy.forecast(n_docs)
    for index, member in enumerate(system.members):
        given = strategy.member_documents(index, n_docs) if isinstance(strategy, Staged) else n_docs
        calls += total_calls(member, given, build)
    return int(calls)
