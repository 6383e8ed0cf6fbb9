"""What a system will ask, found out by running its strategies with a judge in place of every model.

The judge is consistent and knows nothing of the texts, so strategies whose questions depend on the answers take a
typical way: what comes out is exact for all others and an estimate for these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.domain.documents import CandidateList
from core.domain.requests import (
    AttentionMass,
    Embed,
    EmbedPrompt,
    Generate,
    GenerateFused,
    LabelLogprobs,
    Likelihood,
    Prompt,
    Rank,
    RankAnswer,
    Request,
    Score,
    ScoreList,
)
from core.domain.systems import System
from core.strategies.base import Strategy
from core.strategies.driver import drive, is_call
from core.strategies.judges import PerfectJudge

CHARACTERS_PER_TOKEN = 4  # of English text under the tokenizers of common language models
Build = Callable[[System], Strategy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one model is asked. ``characters``: of all inputs; ``most_generated``: tokens it may write at most."""

    calls: int = 0
    characters: int = 0
    most_generated: int = 0

    @property
    def prompt_tokens(self) -> int:
        """Reckoned from the characters."""
        return -(-self.characters // CHARACTERS_PER_TOKEN)

    def __add__(self, other: Load) -> Load:
        return Load(
            calls=self.calls + other.calls,
            characters=self.characters + other.characters,
            most_generated=self.most_generated + other.most_generated,
        )


NOTHING = Load()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """``rounds``: calls that wait for one another. ``models``: model id and what it is asked, by id."""

    rounds: int
    models: tuple[tuple[str, Load], ...]

    @property
    def total(self) -> Load:
        """Of all models."""
        return sum((load for _, load in self.models), NOTHING)


@dataclass(slots=True)
class _Run:
    """Sums over a system and its members."""

    build: Build
    loads: dict[str, Load] = field(default_factory=dict)

    def rank(self, system: System, candidates: CandidateList) -> tuple[RankAnswer, int]:
        """The ranking, and the rounds it took."""
        depths: dict[int, int] = {}
        members = [self._member(member, depths) for member in system.members]
        driven = drive(self.build(system), candidates, PerfectJudge(), members=members)
        models = dict(system.slots)
        rounds = 0
        for asked in driven.rounds:
            deepest = 0
            for request in asked:
                if isinstance(request, Rank):
                    deepest = max(deepest, depths[id(request.candidates)])
                elif is_call(request):
                    deepest = max(deepest, 1)
                    self._count(models[_slot(request)].id, request)
            rounds += deepest
        return RankAnswer(order=driven.outcome.order, scores=driven.outcome.scores), rounds

    def _member(self, member: System, depths: dict[int, int]) -> Callable[[CandidateList], RankAnswer]:
        def answer(candidates: CandidateList) -> RankAnswer:
            found, rounds = self.rank(member, candidates)
            depths[id(candidates)] = max(depths.get(id(candidates), 0), rounds)
            return found

        return answer

    def _count(self, model: str, request: Request) -> None:
        self.loads[model] = self.loads.get(model, NOTHING) + load_of(request)


def predict(system: System, candidates: CandidateList, build: Build) -> Prediction:
    """What ranking ``candidates`` asks; raises what ``build`` and the strategies raise."""
    run = _Run(build)
    _, rounds = run.rank(system, candidates)
    return Prediction(rounds=rounds, models=tuple(sorted(run.loads.items())))


def load_of(request: Request) -> Load:
    """One request's load."""
    written = request.max_tokens if isinstance(request, Generate | GenerateFused) else 0
    return Load(calls=1, characters=_characters(request), most_generated=written)


def _slot(request: Request) -> str:
    return str(getattr(request, "slot", "model"))


def _characters(request: Request) -> int:
    match request:
        case Score():
            return len(request.query) + len(request.document.content)
        case Embed():
            return len(request.text)
        case ScoreList():
            return len(request.query) + sum(len(document.content) for document in request.documents)
        case GenerateFused():
            return sum(_length(prompt) for prompt in request.prompts)
        case Likelihood():
            return _length(request.prompt) + len(request.continuation)
        case EmbedPrompt() | LabelLogprobs() | Generate() | AttentionMass():
            return _length(request.prompt)
        case _:
            return 0


def _length(prompt: Prompt) -> int:
    return sum(len(part.text) for message in prompt.messages for part in message.parts)
