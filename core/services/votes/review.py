"""Review of voters: what the detectors say of each, and quarantine until a person decides.

A flag puts the voter's votes aside; it never removes them, and a person's word ends it. Of a voter on whom a person
has decided nothing is put aside again before as many new votes have come as there were then.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from core.domain.comparisons import FOREIGN, Comparisons
from core.domain.decisions import Decisions, VoteState
from core.domain.ports import Store
from core.domain.roles import Actor, Role
from core.domain.vote_log import DETECTOR, Act, ActKind, Decision
from core.domain.voting import VoterKind
from core.ratings.detectors.evidence import Evidence
from core.ratings.detectors.flags import Inspection
from core.ratings.detectors.inspection import inspect
from core.ratings.outcomes import from_comparisons
from core.services.votes.controls import ControlService
from core.services.votes.vote_columns import VoteColumns

log = logging.getLogger(__name__)
NEW_VOTES = 20  # a review follows this many
SECONDS = 20.0
_KEPT = (ActKind.UNDO, ActKind.CORRECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is known of the voters of one kind on one source. ``states``: of a voter's votes, by voter.

    ``undecided``: flagged voters that ``quarantine`` would put aside; nobody has decided on them yet.
    """

    inspection: Inspection
    states: Mapping[str, VoteState]
    undecided: tuple[str, ...]


class ReviewService:
    """Runs the detectors; one inspection per source is kept until the log grows."""

    def __init__(self, store: Store, columns: VoteColumns, controls: ControlService) -> None:
        self._store = store
        self._columns = columns
        self._controls = controls
        self._kept: dict[tuple[str, VoterKind], tuple[object, Inspection]] = {}

    def review(self, actor: Actor, source: str, kind: VoterKind = VoterKind.PERSON) -> Review:
        """Flags and figures of every voter of this kind; votes that were taken back are not looked at."""
        actor.must_be(Role.RESEARCHER, "look at voters")
        inspection = self._inspection(source, kind)
        decisions = Decisions(self._store.decisions())
        return Review(
            inspection=inspection,
            states={summary.voter: decisions.state(0, summary.voter) for summary in inspection.voters},
            undecided=self._undecided(inspection, source, kind),
        )

    def quarantine(self, source: str, kind: VoterKind = VoterKind.PERSON) -> tuple[str, ...]:
        """Put aside the votes of newly flagged voters; their ids."""
        inspection = self._inspection(source, kind)
        now = datetime.now(UTC)
        acts = [
            Act(kind=ActKind.QUARANTINE, actor=DETECTOR, reason=_reason(inspection, voter), at=now, voter=voter)
            for voter in self._undecided(inspection, source, kind)
        ]
        if acts:
            self._store.record_acts(acts)
            log.info("%d voters put in quarantine on %s", len(acts), source[:24])
        return tuple(act.voter for act in acts)

    def quarantine_everywhere(self) -> None:
        """``quarantine`` on every collection whose votes were cast here; imported logs are left to a person."""
        for source in self._store.vote_sources():
            if not source.collection.startswith(FOREIGN) and source.counts.get(VoterKind.PERSON):
                self.quarantine(source.collection)

    def _undecided(self, inspection: Inspection, source: str, kind: VoterKind) -> tuple[str, ...]:
        """Flagged voters that are neither set aside nor settled by a person."""
        flagged = inspection.flagged()
        if not flagged:
            return ()
        said = self._store.decisions()
        decisions, comparisons = Decisions(said), self._columns.read(source, kind)
        return tuple(
            voter
            for voter in sorted(flagged)
            if not _set_aside(decisions, voter) and not _settled(said, comparisons, voter)
        )

    def _inspection(self, source: str, kind: VoterKind) -> Inspection:
        state, key = self._store.revision(), (source, kind)
        kept = self._kept.get(key)
        if kept is not None and kept[0] == state:
            return kept[1]
        made = inspect(self._evidence(source, kind))
        self._kept[key] = (state, made)
        return made

    def _evidence(self, source: str, kind: VoterKind) -> Evidence:
        voters_own = Decisions(d for d in self._store.decisions() if d.act.kind in _KEPT)
        comparisons = voters_own.apply(self._columns.read(source, kind))
        return Evidence(
            outcomes=from_comparisons(comparisons),
            seconds=comparisons.seconds,
            controls=self._controls.records(source, kind),
        )


class Reviewer:
    """A thread that reviews again after enough new votes."""

    def __init__(self, service: ReviewService, store: Store, *, seconds: float = SECONDS) -> None:
        self._service = service
        self._store = store
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="review", daemon=True)

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def stop(self) -> None:
        """Return once the thread has ended."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        reviewed = -NEW_VOTES
        while not self._stopped.wait(self._seconds):
            try:
                votes = self._store.revision()[0]
                if votes - reviewed >= NEW_VOTES:
                    self._service.quarantine_everywhere()
                    reviewed = votes
            except Exception:  # a thread's boundary: the next round tries again, the log has the reason
                log.exception("the review of voters failed; it is tried again in %.0f s", self._seconds)


def _set_aside(decisions: Decisions, voter: str) -> bool:
    state = decisions.state(0, voter)
    return state.excluded or state.quarantined


def _settled(said: tuple[Decision, ...], comparisons: Comparisons, voter: str) -> bool:
    """Whether a person has decided on this voter and fewer votes have come since than there were before."""
    times = [d.act.at for d in said if d.act.voter == voter and d.act.actor != DETECTOR]
    if not times or voter not in comparisons.voters:
        return False
    own = comparisons.voter == comparisons.voters.index(voter)
    at, vote = comparisons.at[own], comparisons.vote[own]
    last = max(times).timestamp() * 1000
    return len(np.unique(vote[at > last])) < len(np.unique(vote[at <= last]))


def _reason(inspection: Inspection, voter: str) -> str:
    return " ".join(flag.sentence for flag in inspection.flags if flag.voter == voter)
