"""The record of one ranking and its members: what the generators asked, what they were answered, what they returned.

A strategy does the same on the same answers, so a trace is a replay with a record around every generator
(``RunRecord.watched``). Ordinary rankings have no record. The driver says which answers were known already and which
member answers which request; everything else is seen between generator and driver.

Bounded: requests are kept from the first on up to half of ``LIMIT`` characters, and from then on the last ones that
fit into the rest. Requests to members are always kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.documents import CandidateList
from core.domain.rankings import LogicalCost, Ranking, kept_reasoning
from core.domain.requests import Answer, Part, Rank, Request
from core.domain.systems import System
from core.domain.traces import Trace, TracedRequest, TracedRound, TracedRun, TracedStep, Turn
from core.strategies.base import Outcome, Step, Steps
from core.worker.task import TaskKey, task_key
from core.worker.traced_pieces import PieceTable
from core.worker.traced_requests import traced

LIMIT = 8_000_000  # characters of requests and their texts, estimated generously: all pairs of 100 passages fit
STEP_POSITIONS = 100_000  # of all orders that a run's steps hold
REPAIR_CHARS = 50_000


class Recording:
    """One trace while it is made; model thread only."""

    def __init__(self, job: str, limit: int = LIMIT) -> None:
        self.job = job
        self._limit = limit
        self._pieces = PieceTable()
        self._weight = 0
        self._head: list[_Kept] = []
        self._tail: deque[_Kept] = deque()
        self._runs: dict[TaskKey, RunRecord] = {}
        self._paths: Counter[str] = Counter()
        self.asked = self.left_out = 0

    def run(self, system: System, candidates: CandidateList, path: str = "") -> RunRecord:
        """The record of a system over a list; one that is still being made is shared by all who ask for it.

        ``path``: that of the member; a second list of the same member gets ":2" behind it.
        """
        key = task_key(system, candidates, self.job)
        known = self._runs.get(key)
        if known is None or known.over:
            self._paths[path] += 1
            numbered = path if self._paths[path] == 1 else f"{path}:{self._paths[path]}"
            known = self._runs[key] = RunRecord(self, system, candidates, numbered)
        return known

    def keep(self, run: RunRecord, asked: Sequence[Request], answers: Sequence[Answer]) -> None:
        """One round of a run is answered."""
        models = {slot: model.id for slot, model in run.system.slots}
        for index, (request, answer) in enumerate(zip(asked, answers, strict=True)):
            made = traced(request, answer, index + 1, self._place)
            kept = _Kept(
                run=run,
                round=run.rounds,
                request=replace(made, model=models.get(made.slot, ""), cached=index in run.hits),
                member=run.members.get(index),
            )
            self.asked += not isinstance(request, Rank)
            self._enter(kept)

    def trace(self, root: RunRecord, ranking: Ranking) -> Trace:
        """The whole, once ``root`` is over."""
        places, pieces = self._pieces.pieces()
        told = _Teller(places, (*self._head, *self._tail))
        return Trace(
            system=ranking.system,
            candidates=ranking.candidates,
            query=root.candidates.query.text,
            run=told.run(root),
            pieces=pieces,
            asked=self.asked,
            left_out=self.left_out,
            machine=ranking.machine,
        )

    def _place(self, part: Part) -> int:
        return self._pieces.place(part)

    def _enter(self, kept: _Kept) -> None:
        self._weight += kept.weight
        if kept.member is not None or (not self._tail and self._weight + self._pieces.weight <= self._limit / 2):
            self._head.append(kept)
            return
        self._tail.append(kept)
        while self._weight + self._pieces.weight > self._limit and len(self._tail) > 1:
            dropped = self._tail.popleft()
            self._weight -= dropped.weight
            self._pieces.release(place for turn in dropped.request.turns for place in turn.pieces)
            self.left_out += 1


class RunRecord:
    """One system over one list. ``hits``: which requests of the present round were answered from the cache;
    ``members``: whose record answers which; ``rounds``: made so far."""

    def __init__(self, recording: Recording, system: System, candidates: CandidateList, path: str) -> None:
        self.recording, self.system, self.candidates, self.path = recording, system, candidates, path
        self.hits: set[int] = set()
        self.members: dict[int, RunRecord] = {}
        self.rounds = 0
        self.asked: list[int] = []
        self.outcome: Outcome | None = None
        self.logical = LogicalCost()

    @property
    def job(self) -> str:
        """The job that wants the trace."""
        return self.recording.job

    @property
    def over(self) -> bool:
        """Whether the strategy has returned."""
        return self.outcome is not None

    def watched(self, steps: Steps) -> Steps:
        """``steps`` with everything that passes kept."""
        answers: Sequence[Answer] | None = None
        try:
            while True:
                try:
                    asked = list(steps.send(answers))  # type: ignore[arg-type]  # None opens a generator
                except StopIteration as stop:
                    returned: Outcome = stop.value
                    return returned
                self.rounds += 1
                self.asked.append(len(asked))
                self.hits.clear()
                self.members.clear()
                answers = yield asked
                self.recording.keep(self, asked, answers)
        finally:
            steps.close()

    def member(self, index: int, system: System, request: Rank) -> RunRecord:
        """The record of the member that answers a request of the present round."""
        path = f"{self.path}/{request.member}" if self.path else str(request.member)
        self.members[index] = self.recording.run(system, request.candidates, path)
        return self.members[index]

    def finished(self, outcome: Outcome, logical: LogicalCost) -> None:
        """The strategy has returned, and what it returned is sound."""
        self.outcome, self.logical = outcome, logical

    def trace(self, ranking: Ranking) -> Trace:
        """The trace of which this record is the system itself."""
        return self.recording.trace(self, ranking)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A request and where it belongs. ``member``: who answered it, where that was a system."""

    run: RunRecord
    round: int
    request: TracedRequest
    member: RunRecord | None

    @property
    def weight(self) -> int:
        """Roughly its characters on the wire, without the texts of its prompt."""
        request, answer = self.request, self.request.answer
        odds = sum(len(token.text) + 20 + 30 * len(token.top) for token in answer.tokens)
        wanted = sum(map(len, request.wanted.names)) + 200 if request.wanted else 0
        texts = sum(len(id) + 4 for id in (*request.documents, *answer.order)) + len(answer.text or "")
        numbers = 40 * len(answer.labels) + 22 * len(answer.scores) + 60 * len(request.cuts)
        return 400 + 8 * sum(len(turn.pieces) for turn in request.turns) + odds + wanted + texts + numbers


class _Teller:
    """Puts what was kept into runs; a run that several asked for is told at its first place."""

    def __init__(self, places: dict[int, int], kept: Sequence[_Kept]) -> None:
        self._places = places
        self._told: set[int] = set()
        self._kept: dict[tuple[int, int], list[_Kept]] = defaultdict(list)
        for one in kept:
            self._kept[id(one.run), one.round].append(one)

    def run(self, record: RunRecord) -> TracedRun:
        """A record that is over."""
        self._told.add(id(record))
        outcome = record.outcome or Outcome(order=tuple(range(len(record.candidates.documents))))
        ids, scores = record.candidates.ids, outcome.scores
        return TracedRun(
            path=record.path,
            system=record.system.spec,
            candidates=ids,
            rounds=tuple(self._rounds(record)),
            rounds_made=record.rounds,
            steps=_steps(outcome.steps, len(ids)),
            steps_made=len(outcome.steps),
            order=tuple(ids[position] for position in outcome.order),
            scores=None if scores is None else tuple(scores[position] for position in outcome.order),
            repairs=kept_reasoning(outcome.repairs, REPAIR_CHARS),
            reasoning=kept_reasoning(outcome.reasoning),
            keep=outcome.keep,
            logical=record.logical,
        )

    def _rounds(self, record: RunRecord) -> list[TracedRound]:
        found = []
        for number, asked in enumerate(record.asked, start=1):
            kept = sorted(self._kept.get((id(record), number), ()), key=lambda one: one.request.number)
            if kept or not asked:
                found.append(TracedRound(number=number, asked=asked, requests=tuple(map(self._request, kept))))
        return found

    def _request(self, kept: _Kept) -> TracedRequest:
        turns = tuple(
            Turn(role=turn.role, pieces=tuple(self._places[place] for place in turn.pieces))
            for turn in kept.request.turns
        )
        member = kept.member
        run = None if member is None or id(member) in self._told else self.run(member)
        return replace(kept.request, turns=turns, member="" if member is None else member.path, run=run)


def _steps(steps: Sequence[Step], n_docs: int) -> tuple[TracedStep, ...]:
    """The first and the last of many; an order that is none of all candidates is left out."""
    most = max(16, STEP_POSITIONS // max(1, n_docs))
    told = list(steps) if len(steps) <= most else [*steps[: most // 2], *steps[-(most // 2) :]]
    everyone = list(range(n_docs))
    return tuple(
        TracedStep(
            round=int(step.round),
            note=str(step.note),
            order=tuple(map(int, step.order)) if step.order is not None and sorted(step.order) == everyone else None,
        )
        for step in told
    )
