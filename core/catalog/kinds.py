"""What each kind of model can do unless its entry says otherwise, and which settings its adapter reads."""

from __future__ import annotations

from core.domain.capabilities import Capability
from core.domain.models import ModelKind

CAPABILITIES: dict[ModelKind, frozenset[Capability]] = {
    ModelKind.LEXICAL: frozenset({Capability.LEXICAL}),
    ModelKind.EMBEDDER: frozenset({Capability.EMBED_POOLED, Capability.EMBED_TOKENS}),
    ModelKind.CROSS_ENCODER: frozenset({Capability.SCORE}),
    ModelKind.CAUSAL_LM: frozenset({Capability.LABEL_LOGPROBS, Capability.LIKELIHOOD, Capability.GENERATE}),
    ModelKind.CHAT_ENDPOINT: frozenset({Capability.GENERATE}),
    ModelKind.RERANK_ENDPOINT: frozenset({Capability.SCORE_LIST}),
}

# Settings of the adapter, kept as text in ModelEntry.options. Keys of a [models.NAME] table.
OPTIONS: dict[ModelKind, frozenset[str]] = {
    ModelKind.EMBEDDER: frozenset({"pooling", "query_prefix", "document_prefix"}),
    ModelKind.CROSS_ENCODER: frozenset({"positive_label", "query_prefix", "document_prefix"}),
    ModelKind.CAUSAL_LM: frozenset({"thinking"}),
}

LOCAL_KINDS = (ModelKind.EMBEDDER, ModelKind.CROSS_ENCODER, ModelKind.CAUSAL_LM)
ENDPOINT_KINDS = (ModelKind.CHAT_ENDPOINT, ModelKind.RERANK_ENDPOINT)
POOLINGS = ("mean", "cls", "last", "max")
PRECISIONS = ("fp32", "bf16", "fp16")
