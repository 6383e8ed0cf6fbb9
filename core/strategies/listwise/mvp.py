"""MVP: all passages encoded apart, scored together against anchors that the decoder makes of their view tokens."""

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
    name="mvp",
    version=1,
    family="listwise",
    title="MVP",
    paper="Na et al. 2025, arXiv:2509.07485",
    slots={"model": Slot(needs=frozenset({Capability.SCORE_LIST}), format="mvp")},
    about=About(
        summary=(
            "Four view tokens stand before every passage, and the encoder sums the passage up in each of them. For "
            "each view the decoder reads those of all passages and makes one anchor; a passage's score is how well its "
            "views agree with the anchors. No text is generated, and the order of the candidates does not matter."
        ),
        cost="1",
        rounds="1",
        strengths=(
            "Listwise, and still the same scores in whatever order the passages come.",
            "One encoding per passage and one decoder step for the whole list: 220M parameters on a par with 7B "
            "generators in the paper.",
        ),
        failures=(
            "256 tokens are read of each passage.",
            "Scores depend on which other passages are in the list and have no fixed scale.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "Input and arithmetic are those of the authors' inference code as a public fork shows it (PirateEra/MVP), "
            "with the mean over views, compared with a plain transformers computation on random models; the trained "
            "weights were not run."
        ),
        promise=Promise.ORDER,
        weights=(
            "Jun421/MVP-base or MVP-3b: a [models.NAME] table with kind = seq2seq, source = hub:..., the format mvp "
            "and the capability score-list, or Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Mvp:
    """Scores a whole list at once by view tokens.

    Formula: e_ik = encoder state of view token k before passage i, a_k = decoder(<pad>; {e_ik}_i),
    s_i = mean_k a_k · e_ik; the input is ``<extra_id_0><extra_id_1><extra_id_2><extra_id_3> | Query: q | Context:
    title text``, which the model's adapter writes. Cost: one call, N encodings and one decoder step per view.
    Paper: arXiv:2509.07485.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """One request for all scores."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        request = ScoreList(query=candidates.query.text, documents=candidates.documents)
        (answer,) = yield from ask([request], ScoreListAnswer)
        return Outcome(order=by_score(answer.scores), scores=answer.scores)

    def forecast(self, n_docs: int) -> int:
        """One call."""
        return int(n_docs > 1)
