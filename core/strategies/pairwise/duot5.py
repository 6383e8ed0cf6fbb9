"""duoT5: a T5 that was trained to say whether the first of two documents is the more relevant one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import LabelAnswer, LabelLogprobs, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.prompts import plain, query_part
from core.strategies.t5 import line_part, log_share
from core.strategies.trivial import first_stage_order, is_trivial

# The first word stands for the first document: judges and traces read labels in the order of the documents.
WORDS = ("true", "false")


@strategy(
    name="duot5",
    version=1,
    family="pairwise",
    title="duoT5",
    paper="Pradeep et al. 2021, arXiv:2101.05667",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), format="duot5")},
    about=About(
        summary=(
            "Every ordered pair of documents is shown to a sequence-to-sequence model that was trained to answer true "
            "where the first is the more relevant one. A document's score is the sum of the probabilities that it "
            "beats the others, asked in both orders."
        ),
        cost="N(N - 1)",
        rounds="1",
        strengths=(
            "Probabilities are added up, so close pairs count for little and clear ones for much.",
            "Both orders are asked: a preference for the first place cancels.",
            "All pairs run at once.",
        ),
        failures=(
            "Quadratic: 2,450 calls for 50 documents, the most the paper reranks; put it behind a cheap stage "
            "(cascade).",
            "Both documents share 512 tokens.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The probability of every ordered pair equals that of RankLLM's DuoT5 on a random model. The sum over "
            "both orders is that of the paper (castorini/pygaggle), where RankLLM asks one order; long documents get "
            "an even share of the tokens. The trained weights were not run."
        ),
        promise=Promise.ORDER,
        weights=(
            "castorini/duot5-base-msmarco or duot5-3b-msmarco: a [models.NAME] table with kind = seq2seq, source = "
            "hub:... and the format duot5, or Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class DuoT5:
    """Sums over all ordered pairs the probability that a document is the better one.

    Formula: SYM-SUM, p_ij = softmax([z_false, z_true])_true after ``Query: q Document0: d_i Document1: d_j
    Relevant:``, s_i = Σ_j (p_ij + 1 - p_ji). Answers with neither word count as p = 1/2. Cost: N(N-1) calls in one
    round, no text is generated. Paper: arXiv:2101.05667, which reranks 50 documents.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """All ordered pairs in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        documents, query = candidates.documents, candidates.query.text
        pairs = list(permutations(range(len(documents)), 2))
        requests = [LabelLogprobs(prompt=_prompt(query, documents[i], documents[j]), labels=WORDS) for i, j in pairs]
        answers = yield from ask(requests, LabelAnswer)
        terms: list[list[float]] = [[] for _ in documents]
        for (i, j), answer in zip(pairs, answers, strict=True):
            first = _probability(answer)
            terms[i].append(first)
            terms[j] += [1.0, -first]
        scores = tuple(math.fsum(own) for own in terms)
        return Outcome(order=by_score(scores), scores=scores, repairs=_repairs(answers))

    def forecast(self, n_docs: int) -> int:
        """Both orders of every pair."""
        return n_docs * (n_docs - 1)


def _probability(answer: LabelAnswer) -> float:
    """That the first document is the better one; 1/2 where the model said neither."""
    true, false = answer.logprobs
    return 0.5 if true is None and false is None else math.exp(log_share(true, false))


def _repairs(answers: Sequence[LabelAnswer]) -> tuple[str, ...]:
    missing = [sum(value is None for value in answer.logprobs) for answer in answers]
    words = (
        (missing.count(2), "had neither true nor false; counted as no preference"),
        (missing.count(1), "had only one of true and false; the other counts as probability 0"),
    )
    return tuple(f"{count} of the answers {what}" for count, what in words if count)


def _prompt(query: str, first: Document, second: Document) -> Prompt:
    return plain(
        "Query: ", query_part(query), " Document0: ", line_part(first), " Document1: ", line_part(second), " Relevant:"
    )
