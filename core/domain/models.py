"""A model as data: where it comes from, what it can do, what pins it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.canonical import Json
from core.domain.capabilities import Capability


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
        """What enters a system's fingerprint: everything that may change an answer, not names or licences."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "revision": self.revision,
            "max_length": self.max_length,
            "precision": self.precision,
            "options": [list(pair) for pair in self.options],
        }

    def option(self, name: str, default: str = "") -> str:
        """The option ``name``, or ``default`` where the entry does not set it."""
        return dict(self.options).get(name, default)
