"""What control battles say of voters: records for the detectors (which count each voter's consistency), and side bias.

Votes that their voter took back or a person excluded do not count, nor do repeats of a vote that was taken back.
Quarantined ones do: they are the evidence that a person is to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.ports import Store
from core.domain.vote_filter import VoteFilter
from core.domain.voting import GOLD_BEST, SHARES, Control, Verdict, Vote, VoterKind
from core.ratings.detectors.evidence import TIE, ControlRecord, gold, same_system, swapped

KINDS = (Control.SAME_SYSTEM, Control.SWAPPED, Control.GOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBias:
    """Where the lists themselves cannot matter: verdicts on the same system twice, and swapped repeats in which the
    same side won both times. With nobody preferring a side, left and right are equally many but for chance."""

    left: int
    right: int
    ties: int


class ControlService:
    """Reads the control battles of one collection from the log."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def records(self, collection: str, kind: VoterKind = VoterKind.PERSON) -> tuple[ControlRecord, ...]:
        """One record per counted vote on a control, newest first within each kind. ``collection``: fingerprint."""
        votes = {control: self._votes(collection, kind, control) for control in KINDS}
        first = self._first_shares(collection, votes[Control.SWAPPED])
        return (
            *(same_system(vote.voter, _share(vote)) for vote in votes[Control.SAME_SYSTEM]),
            *(
                swapped(vote.voter, _share(vote), first=first[vote.repeats])
                for vote in votes[Control.SWAPPED]
                if vote.repeats in first
            ),
            *(gold(vote.voter, _share(vote), best_left=vote.left == GOLD_BEST) for vote in votes[Control.GOLD]),
        )

    def side_bias(self, collection: str, kind: VoterKind = VoterKind.PERSON) -> SideBias:
        """Over all voters."""
        return side_bias_of(self.records(collection, kind))

    def _votes(self, collection: str, kind: VoterKind, control: Control) -> tuple[Vote, ...]:
        wanted = VoteFilter(collection=collection, kind=kind, control=control)
        total = self._store.find_votes(wanted, limit=1).total
        found = self._store.find_votes(wanted, limit=max(1, total)).votes
        return tuple(vote for vote in found if _stands(vote))

    def _first_shares(self, collection: str, repeats: Iterable[Vote]) -> Mapping[str, float]:
        """Battle id to the left side's share, of votes that stand, for every voter with a swapped repeat."""
        voters = sorted({vote.voter for vote in repeats})
        return {
            vote.battle: _share(vote)
            for voter in voters
            for vote in self._store.votes(collection=collection, voter=voter)
            if _stands(vote) and vote.control is Control.NONE and _cast(vote) in SHARES
        }


def side_bias_of(records: Iterable[ControlRecord]) -> SideBias:
    """Of the same system twice every verdict; of a swapped repeat those where one side won both times."""
    left = right = ties = 0
    for record in records:
        first = 1.0 - record.expected
        same_side = record.control is Control.SWAPPED and record.share == first and first != TIE
        if same_side or record.control is Control.SAME_SYSTEM:
            left += record.share == 1.0
            right += record.share == 0.0
            ties += record.share == TIE
    return SideBias(left=left, right=right, ties=ties)


def _stands(vote: Vote) -> bool:
    return not (vote.withdrawn or vote.excluded)


def _cast(vote: Vote) -> Verdict:
    return vote.cast_verdict or vote.verdict


def _share(vote: Vote) -> float:
    """Of the left side, as the voter said it."""
    return SHARES[_cast(vote)]
