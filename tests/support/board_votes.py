"""Votes put straight into a store, at chosen times and without controls: what a board is made of."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from core.bootstrap import App
from core.domain.ports import Store
from core.domain.voting import Ballot, Battle, BattleState, Verdict, Vote, Voter, VoterKind
from core.services.board.boards import Board, BoardRequest

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUERIES = ("q0", "q1", "q2", "q3", "q4", "q5")  # of the small collection
ROUND = ("bm25 < maxsim", "maxsim < bi-encoder", "bi-encoder < bm25", "maxsim < query-likelihood")
SYSTEMS = ("bm25", "maxsim", "bi-encoder", "query-likelihood", "rrf")
CLOSED = (*ROUND, "query-likelihood < rrf", "rrf < maxsim", "bm25 = rrf")  # everybody has lost and won
VERDICTS = {"<": Verdict.LEFT, ">": Verdict.RIGHT, "=": Verdict.EQUAL}


class Poll:
    """Casts votes on one collection, a minute apart, on its queries in turn."""

    def __init__(
        self,
        store: Store,
        collection: str,
        queries: Sequence[str],
        *,
        kind: VoterKind = VoterKind.PERSON,
        depth: int = 12,
    ) -> None:
        self._store, self._collection, self._queries = store, collection, queries
        self._kind, self._depth = kind, depth
        self.cast_so_far = 0

    def vote(self, voter: str, left: str, right: str, verdict: Verdict) -> Vote:
        """One side-by-side vote by fingerprints, through the store's own states."""
        made = self._made(voter, left, right, verdict)
        self._store.save_voter(Voter(id=voter, kind=self._kind))
        battle = Battle(
            id=made.battle,
            voter=voter,
            candidates=made.candidates,
            collection=self._collection,
            query_id=made.query_id,
            category="",
            left=left,
            right=right,
            state=BattleState.ISSUED,
            issued_at=made.cast_at - timedelta(seconds=30),
            depth=self._depth,
        )
        self._store.add_battle(battle)
        self._store.show_battle(battle.id, voter, made.cast_at - timedelta(seconds=20))
        return self._store.cast_vote(battle.id, voter, self._kind, Ballot(verdict=verdict), made.cast_at)

    def votes(self, voter: str, said: Iterable[str], names: dict[str, str], *, group: str = "") -> None:
        """``"a < b"``: a on the left beats b; ``"a > b"``: b wins; ``"a = b"``: a tie. ``names``: to fingerprints.

        As one import, which is quick; so is ``at_random``.
        """
        parts = [one.split() for one in said]
        self._imported(
            self._made(voter, names[left], names[right], VERDICTS[sign], group=group) for left, sign, right in parts
        )

    def at_random(self, voters: Sequence[str], systems: Sequence[str], votes: int, *, left: float = 0.5) -> None:
        """Each voter ``votes`` times, random pairs; the earlier system wins three times in five, the ``left`` side
        more often still where it is above a half."""
        rng = random.Random(7)
        made = []
        for voter in voters:
            for _ in range(votes):
                first, second = rng.sample(range(len(systems)), 2)
                chance = (0.6 if first < second else 0.4) + left - 0.5
                draw = rng.random()
                verdict = Verdict.EQUAL if draw > 0.9 else Verdict.LEFT if draw < 0.9 * chance else Verdict.RIGHT
                query = rng.choice(self._queries)
                made.append(self._made(voter, systems[first], systems[second], verdict, query=query))
        self._imported(made)

    def _made(self, voter: str, left: str, right: str, verdict: Verdict, *, query: str = "", group: str = "") -> Vote:
        at = START + timedelta(minutes=self.cast_so_far)
        query = query or self._queries[self.cast_so_far % len(self._queries)]
        self.cast_so_far += 1
        return Vote(
            id=0,
            battle=uuid.uuid4().hex,
            voter=voter,
            voter_kind=self._kind,
            candidates="list",
            collection=self._collection,
            query_id=query,
            category="",
            left=left,
            right=right,
            verdict=verdict,
            cast_at=at,
            depth=self._depth,
            voter_group=group,
            issued_at=at - timedelta(seconds=30),
            shown_at=at - timedelta(seconds=20),
        )

    def _imported(self, votes: Iterable[Vote]) -> None:
        self._store.import_log(votes, {})


def fingerprints(app: App) -> dict[str, str]:
    """Specification to fingerprint of the systems of the arena."""
    return {system.spec: system.fingerprint for system in app.systems.roster()}


def board(app: App, **asked: object) -> Board:
    """The board of the small collection; ``asked``: fields of the request."""
    return app.leaderboard.board(BoardRequest(collection="small", **asked))  # type: ignore[arg-type]  # by name
