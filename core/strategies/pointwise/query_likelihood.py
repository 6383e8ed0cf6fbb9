"""Query likelihood: how probable the query is to a language model that has just read the document."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import Likelihood, LikelihoodAnswer, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.prompts import document_part, plain
from core.strategies.trivial import first_stage_order, is_trivial

PROMPTS = ("short", "upr")


@strategy(
    name="query-likelihood",
    version=1,
    family="pointwise",
    title="Query likelihood",
    paper="Sachan et al. 2022, arXiv:2204.07496",
    slots={"model": Slot(needs=frozenset({Capability.LIKELIHOOD}), default="smollm2-135m-instruct")},
    about=About(
        summary=(
            "The model reads a passage and is then made to read the query, token by token; the score is how probable "
            "this very query was. Nothing is written and no instruction has to be followed, so base models work too."
        ),
        cost="N",
        rounds="1",
        strengths=(
            "Works with any language model, trained for instructions or not.",
            "All passages run at once, and scores do not depend on the other candidates.",
        ),
        failures=(
            "Prefers passages that repeat the query's words.",
            "Long passages lose their end where they do not fit.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The sum over the query's tokens equals that of UPR (as in rerankers) on a random T5, without the "
            "end-of-text token, which endpoints cannot score and which changes orders. prompt=upr has the paper's "
            "words, the default is shorter."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLikelihood:
    """Ranks documents by the probability of writing this very query about them.

    Formula: s(d) = Σ_t log p(q_t | prompt(d), q_<t). All sums run over the same query, so sum and mean
    give the same order. Cost: N calls in one round, teacher-forced, no text is generated.
    Paper: UPR, arXiv:2204.07496. UPR's target also holds the end-of-text token, log p(end | prompt(d), q), one more
    summand per document; it is left out here, because endpoints cannot score it and models that were trained on
    conversations end no question with it. ``prompt="upr"`` are the paper's words for causal models.
    """

    info: ClassVar[StrategyInfo]

    prompt: str = parameter(
        "short", help="What stands between passage and query: a heading, or the request of the UPR paper.",
        choices=PROMPTS,
    )  # fmt: skip

    def rerank(self, candidates: CandidateList) -> Steps:
        """All documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        continuation = f" {candidates.query.text}"
        requests = [Likelihood(prompt=_prompt(d, self.prompt), continuation=continuation) for d in candidates.documents]
        answers = yield from ask(requests, LikelihoodAnswer)
        scores = tuple(math.fsum(answer.logprobs) for answer in answers)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0


def _prompt(document: Document, wording: str) -> Prompt:
    if wording == "upr":
        return plain("Passage: ", document_part(document), ". Please write a question based on this passage.")
    return plain("Passage: ", document_part(document), "\n\nQuery:")
