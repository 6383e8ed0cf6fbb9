"""Text encoders: pooled vectors and token states of texts, packed where that is proven, else padded.

Relative position biases (T5) differ in every segment of a packed pass, so those models run texts of equal length
together, without any padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from core.models.encoder_model import EncoderModel
from core.models.execution import Execution, choose
from core.models.inputs import Input, first_rows, last_rows, packed, padded
from core.models.packed.model import PackedModel
from core.models.pooling import Pooling, first, last


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class States:
    """What one pass found, on the device. ``pooled``: (n, dim); ``flat``: (n_rows, dim), the states of all texts one
    behind the other; ``ends``: (n,) where each text ends in them. One row of each where they are not ``whole``."""

    pooled: torch.Tensor
    flat: torch.Tensor
    ends: tuple[int, ...]
    whole: bool


class TextEncoder(EncoderModel):
    """One loaded model without a head."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401  (any transformers model)
        device: torch.device,
        pool: Pooling,
        *,
        types: bool,
        precision: str,
        probe: Sequence[Input],
    ) -> None:
        """``probe``: texts on which packed passes must agree with each text alone."""
        super().__init__(model, device, types=types)
        self._pool = pool
        self._one_row = pool in (first, last)  # pooling reads one row of each text
        with torch.inference_mode():
            self.execution = choose(
                model,
                precision,
                max(map(len, probe)),
                plain=lambda: self._alone(probe),
                packed=lambda candidate: self._together(probe, candidate),
            )
        if "relative position" in self.execution.name:
            self.execution = Execution(packed=None, name="padded (relative position bias, equal lengths together)")
            self.limits = replace(self.limits, waste=0.0)

    def states(self, texts: Sequence[Input], *, whole: bool) -> States:
        """One pass. ``whole``: whether the states of every token are needed, or only the pooled vectors."""
        if self.execution.packed is None:
            return self._padded(texts)
        return self._packed(texts, self.execution.packed, whole=whole or not self._one_row)

    def states_at(self, texts: Sequence[Input], places: Sequence[Sequence[int]]) -> torch.Tensor:
        """Last states at some places of each text: (n_places, dim), those of one text behind those of the other.
        ``places``: ascending in each text, counted from its first token."""
        begins = first_rows(texts)
        wanted = np.concatenate(
            [begin + np.asarray(own, dtype=np.int64) for begin, own in zip(begins, places, strict=True)]
        )
        if self.execution.packed is None:
            return self._padded(texts).flat[torch.from_numpy(wanted).to(self.device)]
        return self.execution.packed.states(packed(texts, types=self.types, wanted=wanted))

    def _packed(self, texts: Sequence[Input], model: PackedModel, *, whole: bool) -> States:
        wanted = None if whole else first_rows(texts) if self._pool is first else last_rows(texts)
        flat = model.states(packed(texts, types=self.types, wanted=wanted))
        return self._pooled(flat, [len(text) if whole else 1 for text in texts], whole=whole)

    def _padded(self, texts: Sequence[Input]) -> States:
        fill = self.model.config.get_text_config().pad_token_id or 0
        inputs = padded(texts, types=self.types, fill=fill, device=self.device)
        hidden: torch.Tensor = self.model(**inputs).last_hidden_state
        return self._pooled(hidden[inputs["attention_mask"].bool()], [len(text) for text in texts], whole=True)

    def _pooled(self, flat: torch.Tensor, lengths: Sequence[int], *, whole: bool) -> States:
        pooled = self._pool(flat, torch.tensor(lengths, device=flat.device))
        return States(pooled=pooled.float(), flat=flat, ends=tuple(np.cumsum(lengths).tolist()), whole=whole)

    def _alone(self, probe: Sequence[Input]) -> ArrayLike:
        found = [self._padded([text]) for text in probe]
        pooled = [states.pooled for states in found]
        return torch.cat([*pooled, *pooled, *(states.flat.float() for states in found)]).cpu().numpy()

    def _together(self, probe: Sequence[Input], model: PackedModel) -> ArrayLike:
        whole = self._packed(probe, model, whole=True)
        least = self._packed(probe, model, whole=not self._one_row)
        return torch.cat([whole.pooled, least.pooled, whole.flat.float()]).cpu().numpy()
