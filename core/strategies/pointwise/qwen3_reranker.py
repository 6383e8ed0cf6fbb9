"""Qwen3-Reranker: yes against no after the frame that these checkpoints were trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import LabelAnswer, LabelLogprobs, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.pointwise.exact import exact_document
from core.strategies.pointwise.two_labels import repairs, share
from core.strategies.prompts import plain, query_part
from core.strategies.trivial import first_stage_order, is_trivial

INSTRUCTION = "Given a web search query, retrieve relevant passages that answer the query"
# As on the model cards and in the repository QwenLM/Qwen3-Embedding.
PREFIX = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct "
    'provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
)
SUFFIX = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
LABELS = ("yes", "no")


@strategy(
    name="qwen3-reranker",
    version=1,
    family="pointwise",
    title="Qwen3-Reranker",
    paper="Zhang et al. 2025, arXiv:2506.05176",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), format="qwen3-reranker")},
    about=About(
        summary=(
            "A language model that was trained to answer yes or no to (instruction, query, document). The probability "
            "of yes against no right after the frame is the score. The instruction can be changed to suit the task."
        ),
        cost="N",
        rounds="1",
        strengths=(
            "One forward pass per document, many languages, long documents.",
            "The instruction says what counts as relevant.",
        ),
        failures=(
            "Only as good as the frame is exact: other words or padding on the right give plausible nonsense.",
            "Instructions in other languages than English work less well, says the model card.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "The frame is compared as a string with the published one; the score equals a plain transformers "
            "computation on random models. The reference tokenises frame and body apart, which gives the same tokens "
            "unless the query begins with a line break."
        ),
        promise=Promise.ORDER,
        weights=(
            "Qwen/Qwen3-Reranker-0.6B, 4B or 8B: a [models.NAME] table with source = hub:... and the format "
            "qwen3-reranker, or Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Qwen3Reranker:
    """Scores each document by yes against no in the trained frame.

    Formula: s(d) = sigmoid(z_yes - z_no) at the last position of system turn, ``<Instruct>: ... <Query>: ...
    <Document>: ...`` and an assistant turn opened with an empty think block. Cost: N calls in one round, no text is
    generated. Paper: Qwen3 Embedding, arXiv:2506.05176.
    """

    info: ClassVar[StrategyInfo]

    instruction: str = parameter(INSTRUCTION, help="What counts as relevant, in one sentence, best in English.")

    def rerank(self, candidates: CandidateList) -> Steps:
        """All documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        query = candidates.query.text
        requests = [LabelLogprobs(prompt=self._prompt(query, d), labels=LABELS) for d in candidates.documents]
        answers = yield from ask(requests, LabelAnswer)
        masses = [(answer.logprobs[0], answer.logprobs[1]) for answer in answers]
        scores = tuple(share(yes, no) for yes, no in masses)
        return Outcome(order=by_score(scores), scores=scores, repairs=repairs(candidates, masses, *LABELS))

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0

    def _prompt(self, query: str, document: Document) -> Prompt:
        return plain(
            f"{PREFIX}<Instruct>: {self.instruction}\n<Query>: ",
            query_part(query),
            "\n<Document>: ",
            exact_document(document),
            SUFFIX,
        )
