"""Builders of small domain objects for tests of whatever stores or reads votes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.documents import CandidateList, Document, Query
from core.domain.rankings import Ranking
from core.domain.voting import Battle, BattleState, Verdict, Vote, VoterKind

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def make_battle(
    id: str,
    voter: str = "ann",
    *,
    left: str = "A",
    right: str = "B",
    query: str = "q1",
    collection: str = "col",
    category: str = "keyword",
    state: BattleState = BattleState.ISSUED,
    minutes: int = 0,
    **fields: Any,
) -> Battle:
    """A battle issued ``minutes`` after noon; ``fields``: any others that a battle has."""
    return Battle(
        id=id,
        voter=voter,
        candidates=f"list-{query}",
        collection=collection,
        query_id=query,
        category=category,
        left=left,
        right=right,
        state=state,
        issued_at=NOON + timedelta(minutes=minutes),
        **fields,
    )


def make_vote(
    left: str,
    right: str,
    verdict: Verdict,
    *,
    id: int = 0,
    voter: str = "ann",
    query: str = "q1",
    kind: VoterKind = VoterKind.PERSON,
    withdrawn: bool = False,
    **fields: Any,
) -> Vote:
    """A vote that never was in a store; ``fields``: any others that a vote has."""
    return Vote(
        id=id,
        battle=fields.pop("battle", f"battle-{id}"),
        voter=voter,
        voter_kind=kind,
        candidates=f"list-{query}",
        collection=fields.pop("collection", "col"),
        query_id=query,
        category=fields.pop("category", "keyword"),
        left=left,
        right=right,
        verdict=verdict,
        cast_at=fields.pop("cast_at", NOON),
        withdrawn=withdrawn,
        **fields,
    )


def make_candidates(query: str = "q1", *, collection: str | None = "col", documents: int = 3) -> CandidateList:
    """Short documents d1, d2, ..., with first-stage scores that fall."""
    return CandidateList(
        query=Query(id=query, text=f"what is {query}?", category="keyword"),
        documents=tuple(
            Document(id=f"d{i}", title=f"Title {i}", text=f"Text {i} of {query}, naïve \U0001f6a2.")
            for i in range(1, documents + 1)
        ),
        collection=collection,
        first_stage=f"bm25 top {documents}",
        first_stage_scores=tuple(1.0 / i for i in range(1, documents + 1)),
    )


def make_ranking(
    system: str = "A", candidates: str = "list-q1", order: tuple[str, ...] = ("d2", "d1", "d3")
) -> Ranking:
    """A ranking with falling scores."""
    return Ranking(
        system=system,
        candidates=candidates,
        order=order,
        scores=tuple(1.0 / i for i in range(1, len(order) + 1)),
    )
