"""mxbai-rerank-v2: the label 1 against 0 after the frame that these checkpoints were trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import LabelAnswer, LabelLogprobs, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.pointwise.exact import exact_document
from core.strategies.pointwise.two_labels import Masses, repairs
from core.strategies.prompts import plain, query_part
from core.strategies.trivial import first_stage_order, is_trivial

# As in mixedbread-ai/mxbai-rerank, mxbai_rerank_v2.py.
PREFIX = (
    "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
    "<|im_start|>user\n"
)
TASK = (
    "You are a search relevance expert who evaluates how well documents match search queries. For each query-document "
    "pair, carefully analyze the semantic relationship between them, then provide your binary relevance judgment (0 "
    "for not relevant, 1 for relevant).\nRelevance:"
)
SUFFIX = "<|im_end|>\n<|im_start|>assistant\n"
LABELS = ("1", "0")
FAR = 1_000.0  # log-odds where only one label came back; beyond what any logits give


@strategy(
    name="mxbai-rerank-v2",
    version=1,
    family="pointwise",
    title="mxbai-rerank-v2",
    paper="Li et al. 2025 (ProRank), arXiv:2506.03487",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), format="mxbai-rerank-v2")},
    about=About(
        summary=(
            "A language model that was trained by reinforcement learning to judge a document with 0 or 1. The "
            "difference of the two labels' logits right after the frame is the score."
        ),
        cost="N",
        rounds="1",
        strengths=(
            "Strong for its size, many languages, code and long documents.",
            "An optional instruction says what counts as relevant.",
        ),
        failures=(
            "Only as good as the frame is exact.",
            "The scores are log-odds of no fixed scale: compare them within one query.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Frame and score equal those of mxbai-rerank on a random Qwen2, with and without an instruction. The "
            "reference tokenises the parts apart, so tokens can differ where a query or document ends in a "
            "punctuation mark that merges with the line break. The trained weights were not run."
        ),
        promise=Promise.ORDER,
        weights=(
            "mixedbread-ai/mxbai-rerank-base-v2 or large-v2: a [models.NAME] table with source = hub:... and the "
            "format mxbai-rerank-v2, or Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MxbaiRerankV2:
    """Scores each document by the labels 1 and 0 in the trained frame.

    Formula: s(d) = z_1 - z_0 at the last position of the Qwen frame around ``instruction:``, ``query:`` and
    ``document:`` lines and a fixed task that ends in ``Relevance:``. Cost: N calls in one round, no text is generated.
    Paper: ProRank, arXiv:2506.03487.
    """

    info: ClassVar[StrategyInfo]

    instruction: str = parameter("", help="What counts as relevant; empty: no such line, as trained for the web.")

    def rerank(self, candidates: CandidateList) -> Steps:
        """All documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        query = candidates.query.text
        requests = [LabelLogprobs(prompt=self._prompt(query, d), labels=LABELS) for d in candidates.documents]
        answers = yield from ask(requests, LabelAnswer)
        masses = [(answer.logprobs[0], answer.logprobs[1]) for answer in answers]
        scores = tuple(_log_odds(pair) for pair in masses)
        return Outcome(order=by_score(scores), scores=scores, repairs=repairs(candidates, masses, *LABELS))

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0

    def _prompt(self, query: str, document: Document) -> Prompt:
        instruction = f"instruction: {self.instruction}\n" if self.instruction else ""
        return plain(
            f"{PREFIX}{instruction}query: ",
            query_part(query),
            "\ndocument: ",
            exact_document(document),
            f"\n{TASK}{SUFFIX}",
        )


def _log_odds(masses: Masses) -> float:
    """Log p(1) - log p(0), within ±FAR; where only one came back ±FAR, and below that where neither did."""
    one, zero = masses
    if one is None and zero is None:
        return -2 * FAR
    if one is None or zero is None:
        return FAR if zero is None else -FAR
    return 0.0 if one == zero else min(FAR, max(-FAR, one - zero))
