"""A decoder that reads what an encoder made of one text, or of several texts together.

Fusion in the decoder (Izacard and Grave 2021, arXiv:2007.01282): every text is encoded by itself, the states are laid
one behind the other, and cross-attention sees all of them. Texts of different lengths in one batch are filled up with
zeros that an explicit mask hides; a model of the library that is given no mask would read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(slots=True, eq=False)
class Reading:
    """What the rows of a batch read: ``states`` (n_rows, longest, dim), ``mask`` (n_rows, longest), and ``cache``, the
    keys and values that the library's decoder keeps between two steps."""

    states: torch.Tensor
    mask: torch.Tensor
    cache: Any = None

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows, as a cache of the library does."""
        self.states, self.mask = self.states[indices], self.mask[indices]
        self.cache.batch_select_indices(indices)


@dataclass(slots=True, eq=False)
class Output:
    """As the library's: ``logits`` (n_rows, n_tokens, vocabulary), and what the next step goes on from."""

    logits: torch.Tensor
    past_key_values: Reading


class Reader:
    """A decoder over fixed states, to be called as a causal language model is (core/models/decoding.py)."""

    def __init__(self, model: Any, states: Sequence[torch.Tensor]) -> None:  # noqa: ANN401  (any encoder-decoder)
        """``states``: of each row (n_tokens, dim), of several texts those of all, see ``joined``."""
        self._model = model
        self.device: torch.device = model.device
        self._begin = padded(states)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        past_key_values: Reading | None = None,
        use_cache: bool = False,
    ) -> Output:
        """One pass of the decoder over ``input_ids`` (n_rows, n_tokens); ``attention_mask``: of them and all before."""
        reading = past_key_values or self._begin
        found = self._model(
            encoder_outputs=(reading.states,),
            attention_mask=reading.mask,
            decoder_input_ids=input_ids,
            decoder_attention_mask=attention_mask,
            past_key_values=reading.cache,
            use_cache=use_cache,
        )
        reading.cache = found.past_key_values
        return Output(found.logits, reading)

    __call__ = forward


def joined(states: Sequence[torch.Tensor]) -> torch.Tensor:
    """States of several texts, one behind the other."""
    return states[0] if len(states) == 1 else torch.cat(list(states))


def padded(states: Sequence[torch.Tensor]) -> Reading:
    """States of one batch, filled up on the right, with the mask that hides what was filled."""
    lengths = torch.tensor([len(own) for own in states], device=states[0].device)
    whole = torch.nn.utils.rnn.pad_sequence(list(states), batch_first=True)
    mask = torch.arange(whole.shape[1], device=whole.device)[None] < lengths[:, None]
    return Reading(whole, mask.long())
