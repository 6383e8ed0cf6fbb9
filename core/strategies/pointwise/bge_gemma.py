"""BGE reranker v2 gemma: the logit of Yes after the prompt that this checkpoint was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import LabelAnswer, LabelLogprobs, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.pointwise.exact import exact_document
from core.strategies.pointwise.raw_logits import logit_scores
from core.strategies.prompts import plain, query_part
from core.strategies.trivial import first_stage_order, is_trivial

# As in FlagOpen/FlagEmbedding, inference/reranker/decoder_only/base.py.
INSTRUCTION = (
    "Given a query A and a passage B, determine whether the passage contains an answer to the query by providing a "
    "prediction of either 'Yes' or 'No'."
)
LABEL = "Yes"


@strategy(
    name="bge-gemma",
    version=1,
    family="pointwise",
    title="BGE reranker v2 gemma",
    paper="Chen et al. 2024, arXiv:2402.03216",
    slots={"model": Slot(needs=frozenset({Capability.RAW_LOGITS}), format="bge-gemma")},
    about=About(
        summary=(
            "A language model that was trained as a reranker: the raw logit of the token Yes after query, passage and "
            "instruction is the score. It is no probability and no difference to No."
        ),
        cost="N",
        rounds="1",
        strengths=(
            "Strong on multilingual collections.",
            "One forward pass per passage; scores do not depend on the other candidates.",
        ),
        failures=(
            "The logit must be read at the last token that is no padding; libraries have got this wrong.",
            "Raw logits have no fixed scale: compare them within one query.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The score equals that of FlagEmbedding on random Gemma2 and Llama models, padded on either side. The "
            "reference cuts queries at three quarters of 512 tokens; here only passages are cut. The trained weights "
            "were not run."
        ),
        promise=Promise.ORDER,
        weights=(
            "BAAI/bge-reranker-v2-gemma: a [models.NAME] table with source = hub:... and the format bge-gemma, or "
            "Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class BgeGemma:
    """Scores each passage by the raw logit of Yes.

    Formula: s(d) = z_Yes at the last position of BOS, ``A: query``, ``B: passage`` and the instruction, one per line;
    the adapter puts the BOS token. Cost: N calls in one round, no text is generated. Paper: BGE, arXiv:2402.03216.
    """

    info: ClassVar[StrategyInfo]

    instruction: str = parameter(INSTRUCTION, help="The task; the default is what the checkpoint was trained on.")

    def rerank(self, candidates: CandidateList) -> Steps:
        """All passages in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        query = candidates.query.text
        requests = [
            LabelLogprobs(prompt=self._prompt(query, document), labels=(LABEL,), raw=True)
            for document in candidates.documents
        ]
        answers = yield from ask(requests, LabelAnswer)
        scores, repairs = logit_scores(candidates, answers, LABEL)
        return Outcome(order=by_score(scores), scores=scores, repairs=repairs)

    def forecast(self, n_docs: int) -> int:
        """Every passage."""
        return n_docs if n_docs > 1 else 0

    def _prompt(self, query: str, document: Document) -> Prompt:
        return plain("A: ", query_part(query), "\nB: ", exact_document(document), f"\n{self.instruction}")
