"""What a model can do and what a strategy's slot needs, in one vocabulary."""

from __future__ import annotations

from enum import StrEnum


class Capability(StrEnum):
    """One kind of request that a model can answer."""

    SCORE = "score"  # Score: cross-encoders
    EMBED_POOLED = "embed-pooled"  # Embed(at="pooled"): bi-encoders
    EMBED_TOKENS = "embed-tokens"  # Embed(at="tokens"): late interaction
    LABEL_LOGPROBS = "label-logprobs"  # LabelLogprobs
    LIKELIHOOD = "likelihood"  # Likelihood
    GENERATE = "generate"  # Generate
    SCORE_LIST = "score-list"  # ScoreList: /rerank endpoints, models that read a list jointly
    EMBED_PROMPT = "embed-prompt"  # EmbedPrompt without marks: a prompt's vector, next to those of EMBED_POOLED
    EMBED_MARKS = "embed-marks"  # EmbedPrompt with marks: one vector per marked position
    GENERATE_LOGPROBS = "generate-logprobs"  # Generate with top_logprobs
    GENERATE_FUSED = "generate-fused"  # GenerateFused: encoded apart, read together by the decoder
    ATTENTION = "attention"  # AttentionMass
    EXIT_LAYER = "exit-layer"  # Score and LabelLogprobs that stop after a layer
    RAW_LOGITS = "raw-logits"  # LabelLogprobs(raw=True)
    TRANSFORM = "transform"  # Transform: small trained heads on vectors
    LEXICAL = "lexical"  # ScoreList with corpus statistics: BM25
