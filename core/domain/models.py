"""A model as data: where it comes from, what it can do, what pins it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.canonical import Json
from core.domain.capabilities import Capability

# Options that say how an endpoint is reached, not what it answers; they leave a fingerprint alone.
TRANSPORT_OPTIONS = frozenset({"connect_timeout", "key_variable", "timeout", "use_proxy"})


class ModelKind(StrEnum):
    """Which adapter loads the model; stated in the entry, never guessed from a name."""

    LEXICAL = "lexical"
    EMBEDDER = "embedder"
    CROSS_ENCODER = "cross-encoder"
    CAUSAL_LM = "causal-lm"
    CHAT_ENDPOINT = "chat-endpoint"
    RERANK_ENDPOINT = "rerank-endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model that a system may name.

    ``source``: "bundled:<python package>", "hub:<owner/name>", "folder:<path>", "builtin" or an http(s) address.
    ``revision``: commit of the hub, weights digest of a folder or bundle, version of a builtin, model name
    of an endpoint. ``max_length``: tokens one input may have. ``options``: settings of the adapter
    (pooling, query prefix, dialect, key variable ...) as sorted pairs of text.
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
