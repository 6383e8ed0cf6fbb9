"""What the catalogue states of well-known checkpoints: each fact with its source, nothing from memory that pins."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

import core.strategies.all  # noqa: F401  (registers them)
from core.catalog.checkpoints.all import CHECKPOINTS
from core.catalog.checkpoints.checkpoint import UNSTATED_LENGTH, Checkpoint, Page, Sourced
from core.catalog.kinds import CAPABILITIES, FORMATS, OPTIONS, possible
from core.domain.models import GENERAL, MULTILINGUAL, ModelKind
from core.settings import PROJECT
from core.strategies.base import registered
from core.strategies.slots import fits

ASKED_FOR = {
    "monot5-base-msmarco-10k", "monot5-3b-msmarco-10k", "rankt5-base", "rankt5-large", "rankt5-3b",
    "duot5-base-msmarco", "flan-t5-small", "flan-t5-base", "flan-t5-large", "flan-t5-xl", "lit5-distill-base",
    "listt5-base", "qwen3-reranker-0.6b", "qwen3-reranker-4b", "qwen3-reranker-8b", "mxbai-rerank-base-v2",
    "mxbai-rerank-large-v2", "mxbai-rerank-base-v1", "bge-reranker-base", "bge-reranker-large", "bge-reranker-v2-m3",
    "bge-reranker-v2-gemma", "bge-reranker-v2-minicpm-layerwise", "bge-reranker-v2.5-gemma2-lightweight",
    "jina-reranker-v1-turbo-en", "jina-reranker-v2-base-multilingual", "jina-reranker-v3", "ms-marco-minilm-l2-v2",
    "ms-marco-minilm-l4-v2", "ms-marco-minilm-l6-v2", "ms-marco-minilm-l12-v2", "ms-marco-tinybert-l2-v2",
    "ms-marco-electra-base", "rank-zephyr-7b-v1-full", "rank-vicuna-7b-v1", "first-mistral", "rankmistral100",
    "reasonrank-7b", "reasonrank-32b", "rank-r1-7b-v0.1", "erank-4b", "erank-14b", "erank-32b",
    "dear-8b-reranker-ce-v1", "diver-grouprank-32b", "e2rank-0.6b", "e2rank-4b", "e2rank-8b", "colbertv2.0",
    "answerai-colbert-small-v1", "gte-reranker-modernbert-base", "gte-moderncolbert-v1", "qwen3-embedding-0.6b",
    "bge-m3",
}  # fmt: skip
PAGE = Page("https://example.org")


def facts(checkpoint: Checkpoint) -> dict[str, Sourced[object]]:
    found = {field.name: getattr(checkpoint, field.name) for field in fields(checkpoint)}
    return {name: fact for name, fact in found.items() if isinstance(fact, Sourced)}


def test_everything_asked_for_is_listed_once() -> None:
    ids = [checkpoint.id for checkpoint in CHECKPOINTS]
    assert len(ids) == len(set(ids))
    assert set(ids) >= ASKED_FOR


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda one: one.id)
def test_every_fact_has_a_source_and_no_commit_is_stated(checkpoint: Checkpoint) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", checkpoint.id)
    assert checkpoint.title
    assert checkpoint.revision == Sourced(None)
    for name, fact in facts(checkpoint).items():
        if fact.verified:
            assert fact.source.startswith("https://") or (PROJECT / fact.source).is_file(), (name, fact)
        else:
            assert fact.source == "", (name, fact)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda one: one.id)
def test_values_are_those_that_the_program_knows(checkpoint: Checkpoint) -> None:
    kind = checkpoint.kind.value
    assert kind is not None, "the kind decides which adapter loads it; it is read, never guessed"
    assert (checkpoint.capabilities.value or CAPABILITIES[kind]) <= possible(kind)
    assert set(checkpoint.formats.value or ()) <= {*FORMATS, GENERAL}
    assert {name for name, _ in checkpoint.options.value or ()} <= OPTIONS[kind]
    for language in checkpoint.languages.value or ():
        assert language == MULTILINGUAL or re.fullmatch(r"[a-z]{2}", language)
    assert checkpoint.size.value is None or 1_000_000 < checkpoint.size.value < 100_000_000_000
    assert checkpoint.max_length.value is None or 100 < checkpoint.max_length.value <= 131_072
    assert checkpoint.hub_id.value is None or re.fullmatch(r"[\w.-]+/[\w.-]+", checkpoint.hub_id.value)


@pytest.mark.parametrize("checkpoint", [one for one in CHECKPOINTS if one.template.verified], ids=lambda one: one.id)
def test_its_template_is_written_by_a_strategy(checkpoint: Checkpoint) -> None:
    name = checkpoint.template.value
    assert name is not None
    written = {slot.format for _, slot in registered()[name].slots}
    assert written & set(checkpoint.formats.value or ())


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda one: one.id)
def test_a_strategy_can_use_it_once_it_is_here(checkpoint: Checkpoint) -> None:
    entry = checkpoint.entry(commit="0" * 40)
    if entry is None or checkpoint.needs_code.value:
        return
    assert [name for name, info in registered().items() if fits(info, entry)]


def test_an_entry_states_what_is_known_and_nothing_else() -> None:
    known = Checkpoint(
        id="known",
        title="Known",
        hub_id=PAGE.says("a/b"),
        kind=PAGE.says(ModelKind.SEQ2SEQ),
        formats=PAGE.says(("monot5",)),
        options=PAGE.says(()),
    )
    entry = known.entry(precision="bf16")
    assert entry is not None
    assert (entry.id, entry.source, entry.public_name, entry.revision) == ("known", "hub:a/b", "a/b", "")
    assert (entry.licence, entry.parameters, entry.languages, entry.max_length) == ("", None, (), UNSTATED_LENGTH)
    assert (entry.precision, entry.formats, entry.capabilities) == (
        "fp32",
        ("monot5",),
        CAPABILITIES[ModelKind.SEQ2SEQ],
    )
    decoder = replace(known, kind=PAGE.says(ModelKind.CAUSAL_LM)).entry(precision="bf16")
    assert decoder is not None
    assert decoder.precision == "bf16"
    told = replace(known, licence=PAGE.says("mit"), size=PAGE.says(7)).entry(parameters=9, licence="other")
    assert told is not None
    assert (told.licence, told.parameters) == ("mit", 7)


def test_without_an_id_or_a_kind_there_is_no_model() -> None:
    known = Checkpoint(id="known", title="cross-encoder embedder T5", hub_id=PAGE.says("a/b"))
    assert known.entry() is None
    assert Checkpoint(id="known", title="", hub_id=Sourced(None), kind=PAGE.says(ModelKind.EMBEDDER)).entry() is None


def test_sources_that_are_files_are_of_this_project() -> None:
    named = {fact.source for one in CHECKPOINTS for fact in facts(one).values() if fact.source.startswith("core/")}
    assert {Path(name).suffix for name in named} == {".py"}
