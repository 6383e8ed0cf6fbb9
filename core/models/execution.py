"""Whether a model runs packed passes: proven when it is loaded, else it runs padded batches and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from core.models.packed.model import PackedModel
from core.models.packed.parity import refusal, unproven


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """``packed``: runs packed passes; None where only padded ones are right. ``name``: for people."""

    packed: PackedModel | None
    name: str


def choose(
    model: Any,  # noqa: ANN401  (any transformers model)
    precision: str,
    tokens: int,
    plain: Callable[[], ArrayLike],
    packed: Callable[[PackedModel], ArrayLike],
) -> Execution:
    """Compare the values of ``packed`` with those of ``plain``, first with a last layer that leaves out rows, then
    with a whole one. ``tokens``: of the longest text compared. A model that is refused is left as it was."""
    if reason := unproven(tokens, model.device):
        return Execution(packed=None, name=f"padded ({reason})")
    native = model.config._attn_implementation
    candidate = PackedModel(model)
    if candidate.refusal:
        return Execution(packed=None, name=f"padded ({candidate.refusal})")
    reason = refusal(plain, lambda: packed(candidate), precision)
    if reason and candidate.selects:
        candidate.selects = False
        reason = refusal(plain, lambda: packed(candidate), precision) and reason
    if not reason:
        return Execution(packed=candidate, name="packed")
    model.set_attn_implementation(native)
    return Execution(packed=None, name=f"padded ({reason})")
