"""Query likelihood: how probable the query is to a language model that has just read the document."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import Likelihood, LikelihoodAnswer, Prompt
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.prompts import document_part, plain
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="query-likelihood",
    version=1,
    family="pointwise",
    title="Query likelihood",
    paper="Sachan et al. 2022, arXiv:2204.07496",
    slots={"model": Slot(needs=frozenset({Capability.LIKELIHOOD}), default="smollm2-135m-instruct")},
)
@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLikelihood:
    """Ranks documents by the probability of writing this very query about them.

    Formula: s(d) = Σ_t log p(q_t | prompt(d), q_<t). All sums run over the same query, so sum and mean
    give the same order. Cost: N calls in one round, teacher-forced, no text is generated.
    Paper: UPR, arXiv:2204.07496 (which also counts the end-of-text token; endpoints cannot).
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """All documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        continuation = f" {candidates.query.text}"
        requests = [Likelihood(prompt=_prompt(d), continuation=continuation) for d in candidates.documents]
        answers = yield from ask(requests, LikelihoodAnswer)
        scores = tuple(math.fsum(answer.logprobs) for answer in answers)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0


def _prompt(document: Document) -> Prompt:
    return plain("Passage: ", document_part(document), "\n\nQuery:")
