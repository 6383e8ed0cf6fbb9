"""The same opinions for both sides: judges whose answers depend on nothing but seed and documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from string import ascii_uppercase

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import LabelLogprobs, Message, Part, Prompt, Request
from core.strategies.base import Strategy
from core.strategies.driver import Driven, drive
from core.strategies.judges import PerfectJudge, uniform

LETTERS = tuple(ascii_uppercase)


@dataclass(frozen=True, kw_only=True)
class Fickle(PerfectJudge):
    """Contradicts itself from one set of documents to the next, but not on the order in which a set is shown."""

    def order(self, ids: Sequence[str], request: Request) -> tuple[int, ...]:
        """Worths with noise that depends on the set."""
        noise = [uniform(self.seed, "noise", *sorted(ids), "of", id) for id in ids]
        worths = [self.worth(id, request) + share for id, share in zip(ids, noise, strict=True)]
        return tuple(sorted(range(len(ids)), key=lambda place: -worths[place]))


@dataclass(frozen=True, kw_only=True)
class Swayed(PerfectJudge):
    """Contradicts itself also when the same documents are shown in another order."""

    def order(self, ids: Sequence[str], request: Request) -> tuple[int, ...]:
        """Worths with noise that depends on what stands where."""
        worths = [self.worth(id, request) + uniform(self.seed, "noise", *ids, "of", id) for id in ids]
        return tuple(sorted(range(len(ids)), key=lambda place: -worths[place]))


@dataclass(frozen=True, kw_only=True)
class Graded(PerfectJudge):
    """Knows only a few grades of worth; of equal documents it prefers what stands first."""

    grades: int = 4

    def worth(self, id: str, request: Request) -> float:
        """One of the grades."""
        return int(super().worth(id, request) * self.grades) / self.grades


def opened(ids: Sequence[str]) -> LabelLogprobs:
    """A question about these documents in this order, with letters for labels."""
    parts = tuple(Part(text=id, kind="document", document_id=id) for id in ids)
    prompt = Prompt(messages=(Message(role="user", parts=parts),))
    return LabelLogprobs(prompt=prompt, labels=LETTERS[: len(ids)])


def pick(judge: PerfectJudge, ids: Sequence[str]) -> int | None:
    """The place of the document that the judge prefers among those shown; None where it has no preference."""
    values = [-1e9 if value is None else value for value in judge.labels(opened(ids))]
    best = max(values)
    return values.index(best) if values.count(best) == 1 else None


def shown_order(judge: PerfectJudge, ids: Sequence[str]) -> tuple[int, ...]:
    """Places of the documents, best first, as the judge orders them when they are shown like this."""
    return judge.order(ids, opened(ids))


def listed(n_docs: int, query: str = "where is the ferry") -> CandidateList:
    """``n_docs`` documents whose texts are their ids."""
    documents = tuple(Document(id=f"d{number}", text=f"d{number}") for number in range(n_docs))
    return CandidateList(query=Query(id="q1", text=query), documents=documents)


def ranked(strategy: Strategy, candidates: CandidateList, judge: PerfectJudge) -> list[str]:
    """Ids as our strategy orders them."""
    return ids_of(candidates, drive(strategy, candidates, judge))


def ids_of(candidates: CandidateList, driven: Driven) -> list[str]:
    """Ids in the order of the outcome."""
    return [candidates.ids[position] for position in driven.outcome.order]


def perfect(judge: PerfectJudge, candidates: CandidateList) -> list[str]:
    """Ids by hidden worth, equal ones as they stand."""
    return sorted(candidates.ids, key=lambda id: -judge.worth(id, opened([id])))


def sizes(count: int, least: int, most: int, seed: int = 0) -> list[int]:
    """So many list sizes."""
    random = Random(seed)
    return [random.randint(least, most) for _ in range(count)]
