"""Loads the adapter for a catalogue entry: one module per kind of model, imported when first needed."""

from __future__ import annotations

import importlib
import logging
from typing import cast

from core.domain.errors import ModelUnavailableError, RunoffError
from core.domain.models import ModelEntry, ModelKind
from core.models.base import Adapter, LoadContext, OutOfMemoryError

log = logging.getLogger(__name__)

# Each module has ``load(entry, context) -> Adapter``. A new kind of model is one module and one line.
ADAPTERS: dict[ModelKind, str] = {
    ModelKind.LEXICAL: "core.models.lexical",
    ModelKind.EMBEDDER: "core.models.embedder",
    ModelKind.CROSS_ENCODER: "core.models.cross_encoder",
    ModelKind.CAUSAL_LM: "core.models.causal_lm",
    ModelKind.SEQ2SEQ: "core.models.seq2seq",
    ModelKind.MULTI_VECTOR: "core.models.multi_vector",
    ModelKind.TRAINED_HEAD: "core.models.trained_head",
    ModelKind.CHAT_ENDPOINT: "core.models.chat_endpoint",
    ModelKind.RERANK_ENDPOINT: "core.models.rerank_endpoint",
}
OFFLINE = "Bundled models work offline: bm25, bi-encoder:all-minilm-l6-v2, query-likelihood:smollm2-135m-instruct."


def load(entry: ModelEntry, context: LoadContext) -> Adapter:
    """The adapter of ``entry``, ready to answer. ModelUnavailableError with the cause, OutOfMemoryError."""
    context.report(f"loading {entry.id}")
    try:
        module = importlib.import_module(ADAPTERS[entry.kind])
        return cast(Adapter, module.load(entry, context))
    except OutOfMemoryError:
        raise
    except MemoryError as error:
        raise OutOfMemoryError(f"{entry.id}: out of memory while loading.") from error
    except RunoffError as error:
        raise ModelUnavailableError(_message(entry, error)) from error
    except Exception as error:
        # Anything may come out of a model library that meets malformed files; the engine must outlive it.
        if "out of memory" in str(error).lower():
            raise OutOfMemoryError(f"{entry.id}: out of memory while loading.") from error
        log.exception("loading %s failed", entry.id)
        raise ModelUnavailableError(_message(entry, error)) from error


def _message(entry: ModelEntry, error: Exception) -> str:
    lines = str(error).strip().splitlines()
    cause = lines[0].rstrip(".") if lines else type(error).__name__
    return f"Could not load {entry.id}: {cause}. {OFFLINE}"
