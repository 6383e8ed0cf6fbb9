"""A transformers model that can run packed passes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from core.models.limits import first_position, position_limit
from core.models.packed import attention
from core.models.packed.attention import UnsupportedAttentionError
from core.models.packed.copies import placed
from core.models.packed.depth import first_layers
from core.models.packed.masses import Watch
from core.models.packed.means import as_means, reads_means
from core.models.packed.passes import packing
from core.models.packed.plan import Plan
from core.models.packed.rows import layers_of, select_rows


class PackedModel:
    """Give a model the packed attention and let its last layer skip rows; padded passes stay what they were.

    ``refusal``: why the model cannot run packed passes at all, "" where it may (see parity.py). ``selects``: whether
    its last layer may skip rows; where it may not, the rows are kept afterwards.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401  (any transformers model)
        self.model = model
        self.refusal = _refusal(model)
        self.selects = False
        if self.refusal:
            return
        attention.register()
        self._native = model.config._attn_implementation
        if self._native == "sdpa":  # the packed attention is the same outside packed passes; switching costs 1 ms
            model.set_attn_implementation(attention.NAME)
        layers = layers_of(model.base_model)
        if layers is not None:
            select_rows(layers[-1])
            self.selects = True
        self._offset = first_position(model.config)

    def states(self, plan: Plan) -> torch.Tensor:
        """Last states of one forward pass, without a head: (n, width), n = all tokens, or only the wanted ones.

        UnsupportedAttentionError where the model asks of attention what packed passes do not know.
        """
        found: torch.Tensor = self._run(self.model.base_model, plan).last_hidden_state[0]
        return found if self.selects else self._kept(found, plan)

    def logits(self, plan: Plan, cache: Any = None, exit_layer: int | None = None) -> torch.Tensor:  # noqa: ANN401  (a transformers Cache)
        """Next-token logits of a causal language model at the wanted rows: (n_wanted, vocabulary). An empty ``cache``
        holds keys and values of all tokens of the pass afterwards, (1, heads, n_tokens, head_dim) a layer.
        ``exit_layer``: of the states after this layer, from 1; those behind it are not run."""
        kept: dict[str, Any] = {} if cache is None else {"past_key_values": cache, "use_cache": True}
        selects = self.selects and exit_layer is None  # only the last layer can leave out rows
        wanted = None if selects else plan.wanted
        if wanted is not None and "logits_to_keep" in inspect.signature(self.model.forward).parameters:
            kept["logits_to_keep"] = placed(wanted, self.model.device)
        with first_layers(self.model.base_model, exit_layer):
            found: torch.Tensor = self._run(self.model, plan, selects=selects, **kept).logits[0]
        return found if selects or "logits_to_keep" in kept else self._kept(found, plan)

    def watch(self, plan: Plan, watch: Watch, depth: int) -> None:
        """Run the first ``depth`` layers and let ``watch`` see the attention of each; nothing else is kept."""
        with first_layers(self.model.base_model, depth):
            self._run(self.model.base_model, plan, selects=False, watch=watch)

    def class_logits(self, plan: Plan) -> torch.Tensor:
        """Logits of a sequence classifier, (n_wanted, labels), from the one row of each text that its head reads:
        the first of an encoder, the last of a decoder. Of a head that reads means, whatever is wanted, one a text."""
        head = getattr(self.model, "score", None)
        if isinstance(head, nn.Linear):  # decoders: the head reads each state by itself
            return head(self.states(plan))  # type: ignore[no-any-return]  # torch types modules so
        if reads_means(self.model):
            with as_means(self.model.base_model, plan):
                return self._run(self.model, replace(plan, wanted=None)).logits  # type: ignore[no-any-return]  # untyped
        if not self.selects:
            raise UnsupportedAttentionError("The last layer cannot leave out rows.")
        found: torch.Tensor = self._run(self.model, plan, as_texts=True).logits
        return found

    def _run(
        self,
        forward: Any,  # noqa: ANN401  (untyped)
        plan: Plan,
        *,
        as_texts: bool = False,
        selects: bool | None = None,
        watch: Watch | None = None,
        **further: Any,  # noqa: ANN401  (untyped)
    ) -> Any:  # noqa: ANN401  (untyped)
        selects = self.selects if selects is None else selects
        with self._packed_attention(), packing(plan, self.model.device, selects=selects) as under_way:
            under_way.as_texts, under_way.watch = as_texts, watch
            return forward(**{**self._inputs(plan), **further})

    def _kept(self, found: torch.Tensor, plan: Plan) -> torch.Tensor:
        return found if plan.wanted is None else found[placed(plan.wanted, found.device)]

    def _inputs(self, plan: Plan) -> dict[str, Any]:
        device = self.model.device
        inputs: dict[str, Any] = {
            "input_ids": placed(plan.ids, device)[None],
            "position_ids": placed(plan.positions + self._offset, device)[None],
        }
        if plan.types is not None:
            inputs["token_type_ids"] = placed(plan.types, device)[None]
        if "use_cache" in inspect.signature(self.model.base_model.forward).parameters:
            inputs["use_cache"] = False
        return inputs

    @contextmanager
    def _packed_attention(self) -> Iterator[None]:
        if self._native == "sdpa":
            yield
            return
        self.model.set_attn_implementation(attention.NAME)
        try:
            yield
        finally:
            self.model.set_attn_implementation(self._native)


def _refusal(model: Any) -> str:  # noqa: ANN401  (any transformers model)
    if model.config.is_encoder_decoder or model.config.model_type in {"t5", "mt5", "umt5"}:
        return "relative position bias"
    if not model._can_set_attn_implementation():  # the public setter only warns
        return "the architecture has an attention of its own"
    if "position_ids" not in inspect.signature(model.base_model.forward).parameters:
        return "the architecture takes no position ids"
    return _of_long_texts(model.config)


def _of_long_texts(config: Any) -> str:  # noqa: ANN401  (any transformers config)
    """What only texts show that are longer than those of the parity probe."""
    text = config.get_text_config()
    rotary: dict[str, Any] = getattr(text, "rope_parameters", None) or {}
    for stated in (rotary, *(part for part in rotary.values() if isinstance(part, dict))):
        if stated.get("rope_type") == "longrope":  # Phi: one set of frequencies for a pass, chosen by its longest text
            return "positions depend on the longest text of a pass"
    chunk = getattr(text, "attention_chunk_size", None)
    if isinstance(chunk, int) and chunk < (position_limit(config) or chunk + 1):  # Llama 4: told by its mask alone
        return f"attention in chunks of {chunk} tokens"
    return ""
