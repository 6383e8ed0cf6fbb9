"""E2Rank: one embedding model; the query is embedded once more, with the first documents listed before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import Embed, EmbedAnswer, EmbedPrompt, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.embedding.texts import cut_words
from core.strategies.prompts import Piece, document_part, plain, query_part
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import cosine

_INSTRUCTION = "Given a web search query and some relevant documents, rerank the documents that answer the query"
_OPEN = "<|im_start|>user\n"
_CLOSE = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"


@strategy(
    name="e2rank",
    version=1,
    family="embedding",
    title="E2Rank pseudo-query",
    paper="Liu et al. 2025, arXiv:2510.22733",
    slots={"model": Slot(needs=frozenset({Capability.EMBED_POOLED, Capability.EMBED_PROMPT}), format="e2rank")},
    about=About(
        summary="The embedding model that retrieves also reranks. The first documents of the list are written into a "
        "prompt before the query, and the vector of that prompt takes the query's place: it knows what the list is "
        "about. Each document keeps the vector it has in an index.",
        cost="N + 1",
        rounds="1",
        strengths=(
            "One long encoding per query once documents are embedded.",
            "All documents are scored, also those that are not listed.",
        ),
        failures=(
            "Listed documents that miss the topic pull the query's vector towards them.",
            "Twenty long documents make one prompt of many thousand tokens; it is shortened to what the model reads.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="The prompt is that of the authors' evaluation script, with its line break before the query and "
        "documents without an end token, where their README differs; without trained weights no figure was repeated.",
        promise=Promise.ORDER,
        weights="Alibaba-NLP/E2Rank-0.6B, -4B or -8B: Systems > Register, or a [models.NAME] table with source "
        '"hub:Alibaba-NLP/E2Rank-0.6B", pooling "last", suffix "<|endoftext|>" and formats = ["e2rank"].',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class E2Rank:
    """Ranks by the cosine of each document with a query vector that has read the first documents.

    Formula: s(d) = cos(E(prompt(d_1 ... d_L, q)), E(d)); with L = 0 it is the bi-encoder, cos(E(q), E(d)). Cost: N + 1
    calls in one round. Paper: arXiv:2510.22733; prompt as in Alibaba-NLP/E2Rank src/eval.py, written with the chat
    template of Qwen3 without thinking.
    """

    info: ClassVar[StrategyInfo]

    listed: int = parameter(20, help="First documents that the prompt lists; 0 is the bi-encoder.", minimum=0)
    words: int = parameter(1024, help="Words kept of each document, in the prompt and by itself.", minimum=1)
    instruction: str = parameter(_INSTRUCTION, help="What the prompt asks for; the model was trained with several.")

    def rerank(self, candidates: CandidateList) -> Steps:
        """The pseudo-query and all documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        documents = [cut_words(document, self.words) for document in candidates.documents]
        query = candidates.query.text
        asked: Embed | EmbedPrompt = Embed(text=query, role="query")
        if self.listed:
            asked = EmbedPrompt(prompt=pseudo_query(self.instruction, query, documents[: self.listed]))
        embeds = [Embed(text=d.content, role="document", document_id=d.id) for d in documents]
        vector, *vectors = yield from ask([asked, *embeds], EmbedAnswer)
        scores = tuple(cosine(vector.vector, found.vector) for found in vectors)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:
        """The pseudo-query and every document."""
        return n_docs + 1 if n_docs > 1 else 0


def pseudo_query(instruction: str, query: str, documents: Sequence[Document]) -> Prompt:
    """The trained prompt: instruction, numbered documents, query; the assistant's turn opened with no thought."""
    pieces: list[Piece] = []
    for number, document in enumerate(documents, start=1):
        pieces += [f"[{number}] ", document_part(document), "\n"]
    return plain(_OPEN, f"{instruction}:\nDocuments:\n", *pieces, "Search Query: ", query_part(query), _CLOSE)
