"""ListT5: a T5 that orders five passages at a time, in a tournament whose results are remembered."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import GenerateAnswer, GenerateFused, Prompt, Wanted
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Step, Steps, StrategyInfo, ask, parameter, strategy
from core.strategies.prompts import plain, query_part
from core.strategies.t5 import line_part
from core.strategies.tournament.bracket import Bracket, Group
from core.strategies.trivial import first_stage_order, is_trivial

_NUMBER = re.compile(r"(?<![\w.-])([0-9]{1,9})(?![\w]|\.[0-9])", re.ASCII)


@strategy(
    name="listt5",
    version=1,
    family="tournament",
    title="ListT5",
    paper="Yoon et al. 2024, arXiv:2402.15838",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE_FUSED}), format="listt5")},
    exact_forecast=False,
    about=About(
        summary=(
            "A T5 reads five passages, each by itself, and its decoder writes their numbers from the least to the most "
            "relevant. In a tournament the best two of every five go on until one is left; a dummy takes its place and "
            "the tournament is held again for the next rank, with all old results remembered."
        ),
        cost="about 94 for N = 100, k = 10: O(N + k log N)",
        rounds="about 5 for the first, then up to 5 for each of the k",
        strengths=(
            "Far fewer calls than pairwise sorting, and the groups of one level run at once.",
            "Passages are encoded apart, so their place in the prompt matters little.",
        ),
        failures=(
            "One wrong group can throw out the best passage for a whole round.",
            "Ranks are won one after another; below k the first stage's order stays.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "Input, order of the numbers, dummies and remembered groups are those of the authors' code "
            "(soyoung97/ListT5), and so are the mean calls of a perfect judge on shuffled lists (38, 61, 94, 421 for "
            "N = 20, 50, 100, 1000). Unreadable answers keep the first stage's order, where the reference repeats "
            "number 1; lists of 5 to 10, which it leaves alone, are ranked. The trained weights were not run."
        ),
        promise=Promise.TOP,
        weights=(
            "Soyoung97/ListT5-base or ListT5-3b: a [models.NAME] table with kind = seq2seq, source = hub:... and the "
            "format listt5, or Systems > Register. The weights' FiD names are understood."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ListT5:
    """Finds the best k in order with a tournament of groups; the rest follows in first-stage order.

    Formula: groups of m neighbours, the best r go on, the last group's best is the next rank, see bracket.py; passage
    i of a group is read as ``Query: q, Index: i, Context: d``. Cost: O(N + k log N) generations of m + 1 tokens, those
    of a level at once (about 38, 61, 94 and 421 for N = 20, 50, 100 and 1000). Paper: arXiv:2402.15838.
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(10, help="How many documents at the top are put in order.", minimum=1, maximum=1000)
    group: int = parameter(5, help="Passages that are read together; trained on 5.", minimum=2, maximum=20)
    keep: int = parameter(2, help="How many of a group go on, at most half of it.", minimum=1, maximum=10)

    def __post_init__(self) -> None:
        """InvalidInputError where a tournament would not end."""
        self._bracket(0)

    def rerank(self, candidates: CandidateList) -> Steps:
        """The groups of one level per round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        bracket, repairs, steps = self._bracket(len(candidates.documents)), list[str](), list[Step]()
        rounds, told = 0, 0
        while groups := bracket.groups():
            rounds += 1
            answers = yield from ask([self._request(candidates, group) for group in groups], GenerateAnswer)
            found = {group: _places(answer.text, len(group)) for group, answer in zip(groups, answers, strict=True)}
            bracket.enter({group: [group[place] for place in order] for group, (order, _) in found.items()})
            repairs += [f"round {rounds}: {repair}" for _, repair in found.values() if repair]
            bracket.groups()  # as far as these results go
            if len(bracket.winners) > told:
                told = len(bracket.winners)
                steps.append(Step(round=rounds, note=f"{told} ranks decided", order=_order(bracket)))
        return Outcome(order=_order(bracket), repairs=tuple(repairs), steps=tuple(steps))

    def forecast(self, n_docs: int) -> int:
        """The calls of one run on a shuffled list with a consistent judge, as an estimate."""
        return _calls(n_docs, self.k, self.group, self.keep) if n_docs > 1 else 0

    def _bracket(self, n_docs: int) -> Bracket:
        return Bracket(n=n_docs, k=self.k, size=self.group, keep=self.keep)

    def _request(self, candidates: CandidateList, group: Group) -> GenerateFused:
        names = tuple(str(number) for number in range(1, len(group) + 1))
        documents = [candidates.documents[position] for position in group]
        pairs = zip(names, documents, strict=True)
        return GenerateFused(
            prompts=tuple(_prompt(candidates.query.text, name, document) for name, document in pairs),
            max_tokens=len(group) + 1,
            wanted=Wanted(kind="worst-first", names=names),
        )


def _prompt(query: str, name: str, document: Document) -> Prompt:
    return plain("Query: ", query_part(query), f", Index: {name}, Context: ", line_part(document))


def _places(text: str, n: int) -> tuple[list[int], str]:
    """Places 0 to n-1, worst first, and what had to be mended. Places that the text does not name come below those
    that it does, in their own order; a text that names none leaves all in their order."""
    numbers = [int(digits) for digits in _NUMBER.findall(text)]
    named = list(dict.fromkeys(number - 1 for number in numbers if 1 <= number <= n))
    missing = [place for place in reversed(range(n)) if place not in named]
    if not named:
        return missing, "no number; order kept"
    wrong = len(numbers) - len(named)
    parts = [f"{len(missing)} missing"] if missing else []
    parts += [f"{wrong} repeated or out of range"] if wrong else []
    return [*missing, *named], ", ".join(parts)


def _order(bracket: Bracket) -> tuple[int, ...]:
    won: Sequence[int] = bracket.winners
    return (*won, *(position for position in range(bracket.n) if position not in set(won)))


@lru_cache(maxsize=256)
def _calls(n_docs: int, k: int, size: int, keep: int) -> int:
    """Groups ordered on one shuffle, always the same one for the same size."""
    worths = random.Random(n_docs).sample(range(n_docs), n_docs)
    bracket = Bracket(n=n_docs, k=k, size=size, keep=keep)
    calls = 0
    while groups := bracket.groups():
        calls += len(groups)
        bracket.enter({group: sorted(group, key=worths.__getitem__) for group in groups})
    return calls
