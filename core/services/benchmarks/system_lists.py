"""What one system made of the lists of a benchmark: its orders and what they cost, without texts and scores."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from core.domain.ports import RankingStore
from core.domain.rankings import Ranking

Orders = Mapping[str, tuple[str, ...]]  # query id -> document ids, best first


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicalMeans:
    """Means per ranked query of what belongs to the rankings and never changes.

    ``cut_documents``: share of all documents that a model did not see whole. ``repairs``: of all rankings together.
    ``machines``: where they were made (domain.machines), each once.
    """

    calls: float = 0.0
    prompt_tokens: float = 0.0
    generated_tokens: float = 0.0
    sequential_depth: float = 0.0
    tokens_cut: float = 0.0
    cut_documents: float = 0.0
    repairs: int = 0
    machines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SystemLists:
    """``orders``: by query, in query order; queries that the system failed on are missing."""

    orders: Orders
    means: LogicalMeans

    @property
    def weight(self) -> int:
        """About how many documents it holds."""
        return sum(map(len, self.orders.values()))


def read_lists(store: RankingStore, system: str, lists: Mapping[str, str]) -> SystemLists:
    """Rankings of one system (fingerprint) of these lists (query id to hash)."""
    rankings = {ranking.candidates: ranking for ranking in store.rankings(tuple(lists.values()), [system])}
    orders = {
        query: tuple(map(sys.intern, rankings[hash].order))  # one string per document, whoever ranks it
        for query, hash in lists.items()
        if hash in rankings
    }
    return SystemLists(orders=orders, means=_means(tuple(rankings.values())))


def _means(rankings: Sequence[Ranking]) -> LogicalMeans:
    if not rankings:
        return LogicalMeans()
    cut = sum(len({cut.document_id for cut in ranking.cuts}) for ranking in rankings)
    return LogicalMeans(
        calls=fmean(ranking.logical.calls for ranking in rankings),
        prompt_tokens=fmean(ranking.logical.prompt_tokens for ranking in rankings),
        generated_tokens=fmean(ranking.logical.generated_tokens for ranking in rankings),
        sequential_depth=fmean(ranking.logical.depth for ranking in rankings),
        tokens_cut=fmean(ranking.logical.tokens_cut for ranking in rankings),
        cut_documents=cut / max(1, sum(len(ranking.order) for ranking in rankings)),
        repairs=sum(len(ranking.repairs) for ranking in rankings),
        machines=tuple(sorted({ranking.machine for ranking in rankings if ranking.machine})),
    )
