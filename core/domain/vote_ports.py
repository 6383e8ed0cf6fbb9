"""What the services need from the store about votes: voters, battles and the chained log. Implemented in db."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.domain.comparisons import Comparisons
from core.domain.vote_filter import VoteFilter, VotePage, VoteSource
from core.domain.vote_log import Act, Decision, LogEntry
from core.domain.voting import Ballot, Battle, BattleState, Vote, Voter, VoterKind


class VoteStore(Protocol):
    """Voters, battles and the append-only vote log."""

    def save_voter(self, voter: Voter) -> None:
        """Insert, or change the name, and the group where one is given."""
        ...

    def voter(self, id: str) -> Voter | None: ...

    def add_battle(self, battle: Battle) -> None: ...

    def battle(self, id: str) -> Battle:
        """UnknownNameError where absent."""
        ...

    def battles(self, voter: str, collection: str | None = None) -> tuple[Battle, ...]:
        """Battles of one voter, oldest first."""
        ...

    def show_battle(self, id: str, voter: str, at: datetime) -> Battle:
        """ISSUED -> SHOWN in one statement; a battle already shown keeps its first time."""
        ...

    def close_battle(self, id: str, voter: str, state: BattleState) -> None:
        """SHOWN or ISSUED -> SKIPPED or EXPIRED; NotOpenError otherwise."""
        ...

    def cast_vote(self, battle: str, voter: str, kind: VoterKind, ballot: Ballot, at: datetime) -> Vote:
        """SHOWN -> VOTED, the vote and its entry in the chained log in one transaction, committed before it returns.

        AlreadyVotedError where the battle has its vote; NotOpenError for any other state or voter;
        InvalidInputError for a ballot that does not fit the battle (core/domain/ballots.py) or a mark on a document
        that is not in its list; StorageBusyError / StorageFullError when nothing was recorded.
        """
        ...

    def withdraw_vote(self, battle: str, voter: str, at: datetime) -> None:
        """Append an UNDO to the log and VOTED -> RETIRED; NotOpenError where there is nothing to undo."""
        ...

    def votes(
        self,
        *,
        collection: str | None = None,
        kind: VoterKind | None = None,
        voter: str | None = None,
        candidates: str | None = None,
        include_withdrawn: bool = False,
    ) -> tuple[Vote, ...]:
        """The log in order of casting."""
        ...

    def revision(self) -> tuple[int, int, int]:
        """Another triple whenever a vote, an act or a ranking has been added."""
        ...


class VoteLogStore(Protocol):
    """The log read as columns, as pages and entry by entry; acts; import."""

    def comparisons(self, *, collection: str, kind: VoterKind, after: int = 0) -> Comparisons:
        """Columns of all rated votes (no controls) with an id above ``after``, whatever became of them later.

        A name keeps its position, so what is read later continues what was read before.
        """
        ...

    def decisions(self) -> tuple[Decision, ...]:
        """Every act, UNDO included, in the order of the log."""
        ...

    def record_acts(self, acts: Sequence[Act]) -> None:
        """Append acts (not UNDO) to the log in one transaction, all or none.

        UnknownNameError for a battle without a vote or an unknown voter; InvalidInputError for a verdict that the
        form of the battle does not allow.
        """
        ...

    def find_votes(self, wanted: VoteFilter, *, limit: int, offset: int = 0) -> VotePage:
        """One page of the log, newest first, and how many there are."""
        ...

    def vote_sources(self) -> tuple[VoteSource, ...]:
        """Every collection (or imported log without one) that has votes, most votes first."""
        ...

    def log(self) -> Iterator[LogEntry]:
        """Every entry in order, from one consistent snapshot."""
        ...

    def import_log(self, entries: Iterable[Vote | Act], names: Mapping[str, str]) -> tuple[int, int]:
        """Append foreign entries, all or none; how many were new, how many were here already (same battle or act).

        ``names``: fingerprint to specification, for boards to show; those already known stay.
        """
        ...
