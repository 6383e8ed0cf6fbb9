"""In-context reranking: whom the query's tokens pay attention to, in every layer of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.strategies.about import About, Fidelity, Promise
from core.strategies.attention.calibrated import ByAttention
from core.strategies.base import Slot, StrategyInfo, strategy


@strategy(
    name="icr",
    version=1,
    family="attention",
    title="In-context reranking (attention)",
    paper="Chen et al. 2024, arXiv:2410.02642",
    slots={"model": Slot(needs=frozenset({Capability.ATTENTION}), default="smollm2-135m-instruct")},
    about=About(
        summary=(
            "All passages and then the query stand in one prompt, and nothing is written. A passage is scored by the "
            "attention that the query's tokens pay to it, over all heads and layers, less the attention that it is "
            "paid when the query is N/A."
        ),
        cost="2",
        rounds="1",
        strengths=(
            "Two passes whatever the number of passages, and both share the passages: about the cost of reading once.",
            "No answer to parse, so the ranking is always complete; the model sees all passages together.",
        ),
        failures=(
            "Attention is causal: what a passage is paid depends on its place and on the passages before it, so "
            "another first-stage order gives other scores.",
            "Longer passages gather more attention; cut them to one length where lengths differ much.",
            "Many passages in a short context leave each only a few tokens.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "Aggregation, calibration and the threshold follow the paper and its released code, which was read and not "
            "run; that code also counts the instruction before the query and the passages' numbers, a single-token "
            "passage scores 0 there, and the wording here is ours."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class InContextReranking(ByAttention):
    """Ranks passages by calibrated attention of all layers.

    Formula: s(d) = Σ_{t in d} (a_t(q) - a_t("N/A")), a_t = Σ_layers Σ_heads mean over the query's tokens of the
    attention paid to t; tokens whose difference is more than two standard deviations below the passage's mean are left
    out. Cost: 2 passes over all passages in one round, no text is generated. Paper: arXiv:2410.02642.
    """

    info: ClassVar[StrategyInfo]

    def layers(self) -> tuple[float, float]:
        """All."""
        return 0.0, 1.0
