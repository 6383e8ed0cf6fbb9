"""Selective in-context reranking: the attention of the middle layers alone; the model stops after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.errors import InvalidInputError
from core.strategies.about import About, Fidelity, Promise
from core.strategies.attention.calibrated import ByAttention
from core.strategies.base import Slot, StrategyInfo, parameter, strategy


@strategy(
    name="selective-icr",
    version=1,
    family="attention",
    title="Selective in-context reranking (middle layers)",
    paper="Chen et al. 2026, arXiv:2602.22591",
    slots={"model": Slot(needs=frozenset({Capability.ATTENTION}), default="smollm2-135m-instruct")},
    about=About(
        summary=(
            "As in-context reranking, but only the middle layers count, where attention follows relevance most. The "
            "layers behind them are not run, which saves their time."
        ),
        cost="2",
        rounds="1",
        strengths=(
            "A third and more of the time of in-context reranking is saved.",
            "First layers look at neighbours and last ones at what to write next; without them there is less noise.",
        ),
        failures=(
            "Attention is causal: what a passage is paid depends on its place and on the passages before it, so "
            "another first-stage order gives other scores.",
            "Which layers are best differs between models; the default is a guess for a model that was not studied.",
        ),
        fidelity=Fidelity.OURS,
        fidelity_note=(
            "Middle layers and stopping after them are the paper's; its interval is chosen for each model and was not "
            "to be had, so the default from 35 % to 65 % of the depth is ours."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SelectiveInContextReranking(ByAttention):
    """Ranks passages by calibrated attention of the middle layers.

    Formula: s(d) = Σ_{t in d} (a_t(q) - a_t("N/A")), with a_t summed over the layers from ``first_layer`` to
    ``last_layer`` of the depth; tokens more than two standard deviations below the passage's mean are left out.
    Cost: 2 passes over all passages in one round, only up to ``last_layer``. Paper: arXiv:2602.22591.
    """

    info: ClassVar[StrategyInfo]
    first_layer: float = parameter(
        0.35, help="Where the layers that count begin, as a share of the model's depth.", minimum=0.0, maximum=1.0
    )
    last_layer: float = parameter(
        0.65, help="Where they end and the model stops, as a share of its depth.", minimum=0.0, maximum=1.0
    )

    def __post_init__(self) -> None:
        """InvalidInputError where the layers end before they begin."""
        if self.last_layer < self.first_layer:
            raise InvalidInputError(
                f"Layers from {self.first_layer} to {self.last_layer} of the depth: choose a last_layer that is not "
                "below first_layer."
            )

    def layers(self) -> tuple[float, float]:
        """The middle ones."""
        return self.first_layer, self.last_layer
