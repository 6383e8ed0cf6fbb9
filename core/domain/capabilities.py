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
    SCORE_LIST = "score-list"  # ScoreList: /rerank endpoints
    LEXICAL = "lexical"  # ScoreList with corpus statistics: BM25
