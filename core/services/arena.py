"""Arena: blind battles between stored rankings, one vote per battle, names only after the vote."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.domain.documents import Document
from core.domain.errors import AlreadyVotedError, NotOpenError, TooSoonError
from core.domain.jobs import Job
from core.domain.ports import Store
from core.domain.voting import Battle, BattleState, Verdict, Voter, VoterKind
from core.measures.effectiveness import evaluate_ranking
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.matchmaking import TOP, Pool, choose
from core.services.preparation import PreparationService
from core.services.systems import SystemService
from core.settings import Limits

DEPTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a blind list: rank from 1, the document, and its rank on the other side (None: below the cut)."""

    rank: int
    document: Document
    other_rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleView:
    """What a voter may see before the vote: texts and ranks, nothing of the systems."""

    id: str
    query: str
    category: str
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    votes_today: int
    votes_all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """No battle now. ``job`` is the running preparation, if any; ``reason`` is a sentence for the page."""

    reason: str
    job: Job | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """What is known after the vote. ``others``: verdicts of other voters on the same pair and query, seen from
    this battle's slots. ``labels``: nDCG@10 of left and right where relevance labels exist."""

    battle: str
    left: str
    right: str
    verdict: Verdict
    others: Mapping[Verdict, int]
    labels: tuple[float, float] | None


class ArenaService:
    """Issues battles and takes votes."""

    def __init__(
        self,
        store: Store,
        candidates: CandidateService,
        collections: CollectionService,
        systems: SystemService,
        preparation: PreparationService,
        limits: Limits,
        seed: int | None = None,
    ) -> None:
        self._store = store
        self._candidates = candidates
        self._collections = collections
        self._systems = systems
        self._preparation = preparation
        self._limits = limits
        self._random = random.Random(seed)

    def enter(self, voter_id: str, name: str | None = None) -> Voter:
        """The voter with this id, made on first sight; ``name`` is kept when given."""
        known = self._store.voter(voter_id)
        if known is not None and (name is None or name.strip() == known.name):
            return known
        voter = Voter(id=voter_id, kind=VoterKind.PERSON, name=(name or "").strip()[:80])
        self._store.save_voter(voter)
        return voter

    def next_battle(self, voter_id: str, collection: str, category: str = "") -> BattleView | Waiting:
        """The voter's open battle, else a new one; Waiting where none can be made (yet)."""
        self.enter(voter_id)
        found = self._collections.get(collection)
        mine = self._store.battles(voter_id, found.fingerprint)
        for battle in reversed(mine):
            if battle.state in (BattleState.ISSUED, BattleState.SHOWN) and not self._expire(battle):
                return self._view(battle)
        pool = self._preparation.pool(found.fingerprint)
        match = choose(pool, mine, category=category, rng=self._random)
        if match is None:
            return self._waiting(found.fingerprint, pool, voted=bool(mine))
        record = self._store.candidates_record(match.candidates)
        sides = [match.first, match.second]
        self._random.shuffle(sides)
        battle = Battle(
            id=uuid.uuid4().hex,
            voter=voter_id,
            candidates=match.candidates,
            collection=found.fingerprint,
            query_id=record.query_id,
            category=record.category,
            left=sides[0],
            right=sides[1],
            state=BattleState.ISSUED,
            issued_at=datetime.now(UTC),
        )
        self._store.add_battle(battle)
        return self._view(battle)

    def shown(self, battle_id: str, voter_id: str) -> None:
        """The battle is on the voter's screen; the reading time starts."""
        self._store.show_battle(battle_id, voter_id, datetime.now(UTC))

    def vote(self, battle_id: str, voter_id: str, verdict: Verdict) -> Reveal:
        """Record the verdict, committed before this returns.

        AlreadyVotedError, NotOpenError (expired, of another voter, never shown), TooSoonError (the battle stays
        open), StorageBusyError and StorageFullError (nothing recorded; may be tried again).
        """
        battle = self._own(battle_id, voter_id)
        now = datetime.now(UTC)
        if battle.state is BattleState.VOTED:
            raise AlreadyVotedError("Vote already recorded.")
        if battle.state is not BattleState.SHOWN or battle.shown_at is None or self._expire(battle):
            raise NotOpenError("This battle is not open for you.")
        seconds = (now - battle.shown_at).total_seconds()
        if seconds < self._limits.min_reading_seconds:
            raise TooSoonError(f"Not counted: shown for {seconds:.1f} s.")
        self._store.cast_vote(battle_id, voter_id, VoterKind.PERSON, verdict, now)
        return self._reveal(battle, verdict)

    def skip(self, battle_id: str, voter_id: str) -> None:
        """Close the battle without a verdict; it does not come back to this voter."""
        self._own(battle_id, voter_id)
        self._store.close_battle(battle_id, voter_id, BattleState.SKIPPED)

    def undo(self, battle_id: str, voter_id: str) -> None:
        """Withdraw the vote and retire the battle for this voter, because the names are known."""
        self._own(battle_id, voter_id)
        self._store.withdraw_vote(battle_id, voter_id, datetime.now(UTC))

    def _own(self, battle_id: str, voter_id: str) -> Battle:
        battle = self._store.battle(battle_id)
        if battle.voter != voter_id:
            raise NotOpenError("This battle is not open for you.")
        return battle

    def _expire(self, battle: Battle) -> bool:
        age = datetime.now(UTC) - battle.issued_at
        if age < timedelta(minutes=self._limits.battle_expiry_minutes):
            return False
        self._store.close_battle(battle.id, battle.voter, BattleState.EXPIRED)
        return True

    def _view(self, battle: Battle) -> BattleView:
        candidates = self._candidates.load(battle.candidates)
        documents = {document.id: document for document in candidates.documents}
        orders = {
            ranking.system: ranking.order
            for ranking in self._store.rankings([battle.candidates], [battle.left, battle.right])
        }
        left, right = orders[battle.left][:DEPTH], orders[battle.right][:DEPTH]
        votes = self._store.votes(voter=battle.voter)
        today = datetime.now(UTC).date()
        return BattleView(
            id=battle.id,
            query=candidates.query.text,
            category=candidates.query.category,
            left=_rows(left, right, documents),
            right=_rows(right, left, documents),
            votes_today=sum(vote.cast_at.date() == today for vote in votes),
            votes_all=len(votes),
        )

    def _reveal(self, battle: Battle, verdict: Verdict) -> Reveal:
        names = self._systems.names()
        return Reveal(
            battle=battle.id,
            left=names.get(battle.left, battle.left[:12]),
            right=names.get(battle.right, battle.right[:12]),
            verdict=verdict,
            others=self._others(battle),
            labels=self._label_view(battle),
        )

    def _others(self, battle: Battle) -> Mapping[Verdict, int]:
        swap = {Verdict.LEFT: Verdict.RIGHT, Verdict.RIGHT: Verdict.LEFT}
        counts: Counter[Verdict] = Counter()
        for vote in self._store.votes(candidates=battle.candidates, kind=VoterKind.PERSON):
            if vote.voter == battle.voter:
                continue
            if (vote.left, vote.right) == (battle.left, battle.right):
                counts[vote.verdict] += 1
            elif (vote.left, vote.right) == (battle.right, battle.left):
                counts[swap.get(vote.verdict, vote.verdict)] += 1
        return counts

    def _label_view(self, battle: Battle) -> tuple[float, float] | None:
        labels = self._collections.reader(battle.collection).judgments(battle.query_id)
        if not any(grade > 0 for grade in labels.values()):
            return None
        orders = {r.system: r.order for r in self._store.rankings([battle.candidates], [battle.left, battle.right])}
        left, right = (
            evaluate_ranking(orders[side], labels, ("nDCG@10",))["nDCG@10"] for side in (battle.left, battle.right)
        )
        return left, right

    def _waiting(self, collection: str, pool: Pool, *, voted: bool) -> Waiting:
        job = self._preparation.running(collection)
        if job is not None:
            return Waiting(reason="Battles are being prepared.", job=job)
        if not pool.orders:
            return Waiting(reason="No battles are prepared for this collection.", job=None)
        if voted:
            return Waiting(reason="You have seen every battle there is here. Thank you.", job=None)
        return Waiting(reason=f"The prepared systems agree on the top {TOP} of every query.", job=None)


def _rows(own: tuple[str, ...], other: tuple[str, ...], documents: Mapping[str, Document]) -> tuple[Row, ...]:
    ranks = {id: rank for rank, id in enumerate(other, 1)}
    return tuple(Row(rank=rank, document=documents[id], other_rank=ranks.get(id)) for rank, id in enumerate(own, 1))
