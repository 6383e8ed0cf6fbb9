"""The votes that boards count as rows on two systems, for formats that hold no more than that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from core.datasets.votes.cast_row import CastRow, named_voter
from core.datasets.votes.formats import VoteFormat
from core.domain.counting import counted
from core.domain.decisions import Decisions
from core.domain.ports import Store
from core.domain.voting import SHARES, Control, Verdict, Vote, VoterKind, compared

_BY_SHARE = {1.0: Verdict.LEFT, 0.0: Verdict.RIGHT, 0.5: Verdict.EQUAL}


class CountedRows:
    """One row per pair of systems that a counted vote compared, with corrected verdicts, in the order of the log.

    Iterated once; ``notes`` afterwards says what was left out or could not be held.
    """

    def __init__(self, store: Store, format: VoteFormat, *, collection: str, kind: VoterKind | None) -> None:
        self._store, self._format = store, format
        self._collection, self._kind = collection, kind
        self._names = distinct_names(store.system_specs())
        self._left_out: Counter[str] = Counter()
        self._several = 0
        self._further = 0

    def __iter__(self) -> Iterator[CastRow]:
        decisions = Decisions(self._store.decisions())
        number = 0
        for entry in self._store.log():
            vote = entry.entry
            if not isinstance(vote, Vote) or not self._wanted(vote):
                continue
            state = decisions.state(vote.id, vote.voter)
            if why := _left_out(vote, withdrawn=state.withdrawn, out=state.excluded, doubted=state.quarantined):
                self._left_out[why] += 1
                continue
            for row in self._rows(vote, state.verdict or vote.cast_verdict or vote.verdict, number):
                number = row.number
                yield row

    def notes(self) -> tuple[str, ...]:
        """In sentences."""
        found = []
        if self._left_out:
            parts = ", ".join(f"{count:,} {why}" for why, count in sorted(self._left_out.items()))
            found.append(f"Left out, as on boards: {parts}.")
        if self._several:
            found.append(f"{counted(self._several, 'vote')} over several systems became one row for each pair.")
        if self._further:
            having = counted(self._further, "vote has", "votes have")
            found.append(f"{having} marks or reasons, which {self._format} cannot hold.")
        return tuple(found)

    def _wanted(self, vote: Vote) -> bool:
        if self._collection and vote.collection != self._collection:
            return False
        return self._kind is None or vote.voter_kind is self._kind

    def _rows(self, vote: Vote, verdict: Verdict, number: int) -> Iterator[CastRow]:
        pairs = compared(vote.slots, verdict, vote.order)
        self._several += len(pairs) > 1
        self._further += bool(vote.marks or vote.reasons)
        for place, pair in enumerate(pairs, start=1):
            yield CastRow(
                number=number + place,
                left=self._names.get(pair.left, pair.left),
                right=self._names.get(pair.right, pair.right),
                verdict=verdict if verdict in SHARES else _BY_SHARE[pair.share],
                voter=named_voter(vote),
                query=vote.query_id,
                category=vote.category,
                group=vote.voter_group,
                kind=vote.voter_kind,
                at=vote.cast_at,
            )


def distinct_names(specs: dict[str, str]) -> dict[str, str]:
    """Specification of each fingerprint; where several share one, with the beginning of the fingerprint."""
    shared = Counter(specs.values())
    return {id: spec if shared[spec] == 1 else f"{spec} ({id[:8]})" for id, spec in specs.items()}


def _left_out(vote: Vote, *, withdrawn: bool, out: bool, doubted: bool) -> str:
    if vote.control is not Control.NONE:
        return "hidden controls"
    if withdrawn:
        return "withdrawn"
    if out:
        return "excluded"
    return "quarantined" if doubted else ""
