"""What each kind of model can do unless its entry says otherwise, and which settings its adapter reads."""

from __future__ import annotations

from core.domain.capabilities import Capability
from core.domain.models import ModelKind

# What an entry of this kind can do where it states nothing.
CAPABILITIES: dict[ModelKind, frozenset[Capability]] = {
    ModelKind.LEXICAL: frozenset({Capability.LEXICAL}),
    ModelKind.EMBEDDER: frozenset({Capability.EMBED_POOLED, Capability.EMBED_TOKENS, Capability.EMBED_PROMPT}),
    ModelKind.CROSS_ENCODER: frozenset({Capability.SCORE}),
    ModelKind.CAUSAL_LM: frozenset(
        {
            Capability.LABEL_LOGPROBS,
            Capability.LIKELIHOOD,
            Capability.GENERATE,
            Capability.GENERATE_LOGPROBS,
            Capability.RAW_LOGITS,
            Capability.EXIT_LAYER,
            Capability.ATTENTION,
        }
    ),
    ModelKind.SEQ2SEQ: frozenset(
        {
            Capability.LABEL_LOGPROBS,
            Capability.LIKELIHOOD,
            Capability.GENERATE,
            Capability.GENERATE_LOGPROBS,
            Capability.GENERATE_FUSED,
            Capability.RAW_LOGITS,
        }
    ),
    ModelKind.MULTI_VECTOR: frozenset({Capability.EMBED_TOKENS}),
    ModelKind.TRAINED_HEAD: frozenset({Capability.TRANSFORM}),
    ModelKind.CHAT_ENDPOINT: frozenset({Capability.GENERATE}),
    ModelKind.RERANK_ENDPOINT: frozenset({Capability.SCORE_LIST}),
}

# What a table may state beside them: abilities that only some checkpoints of the kind have.
FURTHER: dict[ModelKind, frozenset[Capability]] = {
    ModelKind.EMBEDDER: frozenset({Capability.EMBED_MARKS}),  # jina-reranker-v3
    ModelKind.CROSS_ENCODER: frozenset({Capability.EXIT_LAYER}),  # BGE layerwise
    ModelKind.SEQ2SEQ: frozenset({Capability.SCORE_LIST}),  # MVP
}

# Settings of the adapter, kept as text in ModelEntry.options. Keys of a [models.NAME] table.
OPTIONS: dict[ModelKind, frozenset[str]] = {
    ModelKind.EMBEDDER: frozenset({"pooling", "query_prefix", "document_prefix", "suffix", "thinking"}),
    ModelKind.CROSS_ENCODER: frozenset({"positive_label", "query_prefix", "document_prefix"}),
    ModelKind.CAUSAL_LM: frozenset({"thinking"}),
    ModelKind.SEQ2SEQ: frozenset(),
    ModelKind.MULTI_VECTOR: frozenset({"query_marker", "document_marker", "query_length"}),
    ModelKind.TRAINED_HEAD: frozenset(),
}

LOCAL_KINDS = (
    ModelKind.EMBEDDER,
    ModelKind.CROSS_ENCODER,
    ModelKind.CAUSAL_LM,
    ModelKind.SEQ2SEQ,
    ModelKind.MULTI_VECTOR,
    ModelKind.TRAINED_HEAD,
)
ENDPOINT_KINDS = (ModelKind.CHAT_ENDPOINT, ModelKind.RERANK_ENDPOINT)
POOLINGS = ("mean", "cls", "last", "max")
PRECISIONS = ("fp32", "bf16", "fp16")

# Options that are not free text: one of a list, a whole number from 1, a number from 0, true or false.
CHOSEN: dict[str, tuple[str, ...]] = {"pooling": POOLINGS, "thinking": ("on", "off")}
COUNTED = frozenset({"query_length"})
NUMBERED = frozenset({"positive_label"})
SWITCHED: frozenset[str] = frozenset()

# The inputs that published checkpoints were trained on, by the name that strategies and entries share (``formats``).
FORMATS: dict[str, str] = {
    "bge-gemma": "BGE gemma: A and B in one text, the logit of Yes",
    "bge-layerwise": "BGE layerwise: the same text, a head after every layer",
    "colbert": "ColBERT: marked queries and documents, one vector per token",
    "cosine-adapter": "Cosine Adapter: a query's vector to a threshold",
    "dear-listwise": "DeAR: windows with three steps of reasoning",
    "dear-pointwise": "DeAR: one pair, a head on the last token",
    "duot5": "duoT5: two documents, true or false",
    "e2rank": "E2Rank: vectors, and a query with its first documents",
    "erank": "ERank: reasoning, then a grade",
    "first": "FIRST: the first token's labels are the order",
    "grouprank": "GroupRank: a group of passages, grades as JSON",
    "iranker": "IRanker: name the least relevant passage",
    "jina-reranker-v3": "jina-reranker-v3: a block of passages, vectors at marks",
    "listt5": "ListT5: five passages, encoded apart, worst first",
    "lit5": "LiT5: a window of passages, encoded apart",
    "monot5": "monoT5: one document, true or false",
    "mvp": "MVP: passages with view tokens, encoded apart",
    "mxbai-rerank-v2": "mxbai-rerank v2: one document, 0 or 1",
    "qwen3-reranker": "Qwen3-Reranker: instruction, query, document, yes or no",
    "rank-r1": "Rank-R1: reasoning, then the best passage",
    "rank-vicuna": "RankVicuna: windows in a Vicuna conversation",
    "rank-zephyr": "RankZephyr: windows in one turn",
    "rankmistral-full": "RankMistral: all passages at once",
    "rankt5": "RankT5: one document, the logit of one token",
    "reasonrank": "ReasonRank: reasoning, then the order of a window",
    "tsprank": "TSPRank: vectors of items, which one follows which",
}


def possible(kind: ModelKind) -> frozenset[Capability]:
    """Everything that an entry of this kind may state."""
    return CAPABILITIES[kind] | FURTHER.get(kind, frozenset())
