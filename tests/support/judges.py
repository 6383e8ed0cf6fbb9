"""Judges in place of models, the driver, and candidates and models to try strategies on."""

from __future__ import annotations

from dataclasses import replace

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import UnknownNameError
from core.domain.models import ModelEntry, ModelKind
from core.strategies.base import registered
from core.strategies.driver import Driven, Judge, Member, drive
from core.strategies.judges import (
    FirstPlaceJudge,
    IntransitiveJudge,
    NoisyJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    documents_of,
    uniform,
)

__all__ = [
    "MODELS",
    "Driven",
    "FirstPlaceJudge",
    "IntransitiveJudge",
    "Judge",
    "Member",
    "NoisyJudge",
    "NonsenseJudge",
    "PerfectJudge",
    "RefusingJudge",
    "TieJudge",
    "candidates",
    "documents_of",
    "drive",
    "find_model",
    "ideal",
    "uniform",
]


def candidates(n_docs: int, query: str = "where is the ferry") -> CandidateList:
    """``n_docs`` small documents d0, d1, ... in this order."""
    documents = tuple(Document(id=f"d{number}", text=f"passage number {number}") for number in range(n_docs))
    return CandidateList(query=Query(id="q1", text=query), documents=documents, first_stage="as pasted")


def ideal(lists: CandidateList, judge: PerfectJudge) -> tuple[int, ...]:
    """Positions in the order of the judge's hidden worths."""
    worths = [judge.worths[id] if id in judge.worths else uniform(judge.seed, id) for id in lists.ids]
    return tuple(sorted(range(len(worths)), key=lambda position: -worths[position]))


def _model(id: str, kind: ModelKind, *capabilities: Capability, revision: str = "1") -> ModelEntry:
    return ModelEntry(id=id, kind=kind, source="builtin", revision=revision, capabilities=frozenset(capabilities))


_LM = (
    Capability.LABEL_LOGPROBS,
    Capability.LIKELIHOOD,
    Capability.GENERATE,
    Capability.GENERATE_LOGPROBS,
    Capability.ATTENTION,
    Capability.RAW_LOGITS,
    Capability.EXIT_LAYER,
)
_EMBED = (Capability.EMBED_POOLED, Capability.EMBED_TOKENS, Capability.EMBED_PROMPT)
MODELS = (
    _model("lexical", ModelKind.LEXICAL, Capability.LEXICAL),
    _model("all-minilm-l6-v2", ModelKind.EMBEDDER, *_EMBED),
    _model("other/embedder", ModelKind.EMBEDDER, Capability.EMBED_POOLED),
    _model("smollm2-135m-instruct", ModelKind.CAUSAL_LM, *_LM),
    _model("big.lm", ModelKind.CAUSAL_LM, *_LM),
    _model("a cross encoder", ModelKind.CROSS_ENCODER, Capability.SCORE),
    _model("endpoint", ModelKind.RERANK_ENDPOINT, Capability.SCORE_LIST),
)


def trained_models() -> tuple[ModelEntry, ...]:
    """For every slot of a registered strategy that writes a trained format, a model that reads it."""
    slots = (slot for info in registered().values() for _, slot in info.slots if slot.format)
    made = (_model(f"trained-{slot.format}", ModelKind.CAUSAL_LM, *slot.needs) for slot in slots)
    return tuple(replace(entry, formats=(entry.id.removeprefix("trained-"),)) for entry in made)


def find_model(id: str) -> ModelEntry:
    """A model of ``MODELS`` or of ``trained_models``."""
    known = (*MODELS, *trained_models())
    for entry in known:
        if entry.id == id:
            return entry
    raise UnknownNameError("model", id, tuple(entry.id for entry in known))
