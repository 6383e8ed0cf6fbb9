"""Comparisons of the documents of one candidate list: each pair in both orders, and once."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from core.domain.documents import CandidateList
from core.domain.requests import Answer, GenerateAnswer, Request
from core.strategies.base import Outcome, Step, ask
from core.strategies.choices import thoughts
from core.strategies.pairwise.comparison import (
    LIKELIHOOD,
    Asked,
    PairAnswer,
    comparison,
    silence_note,
    silent,
    verdict,
)

MAIN_SLOT = "model"
Pair = tuple[int, int]
Nothing = Generator[Sequence[Request], Sequence[Answer], None]


@dataclass(slots=True, kw_only=True)
class Referee:
    """Compares positions, remembers every verdict, and keeps what was said."""

    candidates: CandidateList
    asked: Asked = LIKELIHOOD
    slot: str = MAIN_SLOT
    silent: int = 0
    rounds: int = 0
    steps: list[Step] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    _known: dict[Pair, int] = field(default_factory=dict)

    def compare(self, left: int, right: int) -> Generator[Sequence[Request], Sequence[Answer], int]:
        """1 where ``left`` is better, -1 where ``right`` is, 0 for a tie; asks only for new pairs."""
        yield from self.compare_all([(left, right)])
        return self.known(left, right)

    def compare_all(self, pairs: Sequence[Pair]) -> Nothing:
        """Ask for those of the pairs that are new, all in one round."""
        new = [pair for pair in dict.fromkeys((min(pair), max(pair)) for pair in pairs) if pair not in self._known]
        documents, query = self.candidates.documents, self.candidates.query.text
        requests = [request for i, j in new for request in comparison(query, documents[i], documents[j], self.asked)]
        if self.slot != MAIN_SLOT:
            requests = [replace(request, slot=self.slot) for request in requests]
        if not requests:
            return
        answers: Sequence[PairAnswer] = yield from ask(requests, self.asked.kind)
        self.rounds += 1
        for pair, forward, backward in zip(new, answers[::2], answers[1::2], strict=True):
            self._record(pair, forward, backward)
        self.steps.append(Step(round=self.rounds, note=self._words(new)))

    def known(self, left: int, right: int) -> int:
        """The verdict on a pair that was compared."""
        verdict = self._known[min(left, right), max(left, right)]
        return verdict if left < right else -verdict

    def ahead(self, left: int, right: int) -> bool:
        """Whether ``left`` comes before ``right``, of a pair that was compared: the better one, on a tie the earlier in
        the first stage."""
        result = self.known(left, right)
        return result > 0 or (result == 0 and left < right)

    def before(self, left: int, right: int) -> Generator[Sequence[Request], Sequence[Answer], bool]:
        """As ``ahead``, for any pair."""
        yield from self.compare(left, right)
        return self.ahead(left, right)

    def placed(self, order: Sequence[int], note: str) -> None:
        """Record the list as it stands now."""
        self.steps.append(Step(round=max(1, self.rounds), note=note, order=tuple(order)))

    def outcome(self, order: tuple[int, ...], scores: tuple[float, ...] | None = None) -> Outcome:
        """The outcome with everything that was recorded."""
        return Outcome(
            order=order,
            scores=scores,
            repairs=silence_note(self.silent),
            reasoning=tuple(self.reasoning),
            steps=tuple(self.steps),
        )

    def _record(self, pair: Pair, forward: PairAnswer, backward: PairAnswer) -> None:
        self._known[pair] = verdict(forward, backward)
        self.silent += silent(forward) + silent(backward)
        first, second = self._ids(pair)
        for answer in (forward, backward):
            thought = thoughts(answer.text) if isinstance(answer, GenerateAnswer) else ""
            if thought:
                self.reasoning.append(f"{first} or {second}: {thought}")

    def _words(self, pairs: Sequence[Pair]) -> str:
        verdicts = [self._known[pair] for pair in pairs]
        if len(pairs) > 1:
            return f"{len(pairs)} pairs compared, {verdicts.count(0)} of them tied"
        first, second = self._ids(pairs[0])
        words = {1: f"{first} beats {second}", -1: f"{second} beats {first}", 0: f"{first} and {second} are tied"}
        return words[verdicts[0]]

    def _ids(self, pair: Pair) -> tuple[str, str]:
        documents = self.candidates.documents
        return documents[pair[0]].id, documents[pair[1]].id
