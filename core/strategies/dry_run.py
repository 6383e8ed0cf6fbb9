"""What a system will ask, found out by running its strategies with a judge in place of every model.

The judge is consistent and knows nothing of the texts, so strategies whose questions depend on the answers take a
typical way: what comes out is exact for all others and an estimate for these. Judged examples are given as many as
are asked for, which is the most there can be; none to a list without a collection, which has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import (
    Answer,
    AttentionMass,
    Embed,
    EmbedPrompt,
    Example,
    Examples,
    ExamplesAnswer,
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
    """``rounds``: calls that wait for one another. ``models``: model id and what it is asked, by id. ``most``: judged
    examples are among it, of which the collection may have fewer."""

    rounds: int
    models: tuple[tuple[str, Load], ...]
    most: bool = False

    @property
    def total(self) -> Load:
        """Of all models."""
        return sum((load for _, load in self.models), NOTHING)


@dataclass(frozen=True, kw_only=True)
class _Planner(PerfectJudge):
    """Gives as many judged examples as are asked for, of the size of the candidates."""

    def answer(self, request: Request) -> Answer:
        """As the perfect judge."""
        return _examples(request) if isinstance(request, Examples) else PerfectJudge.answer(self, request)


@dataclass(slots=True)
class _Run:
    """Sums over a system and its members."""

    build: Build
    loads: dict[str, Load] = field(default_factory=dict)
    most: bool = False

    def rank(self, system: System, candidates: CandidateList) -> tuple[RankAnswer, int]:
        """The ranking, and the rounds it took."""
        depths: dict[int, int] = {}
        members = [self._member(member, depths) for member in system.members]
        driven = drive(self.build(system), candidates, _Planner(), members=members)
        models = dict(system.slots)
        rounds = 0
        for asked in driven.rounds:
            deepest = 0
            for request in asked:
                if isinstance(request, Examples):
                    self.most |= request.candidates.collection is not None
                elif isinstance(request, Rank):
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
    return Prediction(rounds=rounds, models=tuple(sorted(run.loads.items())), most=run.most)


def load_of(request: Request) -> Load:
    """One request's load."""
    written = request.max_tokens if isinstance(request, Generate | GenerateFused) else 0
    return Load(calls=1, characters=_characters(request), most_generated=written)


def _examples(request: Examples) -> ExamplesAnswer:
    """Judged queries as long as the list's own, over documents as long as its; every other one is relevant."""
    given = request.candidates
    if given.collection is None or not given.documents:
        return ExamplesAnswer(examples=())
    grades = tuple((place + 1) % 2 for place in range(request.depth))
    return ExamplesAnswer(
        examples=tuple(
            Example(candidates=_example(given, number, request.depth), grades=grades) for number in range(request.count)
        )
    )


def _example(given: CandidateList, number: int, depth: int) -> CandidateList:
    texts = [given.documents[place % len(given.documents)].content for place in range(depth)]
    documents = tuple(Document(id=f"x{number}-{place}", text=text) for place, text in enumerate(texts))
    query = Query(id=f"x{number}", text=given.query.text)
    return CandidateList(query=query, documents=documents, collection=given.collection)


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
