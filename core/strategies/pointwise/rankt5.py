"""RankT5: a T5 that was trained with ranking losses on the logit of one token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import LabelAnswer, LabelLogprobs, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.pointwise.raw_logits import logit_scores
from core.strategies.prompts import plain, query_part
from core.strategies.t5 import line_part
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="rankt5",
    version=1,
    family="pointwise",
    title="RankT5",
    paper="Zhuang et al. 2022, arXiv:2210.10634",
    slots={"model": Slot(needs=frozenset({Capability.RAW_LOGITS}), format="rankt5")},
    about=About(
        summary=(
            "A sequence-to-sequence model reads query and document; the logit of one unused token at the first decoder "
            "step is the score. It was trained with list losses, so that the logits of a list are in order."
        ),
        cost="N",
        rounds="1",
        strengths=(
            "Trained for order and not for yes or no: better at the top than monoT5 of the same size.",
            "One decoder step per document; a score depends on nothing but its document.",
        ),
        failures=(
            "512 tokens are read; what stands behind them does not count.",
            "Logits have no fixed scale: compare them within one query.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The logit equals that of rerankers' T5Ranker on a random model, given RankT5's template and token, which "
            "are those of the public PyTorch port (soyoung97/ListT5, run_monot5_rankt5.py). Google's own checkpoints "
            "are T5X files and do not load here; the trained weights were not run."
        ),
        promise=Promise.ORDER,
        weights=(
            "Soyoung97/RankT5-base, -large or -3b: a [models.NAME] table with kind = seq2seq, source = hub:... and the "
            "format rankt5, or Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RankT5:
    """Scores each document by the logit of one token after ``Query: q Document: d``.

    Formula: s(d) = z of <extra_id_10> (token id 32089 of T5) at the first decoder step, before the softmax. Title and
    text stand in one line. Cost: N calls in one round, no text is generated. Paper: arXiv:2210.10634, its generative
    (encoder-decoder) form.
    """

    info: ClassVar[StrategyInfo]

    label: str = parameter("<extra_id_10>", help="The token whose logit is the score.")

    def rerank(self, candidates: CandidateList) -> Steps:
        """All documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        query = candidates.query.text
        requests = [
            LabelLogprobs(prompt=_prompt(query, document), labels=(self.label,), raw=True)
            for document in candidates.documents
        ]
        answers = yield from ask(requests, LabelAnswer)
        scores, repairs = logit_scores(candidates, answers, self.label)
        return Outcome(order=by_score(scores), scores=scores, repairs=repairs)

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0


def _prompt(query: str, document: Document) -> Prompt:
    return plain("Query: ", query_part(query), " Document: ", line_part(document))
