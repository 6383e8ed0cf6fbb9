"""Strategies for the tests of the engine: one round, many rounds, members, and whatever a test wants returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.documents import CandidateList
from core.domain.requests import (
    LabelAnswer,
    LabelLogprobs,
    Message,
    Part,
    Prompt,
    Rank,
    RankAnswer,
    Score,
    ScoreAnswer,
)
from core.strategies.base import Outcome, Steps, Strategy, StrategyInfo, ask, by_score

INFO = StrategyInfo(name="test", version=1, family="pointwise", title="Test")


@dataclass(frozen=True)
class Pointwise:
    """One score per document."""

    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        requests = [Score(query=candidates.query.text, document=d) for d in candidates.documents]
        answers = yield from ask(requests, ScoreAnswer)
        scores = tuple(answer.score for answer in answers)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        return n_docs


@dataclass(frozen=True)
class Insertion:
    """Insertion sort by comparisons, one at a time: as many rounds as comparisons."""

    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        order: list[int] = []
        for position in range(len(candidates.documents)):
            place = len(order)
            while place and (yield from self._beats(candidates, position, order[place - 1])):
                place -= 1
            order.insert(place, position)
        return Outcome(order=tuple(order))

    def _beats(self, candidates: CandidateList, challenger: int, holder: int):
        texts = [candidates.documents[i] for i in (holder, challenger)]
        parts = tuple(Part(text=d.text, kind="document", document_id=d.id) for d in texts)
        prompt = Prompt(messages=(Message(role="user", parts=parts),))
        (answer,) = yield from ask([LabelLogprobs(prompt=prompt, labels=("A", "B"))], LabelAnswer)
        return answer.logprobs[1] > answer.logprobs[0]

    def forecast(self, n_docs: int) -> int:
        return n_docs * (n_docs - 1) // 2


@dataclass(frozen=True)
class Fusion:
    """Sum of the reciprocal ranks of two members."""

    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        answers = yield from ask([Rank(member=m, candidates=candidates) for m in range(2)], RankAnswer)
        scores = [0.0] * len(candidates.documents)
        for answer in answers:
            for rank, position in enumerate(answer.order, start=1):
                scores[position] += 1 / rank
        return Outcome(order=by_score(scores), scores=tuple(scores))

    def forecast(self, n_docs: int) -> int:
        return 0


@dataclass(frozen=True)
class Scripted:
    """Returns what it is given, or raises it."""

    outcome: object
    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates: CandidateList) -> Steps:
        yield []
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome  # type: ignore[return-value]  # whatever a test wants returned

    def forecast(self, n_docs: int) -> int:
        return 0


STRATEGIES: dict[str, Strategy] = {"pointwise": Pointwise(), "insertion": Insertion(), "fusion": Fusion()}
