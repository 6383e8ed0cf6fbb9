"""One setwise comparison: which of several passages answers the query best (Zhuang et al. 2024, arXiv:2310.09497).

The passages stand in the prompt in first-stage order, so a model that always takes the first place says nothing new.
With several votes each vote sees them in another order, drawn from the seed; most votes win. Ties, and silence, go to
the passage that the first stage had earliest. Nothing is asked twice: the same passages have the same best one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.domain.documents import CandidateList, Document
from core.domain.requests import Answer, GenerateAnswer, LabelAnswer, Request
from core.strategies.base import Outcome, Step, ask
from core.strategies.choices import thoughts
from core.strategies.heads import head_first
from core.strategies.judges import uniform

Asking = Generator[Sequence[Request], Sequence[Answer], int]


class Ballot(Protocol):
    """How one question is put and its answer read."""

    @property
    def kind(self) -> type[LabelAnswer] | type[GenerateAnswer]:
        """What comes back."""
        ...

    def request(self, query: str, documents: Sequence[Document]) -> Request:
        """Asks for the best of the documents."""
        ...

    def read(self, answer: LabelAnswer | GenerateAnswer, n_docs: int) -> tuple[int, ...]:
        """The places of the best documents in the question, one unless some are equal; none where it cannot be
        read."""
        ...


@dataclass(slots=True, kw_only=True)
class Selector:
    """Asks for the best of some positions of one candidate list, and keeps what was said."""

    candidates: CandidateList
    ballot: Ballot
    votes: int = 1
    seed: int = 0
    rounds: int = 0
    unread: int = 0
    steps: list[Step] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    _known: dict[frozenset[int], int] = field(default_factory=dict)

    def best(self, positions: Iterable[int]) -> Asking:
        """The best of the positions."""
        among = sorted(positions)
        if len(among) == 1:
            return among[0]
        key = frozenset(among)
        if key not in self._known:
            self._known[key] = yield from self._elect(among)
        return self._known[key]

    def placed(self, head: Sequence[int]) -> None:
        """Record that the list now begins with ``head``, which has grown by one."""
        order = head_first(head, len(self.candidates.documents))
        note = f"{self.candidates.documents[head[-1]].id} is number {len(head)}"
        self.steps.append(Step(round=max(1, self.rounds), note=note, order=order))

    def outcome(self, order: tuple[int, ...]) -> Outcome:
        """The outcome with everything that was recorded."""
        noun = "answers" if self.unread > 1 else "answer"
        repairs = (f"{self.unread} {noun} without a label; the first stage decided",) if self.unread else ()
        return Outcome(order=order, repairs=repairs, reasoning=tuple(self.reasoning), steps=tuple(self.steps))

    def _elect(self, among: list[int]) -> Asking:
        documents, query = self.candidates.documents, self.candidates.query.text
        orders = [self._shuffled(among, vote) for vote in range(self.votes)]
        requests = [self.ballot.request(query, [documents[p] for p in order]) for order in orders]
        answers = yield from ask(requests, self.ballot.kind)
        self.rounds += 1
        ids = ", ".join(documents[position].id for position in among)
        counts: Counter[int] = Counter()
        for order, answer in zip(orders, answers, strict=True):
            best = [order[place] for place in self.ballot.read(answer, len(order))]
            self.unread += not best
            counts.update([min(best)] if best else [])
            self._reasoned(answer, ids)
        winner = max(among, key=lambda position: (counts[position], -position))
        self.steps.append(Step(round=self.rounds, note=f"{documents[winner].id} is the best of {ids}"))
        return winner

    def _shuffled(self, among: list[int], vote: int) -> list[int]:
        if self.votes == 1:
            return among
        ids, text = self.candidates.ids, self.candidates.query.text
        return sorted(among, key=lambda position: uniform(self.seed, text, str(vote), ids[position]))

    def _reasoned(self, answer: LabelAnswer | GenerateAnswer, ids: str) -> None:
        thought = thoughts(answer.text) if isinstance(answer, GenerateAnswer) else ""
        if thought:
            self.reasoning.append(f"Best of {ids}: {thought}")
