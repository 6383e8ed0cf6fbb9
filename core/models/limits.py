"""How many tokens a model has positions for."""

from __future__ import annotations

from typing import Any

# These count positions from padding_idx + 1 (RoBERTa), so the first ones are never used.
_OFFSET_FAMILIES = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text"}


def position_limit(config: Any) -> int | None:  # noqa: ANN401  (any transformers config)
    """Longest input of the model, or None where its configuration states none."""
    text = config.get_text_config()
    stated = getattr(text, "max_position_embeddings", None)
    if not isinstance(stated, int) or stated < 1:
        return None
    return stated - first_position(config)


def first_position(config: Any) -> int:  # noqa: ANN401  (any transformers config)
    """The position id of the first token."""
    text = config.get_text_config()
    if text.model_type in _OFFSET_FAMILIES:
        return int(getattr(text, "pad_token_id", None) or 0) + 1
    return 0
