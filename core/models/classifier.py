"""Sequence classifiers, encoders and decoders: the logits of pairs, packed where that is proven, else padded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import ArrayLike

from core.models.encoder_model import EncoderModel
from core.models.execution import choose
from core.models.inputs import Input, first_rows, last_rows, packed, padded
from core.models.packed.model import PackedModel


class Classifier(EncoderModel):
    """One loaded sequence-classification model."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401  (any transformers model)
        device: torch.device,
        *,
        types: bool,
        precision: str,
        probe: Sequence[Input],
    ) -> None:
        """``probe``: pairs on which packed passes must agree with each pair alone."""
        super().__init__(model, device, types=types)
        self._own_fill: int | None = model.config.get_text_config().pad_token_id
        self._decoder = isinstance(getattr(model, "score", None), torch.nn.Linear)
        with torch.inference_mode():
            self.execution = choose(
                model,
                precision,
                max(map(len, probe)),
                plain=lambda: _array(torch.cat([self._padded([pair]) for pair in probe])),
                packed=lambda candidate: _array(self._packed(probe, candidate)),
            )

    def logits(self, pairs: Sequence[Input]) -> torch.Tensor:
        """(n_pairs, labels) in fp32, on the device; a GPU may still be at work on them."""
        if self.execution.packed is None:
            return self._padded(pairs)
        return self._packed(pairs, self.execution.packed)

    def _packed(self, pairs: Sequence[Input], model: PackedModel) -> torch.Tensor:
        wanted = last_rows(pairs) if self._decoder else first_rows(pairs)
        return model.class_logits(packed(pairs, types=self.types, wanted=wanted)).float()

    def _padded(self, pairs: Sequence[Input]) -> torch.Tensor:
        inputs = padded(pairs, types=self.types, fill=self._fill(pairs), device=self.device)
        logits: torch.Tensor = self.model(**inputs).logits
        return logits.float()

    def _fill(self, pairs: Sequence[Input]) -> int:
        """The padding id. A decoder finds its last token as the last that is not padding: one whose configuration
        has no padding id gets, for this batch, an id that no row contains (EOS would hide a real EOS)."""
        if self._own_fill is not None:
            return self._own_fill
        used = {token for pair in pairs for token in pair.ids.tolist()}
        fill = next(token for token in range(len(used) + 1) if token not in used)
        self.model.config.get_text_config().pad_token_id = fill
        return fill


def _array(logits: torch.Tensor) -> ArrayLike:
    return logits.cpu().numpy()
