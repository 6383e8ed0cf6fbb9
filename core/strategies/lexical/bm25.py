"""BM25: lexical scores of the candidates with the statistics of their whole collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import ScoreList, ScoreListAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="bm25",
    version=1,
    family="lexical",
    title="BM25",
    paper="Robertson and Zaragoza 2009, doi:10.1561/1500000019",
    slots={"model": Slot(needs=frozenset({Capability.LEXICAL}), default="lexical")},
    about=About(
        summary=(
            "Counts how often the query's words stand in a document. Rare words count more, the tenth occurrence of a "
            "word hardly more than the ninth, and words of a long document a little less. How rare a word is, is "
            "counted over the whole collection that the candidates come from."
        ),
        cost="1",
        rounds="1",
        strengths=(
            "No trained model; one look at an index scores a whole list.",
            "Finds names, numbers and codes that trained models blur.",
        ),
        failures=(
            "Sees words, not meaning: synonyms and paraphrases score nothing.",
            "Pasted candidates have no collection; the counts of so few documents say little.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Scores are those of the library bm25s (Lucene's variant), bit for bit, and those of its formula written "
            "out."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Bm25:
    """Sums, over the query's terms, inverse document frequency times saturated term frequency.

    Formula: s(d) = Σ_t idf(t) · tf(t,d) / (tf(t,d) + k1·(1 - b + b·|d|/avgdl)), Lucene's variant. The statistics are
    those of the collection where the candidates have one, else of the list itself; k1, b and the analysis
    of text belong to the model. Cost: one call for the whole list. Paper: Robertson and Zaragoza 2009.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """One request for all scores."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        request = ScoreList(
            query=candidates.query.text, documents=candidates.documents, collection=candidates.collection
        )
        (answer,) = yield from ask([request], ScoreListAnswer)
        return Outcome(order=by_score(answer.scores), scores=answer.scores)

    def forecast(self, n_docs: int) -> int:
        """One call."""
        return int(n_docs > 1)
