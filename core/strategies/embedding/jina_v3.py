"""jina-reranker-v3: documents and query in one prompt, compared at the marks behind each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.errors import BadAnswerError
from core.domain.requests import EmbedAnswer, EmbedPrompt, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Step, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.prompts import Piece, document_part, plain, query_part
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import cosine

DOCUMENT_MARK, QUERY_MARK = "<|embed_token|>", "<|rerank_token|>"
_SYSTEM = (
    "<|im_start|>system\n"
    "You are a search relevance expert who can determine a ranking of the passages based on how relevant they are to "
    "the query. If the query is a question, how relevant a passage is depends on how well it answers the question. If "
    "not, try to analyze the intent of the query and assess how well each passage satisfies the intent. If an "
    "instruction is provided, you should follow the instruction when determining the ranking.<|im_end|>\n"
)
_CLOSE = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"


@strategy(
    name="jina-v3",
    version=1,
    family="embedding",
    title="jina-reranker-v3",
    paper="Wang et al. 2025, arXiv:2509.25085",
    slots={"model": Slot(needs=frozenset({Capability.EMBED_MARKS}), format="jina-reranker-v3")},
    about=About(
        summary="All passages and then the query stand in one long prompt. Behind each stands a mark, and the model's "
        "state at the mark is the vector of what stands before it, so every document has read those before it and the "
        "query has read all of them. Score is the cosine of the two.",
        cost="ceil(N / B)",
        rounds="1",
        strengths=(
            "One forward pass for a hundred documents.",
            "Scores are comparable over the whole list, also where it takes several prompts.",
        ),
        failures=(
            "Passages further up are read without those below them: the order of the list matters.",
            "Scores of one document depend on its neighbours in the prompt.",
            "Memory grows with the length of the whole prompt.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="Prompt, marks and weighting of several prompts are those of the checkpoint's own code, read and "
        "not run; documents share what room there is, where that code cuts each at 2,048 tokens.",
        promise=Promise.ORDER,
        weights="jinaai/jina-reranker-v3 (CC BY-NC 4.0): Systems > Register, or a [models.NAME] table with source "
        '"hub:jinaai/jina-reranker-v3", capability embed-marks and formats = ["jina-reranker-v3"].',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class JinaV3:
    """Ranks by cosines of states at marks behind the documents and the query of one prompt.

    Formula: s(d) = cos(q, e_d); with several blocks b of at most B documents, q = Σ_b w_b q_b / Σ_b w_b, w_b = max over
    its documents of (1 + cos(q_b, e_d)) / 2. Cost: ceil(N / B) calls in one round. Paper: arXiv:2509.25085 ("last but
    not late interaction"); prompt as in the checkpoint's modeling.py.
    """

    info: ClassVar[StrategyInfo]

    block: int = parameter(125, help="Documents in one prompt, B; the authors advise 64 or fewer.", minimum=1)
    instruction: str = parameter("", help="What to heed when ranking; empty: none.")

    def rerank(self, candidates: CandidateList) -> Steps:
        """All blocks in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        documents = candidates.documents
        blocks = [documents[begin : begin + self.block] for begin in range(0, len(documents), self.block)]
        requests = [
            EmbedPrompt(
                prompt=block_prompt(candidates.query.text, block, self.instruction), marks=(DOCUMENT_MARK, QUERY_MARK)
            )
            for block in blocks
        ]
        answers = yield from ask(requests, EmbedAnswer)
        queries: list[NDArray[np.float32]] = []
        vectors: list[NDArray[np.float32]] = []
        for block, answer in zip(blocks, answers, strict=True):
            if len(answer.vector) != len(block) + 1:
                raise BadAnswerError(f"{len(answer.vector)} marks came back for {len(block)} documents and the query.")
            queries.append(answer.vector[-1])
            vectors += list(answer.vector[:-1])
        sizes = [len(block) for block in blocks]
        weights = block_weights(queries, vectors, sizes)
        query = _average(queries, weights)
        scores = tuple(cosine(query, vector) for vector in vectors)
        order = by_score(scores)
        note = f"{len(blocks)} prompts, weights {', '.join(f'{weight:.3f}' for weight in weights)}"
        return Outcome(order=order, scores=scores, steps=(Step(round=1, note=note, order=order),))

    def forecast(self, n_docs: int) -> int:
        """One prompt per block."""
        return -(-n_docs // self.block) if n_docs > 1 else 0


def block_prompt(query: str, documents: Sequence[Document], instruction: str = "") -> Prompt:
    """The trained prompt: the query in words, passages numbered from 0, the query again; a mark behind each."""
    pieces: list[Piece] = []
    for number, document in enumerate(documents):
        pieces += [f'<passage id="{number}">\n', document_part(document), f"{DOCUMENT_MARK}\n</passage>\n"]
    asked = f"<instruct>\n{instruction}\n</instruct>\n" if instruction else ""
    return plain(
        f"{_SYSTEM}<|im_start|>user\n",
        f"I will provide you with {len(documents)} passages, each indicated by a numerical identifier. "
        "Rank the passages based on their relevance to query: ",
        query_part(query),
        f"\n{asked}",
        *pieces,
        "<query>\n",
        query_part(query),
        f"{QUERY_MARK}\n</query>{_CLOSE}",
    )


def block_weights(
    queries: Sequence[NDArray[np.float32]], vectors: Sequence[NDArray[np.float32]], sizes: Sequence[int]
) -> list[float]:
    """Of each block: how close its best document comes to its query vector, from 0 to 1."""
    weights: list[float] = []
    begin = 0
    for query, size in zip(queries, sizes, strict=True):
        weights.append(max((1 + cosine(query, vector)) / 2 for vector in vectors[begin : begin + size]))
        begin += size
    return weights


def _average(queries: Sequence[NDArray[np.float32]], weights: Sequence[float]) -> NDArray[np.float32]:
    """The weighted mean of the blocks' query vectors; their mean where all weights are zero."""
    shares = np.asarray(weights if sum(weights) > 0 else [1.0] * len(weights), dtype=np.float64)
    return np.asarray(np.average(np.stack(queries), axis=0, weights=shares), dtype=np.float32)
