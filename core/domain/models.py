"""A model as data: where it comes from, what it can do, what pins it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.canonical import Json
from core.domain.capabilities import Capability

GENERAL = "general"  # in ``formats``: besides its trained formats the model follows instructions in words
MULTILINGUAL = "multilingual"  # in ``languages``: made for so many that no list is kept

# Options that say how an endpoint is reached, not what it answers; they leave a fingerprint alone.
TRANSPORT_OPTIONS = frozenset({"connect_timeout", "key_variable", "timeout", "use_proxy"})


class ModelKind(StrEnum):
    """Which adapter loads the model; stated in the entry, never guessed from a name."""

    LEXICAL = "lexical"
    EMBEDDER = "embedder"
    CROSS_ENCODER = "cross-encoder"
    CAUSAL_LM = "causal-lm"
    SEQ2SEQ = "seq2seq"
    MULTI_VECTOR = "multi-vector"
    TRAINED_HEAD = "trained-head"
    CHAT_ENDPOINT = "chat-endpoint"
    RERANK_ENDPOINT = "rerank-endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPrices:
    """What an endpoint charges, in the currency of ``[prices]``; None: not stated."""

    per_million_prompt_tokens: float | None = None
    per_million_generated_tokens: float | None = None
    per_1000_requests: float | None = None

    @property
    def stated(self) -> bool:
        """Whether anything is known; what is left out then costs nothing."""
        return self != RequestPrices()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model that a system may name.

    ``source``: "bundled:<python package>", "hub:<owner/name>", "folder:<path>", "builtin" or an http(s) address.
    ``revision``: commit of the hub, weights digest of a folder or bundle, version of a builtin, model name
    of an endpoint. ``max_length``: tokens one input may have. ``options``: settings of the adapter
    (pooling, query prefix, dialect, key variable ...) as sorted pairs of text. ``languages``: ISO 639-1 codes (or
    MULTILINGUAL) that the model was made for, empty where nobody stated them. ``public_name``: where anybody finds the
    weights of a bundled model ("owner/name" of the hub). Languages, names and prices are told to people only.
    ``formats``: the exact inputs that the weights were trained on ("monot5", "qwen3-reranker" ...): only strategies
    that write one of them fit. Empty, or with "general" among them: the model also follows instructions in words.
    """

    id: str
    kind: ModelKind
    source: str
    revision: str
    capabilities: frozenset[Capability]
    max_length: int = 512
    precision: str = "fp32"
    title: str = ""
    licence: str = ""
    parameters: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ()
    public_name: str = ""
    prices: RequestPrices = RequestPrices()
    formats: tuple[str, ...] = ()

    @property
    def general(self) -> bool:
        """Whether any strategy whose capabilities it has may use it."""
        return not self.formats or GENERAL in self.formats

    @property
    def identity(self) -> Json:
        """What enters a system's fingerprint: all that may change an answer, not how it is reached."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "revision": self.revision,
            "max_length": self.max_length,
            "precision": self.precision,
            "options": [list(pair) for pair in self.options if pair[0] not in TRANSPORT_OPTIONS],
        }

    def option(self, name: str, default: str = "") -> str:
        """The option ``name``, or ``default`` where the entry does not set it."""
        return dict(self.options).get(name, default)
