"""Arena: blind battles between stored rankings, one vote per battle, names only after the vote."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from core.domain.counting import counted
from core.domain.documents import Document
from core.domain.errors import AlreadyVotedError, InvalidInputError, NotOpenError, TooManyVotesError, TooSoonError
from core.domain.ports import Store
from core.domain.vote_filter import VoteFilter
from core.domain.voting import Ballot, Battle, BattleForm, BattleState, Voter, VoterKind
from core.services.battles.ballots import settled
from core.services.battles.battle_views import BattleView, Row, Waiting, one_list, side_by_side
from core.services.battles.issuing import Issuer
from core.services.battles.matchmaking import Match
from core.services.battles.pair_chances import PairChances
from core.services.battles.pool import TOP, Pool
from core.services.battles.preparation import PreparationService
from core.services.battles.reveals import Agreement, Contribution, Known, Reveal, Revealer
from core.services.battles.slot_orders import SlotOrders, draft_of
from core.services.battles.weak_labels import WeakLabel, weak_labels
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.systems import SystemService
from core.services.votes.vote_columns import VoteColumns
from core.settings import Arena, Limits

__all__ = [
    "Agreement",
    "ArenaService",
    "BattleView",
    "Contribution",
    "Known",
    "Reveal",
    "Row",
    "Waiting",
    "WeakLabel",
]
OPEN = (BattleState.ISSUED, BattleState.SHOWN)
NAME_LENGTH = 80
UNDO_MINUTES = 30


class ArenaService:
    """Issues battles and takes votes. Nothing here is refused to a voter for lack of a role."""

    def __init__(
        self,
        store: Store,
        candidates: CandidateService,
        collections: CollectionService,
        systems: SystemService,
        preparation: PreparationService,
        columns: VoteColumns,
        limits: Limits,
        arena: Arena,
        seed: int | None = None,
    ) -> None:
        self._store = store
        self._candidates = candidates
        self._collections = collections
        self._preparation = preparation
        self._limits = limits
        self._chances = PairChances(store, columns, policy=arena.policy, top=arena.contrast_top, seed=seed)
        self._issuer = Issuer(store, collections, self._chances, arena, seed)
        self._orders = SlotOrders(store, collections)
        self._revealer = Revealer(store, collections, systems)

    def close(self) -> None:
        """Wait for what runs in the background."""
        self._chances.close()

    def enter(self, voter_id: str, name: str | None = None, group: str | None = None) -> Voter:
        """The voter with this id, made on first sight; ``name`` and ``group`` are kept when given, cut at 80."""
        known = self._store.voter(voter_id)
        base = known or Voter(id=voter_id, kind=VoterKind.PERSON)
        voter = Voter(
            id=voter_id,
            kind=base.kind,
            name=base.name if name is None else name.strip()[:NAME_LENGTH],
            group=base.group if group is None else group.strip()[:NAME_LENGTH],
        )
        if voter != known:
            self._store.save_voter(voter)
        return voter

    def next_battle(
        self, voter_id: str, collection: str, category: str = "", *, form: BattleForm | str = ""
    ) -> BattleView | Waiting:
        """The voter's open battle (of this form), else a new one; Waiting where none can be made (yet).

        ``form`` empty: by the rates of the settings. InvalidInputError for a form that there is not.
        """
        wanted = _form(form)
        voter = self.enter(voter_id)
        found = self._collections.get(collection)
        everything = self._store.battles(voter_id)
        mine = [battle for battle in everything if battle.collection == found.fingerprint]
        for battle in reversed(mine):
            if battle.state in OPEN and wanted in (None, battle.form) and not self._expire(battle):
                return self._view(battle, everything)
        pool = self._preparation.pool(found.fingerprint)
        match = self._issuer.draw(found.fingerprint, pool, mine, category=category, form=wanted)
        if match is None:
            return self._waiting(found.fingerprint, pool, wanted, voted=bool(mine))
        battle = self._battle(match, voter, found.fingerprint)
        self._store.add_battle(battle)
        return self._view(battle, everything)

    def shown(self, battle_id: str, voter_id: str) -> None:
        """The battle is on the voter's screen; the reading time starts."""
        self._store.show_battle(battle_id, voter_id, datetime.now(UTC))

    def vote(self, battle_id: str, voter_id: str, ballot: Ballot) -> Reveal:
        """Record the ballot, committed before this returns. Of an interleaved battle its verdict is ignored.

        AlreadyVotedError, NotOpenError (expired, of another voter, never shown); TooSoonError, TooManyVotesError and
        InvalidInputError (the ballot does not answer the battle), after which the battle stays open;
        StorageBusyError and StorageFullError (nothing recorded; may be tried again).
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
        self._limit_rate(voter_id, now)
        orders = self._orders.of(battle)
        said = settled(ballot, battle, orders)
        self._store.cast_vote(battle_id, voter_id, VoterKind.PERSON, said, now)
        self._chances.heard(battle)
        return self._revealer.of(battle, said, orders)

    def skip(self, battle_id: str, voter_id: str) -> None:
        """Close the battle without a verdict; it does not come back to this voter."""
        self._own(battle_id, voter_id)
        self._store.close_battle(battle_id, voter_id, BattleState.SKIPPED)

    def undo(self, battle_id: str, voter_id: str) -> None:
        """Withdraw the vote and retire the battle for this voter, because the names are known.

        NotOpenError after UNDO_MINUTES: nobody is to sort their votes by the names that came after them.
        """
        self._own(battle_id, voter_id)
        now = datetime.now(UTC)
        cast = self._store.find_votes(VoteFilter(battle=battle_id), limit=1).votes
        if cast and now - cast[0].cast_at > timedelta(minutes=UNDO_MINUTES):
            raise NotOpenError(f"A vote can be taken back for {UNDO_MINUTES} minutes.")
        self._store.withdraw_vote(battle_id, voter_id, now)

    def last_reveal(self, voter_id: str, collection: str) -> Reveal | None:
        """What was known after the voter's last vote here, for a session that has lost it (a reload): of a vote not
        older than UNDO_MINUTES and not taken back, else None."""
        found = self._collections.get(collection)
        recent = VoteFilter(
            voters=(voter_id,),
            collection=found.fingerprint,
            since=datetime.now(UTC) - timedelta(minutes=UNDO_MINUTES),
        )
        last = next(iter(self._store.find_votes(recent, limit=1).votes), None)
        if last is None or last.withdrawn:
            return None
        battle = self._store.battle(last.battle)
        verdict = last.cast_verdict or last.verdict
        ballot = Ballot(verdict=verdict, order=last.order, marks=last.marks, reasons=last.reasons)
        return self._revealer.of(battle, ballot, self._orders.of(battle))

    def agreements(self, collection: str) -> dict[tuple[str, str], int]:
        """Pairs of systems of the arena (fingerprints in order) to the number of lists whose first TOP documents are
        the same in both: those are never put against each other."""
        return self._preparation.pool(collection).agreements()

    def marks(self, collection: str) -> tuple[WeakLabel, ...]:
        """What people marked useful or not, by query and document: weak relevance labels."""
        found = self._collections.get(collection)
        return weak_labels(self._store.votes(collection=found.fingerprint, kind=VoterKind.PERSON))

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

    def _limit_rate(self, voter_id: str, now: datetime) -> None:
        """Votes that were taken back count too. Asked before the vote is written, so votes of one voter that arrive at
        the same moment may exceed it, by no more than the battles the voter has open in other tabs."""
        most = self._limits.votes_per_minute
        recent = VoteFilter(voters=(voter_id,), since=now - timedelta(minutes=1))
        given = self._store.find_votes(recent, limit=1).total
        if given >= most:
            raise TooManyVotesError(
                f"Not counted: {counted(given, 'vote')} of yours within a minute, at most {most} "
                f"{'is' if most == 1 else 'are'} taken. Try again in a moment."
            )

    def _battle(self, match: Match, voter: Voter, collection: str) -> Battle:
        record = self._store.candidates_record(match.candidates)
        return Battle(
            id=uuid.uuid4().hex,
            voter=voter.id,
            candidates=match.candidates,
            collection=collection,
            query_id=record.query_id,
            category=record.category,
            left=match.slots[0],
            right=match.slots[1],
            further=match.slots[2:],
            state=BattleState.ISSUED,
            issued_at=datetime.now(UTC),
            form=match.form,
            policy=match.policy,
            probability=match.probability,
            control=match.control,
            repeats=match.repeats,
            seed=match.seed,
            depth=len(record.document_ids),
            voter_group=voter.group,
        )

    def _view(self, battle: Battle, mine: Sequence[Battle]) -> BattleView:
        """``mine``: all battles of the voter; those with a vote are counted, today's by when they were shown."""
        candidates = self._candidates.load(battle.candidates)
        documents = {document.id: document for document in candidates.documents}
        orders = self._orders.of(battle)
        merged: list[Document] = []
        if battle.form is BattleForm.INTERLEAVED:
            merged = [documents[id] for id in draft_of(battle, orders).documents]
            orders = ()
        voted = [each for each in mine if each.state is BattleState.VOTED]
        today = datetime.now(UTC).date()
        return BattleView(
            id=battle.id,
            form=battle.form,
            query=candidates.query.text,
            category=candidates.query.category,
            lists=side_by_side([[documents[id] for id in order] for order in orders]),
            merged=one_list(merged),
            votes_today=sum(each.shown_at is not None and each.shown_at.date() == today for each in voted),
            votes_all=len(voted),
        )

    def _waiting(self, collection: str, pool: Pool, form: BattleForm | None, *, voted: bool) -> Waiting:
        job = self._preparation.running(collection)
        if job is not None:
            return Waiting(reason="Battles are being prepared.", job=job)
        if not pool.lists:
            return Waiting(reason="No battles are prepared for this collection.", job=None)
        if voted:
            return Waiting(reason="You have seen every battle there is here. Thank you.", job=None)
        if form is BattleForm.BEST_TO_WORST:
            return Waiting(reason=f"No three prepared systems differ in the top {TOP} of a query.", job=None)
        return Waiting(reason=f"The prepared systems agree on the top {TOP} of every query.", job=None)


def _form(given: BattleForm | str) -> BattleForm | None:
    if given and given not in set(BattleForm):
        raise InvalidInputError(f"There is no form of battle {given!r}. Forms: {', '.join(BattleForm)}.")
    return BattleForm(given) if given else None
