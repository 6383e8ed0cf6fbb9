"""Entries from all sources, errors that name table and key, availability from files alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.catalog import Catalog
from core.catalog.availability import availability
from core.catalog.places import hub_folder
from core.domain.capabilities import Capability
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.models import ModelEntry, ModelKind
from core.settings import PROJECT, Settings, load_settings
from tests.support.tiny_models import save_bert

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB = {"source": "hub:owner/name", "revision": COMMIT, "kind": "cross-encoder"}
RERANK = {"kind": "rerank-endpoint", "url": "https://api.example.com", "model": "r-1", "dialect": "cohere"}


def settings_with(home: Path, **tables: Any) -> Settings:
    values: dict[str, Any] = {"models": {}, "endpoints": {}, **tables}
    return Settings(home=home, database_url="sqlite://", **values)


def test_the_built_in_models(tmp_path: Path) -> None:
    catalog = Catalog(settings_with(tmp_path))
    first = catalog.entries()[:3]
    assert [entry.id for entry in first] == ["lexical", "all-minilm-l6-v2", "smollm2-135m-instruct"]
    assert [entry.kind for entry in first] == [ModelKind.LEXICAL, ModelKind.EMBEDDER, ModelKind.CAUSAL_LM]
    assert all(catalog.availability(entry).available for entry in first)
    with pytest.raises(UnknownNameError, match=r"Unknown model 'gpt'. Known: lexical, all-minilm-l6-v2, smollm2"):
        catalog.entry("gpt")


def test_an_unknown_model_is_told_the_nearest_names_and_not_all(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        Catalog(settings_with(tmp_path)).entry("smollm-135m-instruct")
    message = str(caught.value)
    assert message.startswith("Unknown model 'smollm-135m-instruct'. Known: smollm2-135m-instruct, ")
    assert message.count(",") < 10
    assert message.endswith(" more.")


def test_configured_and_registered_models(tmp_path: Path) -> None:
    registered: list[ModelEntry] = []
    settings = settings_with(tmp_path, models={"ours": HUB}, endpoints={"far": RERANK})
    catalog = Catalog(settings, lambda: registered)
    ours, far = catalog.entry("ours"), catalog.entry("far")
    assert (ours.kind, ours.revision, ours.capabilities) == (ModelKind.CROSS_ENCODER, COMMIT, {Capability.SCORE})
    assert (far.source, far.revision, far.option("dialect")) == ("https://api.example.com", "r-1", "cohere")
    registered += [catalog.describe("mine", {**HUB, "title": "Mine"}), ours]
    assert [entry.id for entry in catalog.entries()][3:6] == ["ours", "far", "mine"]
    assert catalog.entry("mine").title == "Mine"
    with pytest.raises(InvalidInputError, match=r"\[models\.ours\] name: is taken"):
        catalog.describe("ours", HUB)


def test_from_the_file_itself(tmp_path: Path) -> None:
    (tmp_path / "runoff.toml").write_text(
        '[models.ours]\nsource = "hub:owner/name"\n'
        f'revision = "{COMMIT}"\nkind = "causal-lm"\ncapabilities = ["likelihood"]\nthinking = "off"\n'
        "max_length = 2048\n"
        '[endpoints.chat]\nkind = "chat-endpoint"\nurl = "http://127.0.0.1:8000/v1/"\nmodel = "big"\n'
        'key_variable = "BIG_KEY"\nlabel_logprobs = true\ntimeout = 5\n'
    )
    catalog = Catalog(load_settings({"RUNOFF_HOME": str(tmp_path)}))
    ours, chat = catalog.entry("ours"), catalog.entry("chat")
    assert (ours.capabilities, ours.options, ours.max_length) == ({Capability.LIKELIHOOD}, (("thinking", "off"),), 2048)
    assert chat.source == "http://127.0.0.1:8000/v1"
    assert dict(chat.options) == {
        "connect_timeout": "3.0",
        "dialect": "openai",
        "key_variable": "BIG_KEY",
        "timeout": "5.0",
        "top_logprobs": "20",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "owner/name"}, r"\[models\.ours\] source: 'owner/name' must be 'hub:owner/name' or 'folder:path'"),
        ({"source": "hub:../../etc"}, "source"),
        ({"source": "hub:name"}, "source"),
        ({"revision": "main"}, r"\[models\.ours\] revision: 'main' must be a full commit"),
        ({"revision": None}, "revision: is required"),
        ({"kind": None}, "kind: is required"),
        ({"kind": "reranker"}, "kind: 'reranker' is not allowed. Allowed: embedder, cross-encoder, causal-lm, seq2seq"),
        ({"kind": "chat-endpoint"}, "kind: 'chat-endpoint' is not allowed"),
        ({"pooling": "mean"}, "pooling: unknown key"),
        ({"capabilities": ["generate"]}, "capabilities: 'generate' is not one of a cross-encoder. Allowed: .*score"),
        ({"capabilities": "score"}, "capabilities: must be a list"),
        ({"max_length": 0}, "max_length: must be a whole number above zero"),
        ({"max_length": True}, "max_length"),
        ({"precision": "int8"}, "precision: 'int8' is not allowed"),
        ({"positive_label": -1}, "positive_label"),
        ({"title": 3}, "title: must be text"),
        ({"formats": ["monot6"]}, "formats: 'monot6' is not a format. Allowed: bge-gemma, "),
        ({"formats": "monot5"}, "formats: must be a list"),
        ({"kind": "multi-vector", "query_length": 0}, "query_length: must be a whole number above zero"),
        ({"kind": "seq2seq", "query_length": 32}, "query_length: unknown key"),
        ({"kind": "seq2seq", "capabilities": ["score"]}, "capabilities: 'score' is not one of a seq2seq"),
    ],
)
def test_errors_name_table_and_key(tmp_path: Path, change: dict[str, object], message: str) -> None:
    table = {key: value for key, value in {**HUB, **change}.items() if value is not None}
    with pytest.raises(InvalidInputError, match=message):
        Catalog(settings_with(tmp_path, models={"ours": table}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "ftp://host"}, r"\[endpoints\.far\] url: 'ftp://host' must begin with http"),
        ({"url": "https://"}, "url"),
        ({"url": "https://me:secret@host"}, "must not hold a user or password"),
        ({"url": "https://host/?key=1"}, "query"),
        ({"url": "https://host:99999"}, "is not an address"),
        ({"dialect": "openai"}, "dialect: 'openai' is not allowed. Allowed: cohere, jina, tei"),
        ({"dialect": None}, "dialect: is required"),
        ({"model": None}, "model: is required"),
        ({"key": "sk-1"}, "key: unknown key"),
        ({"key_variable": "sk-1 x"}, "must be the name of an environment variable"),
        ({"timeout": 0}, "timeout: must be a number of seconds"),
        ({"label_logprobs": True}, "label_logprobs: unknown key"),
        ({"kind": "embedder"}, "kind: 'embedder' is not allowed"),
    ],
)
def test_endpoint_errors_name_table_and_key(tmp_path: Path, change: dict[str, object], message: str) -> None:
    table = {key: value for key, value in {**RERANK, **change}.items() if value is not None}
    with pytest.raises(InvalidInputError, match=message):
        Catalog(settings_with(tmp_path, endpoints={"far": table}))


@pytest.mark.parametrize("name", ["a:b", "a b", "a?b", "a(b", "", "-a", "a,b"])
def test_names_must_fit_system_notation(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match="may only have"):
        Catalog(settings_with(tmp_path, models={name: HUB}))


def test_two_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Two models are called 'lexical'"):
        Catalog(settings_with(tmp_path, models={"lexical": HUB}))
    with pytest.raises(InvalidInputError, match="Two models are called 'x'"):
        Catalog(settings_with(tmp_path, models={"x": HUB}, endpoints={"x": RERANK}))


def test_a_folder_describes_itself(tmp_path: Path) -> None:
    folder = save_bert(tmp_path / "model")
    tables = {"ours": {"source": f"folder:{folder}"}}
    entry = Catalog(settings_with(tmp_path, models=tables)).entry("ours")
    assert (entry.kind, entry.max_length, len(entry.revision)) == (ModelKind.EMBEDDER, 64, 64)
    assert Catalog(settings_with(tmp_path, models=tables)).entry("ours") == entry
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text("utf-8").replace("ferry", "fairy"), "utf-8")
    assert Catalog(settings_with(tmp_path, models=tables)).entry("ours").revision != entry.revision
    with pytest.raises(InvalidInputError, match="leave the key out"):
        Catalog(settings_with(tmp_path, models={"ours": {**tables["ours"], "revision": COMMIT}}))


def test_a_folder_that_is_missing_is_listed_and_unavailable(tmp_path: Path) -> None:
    table = {"source": f"folder:{tmp_path / 'none'}", "kind": "embedder"}
    catalog = Catalog(settings_with(tmp_path, models={"ours": table}))
    state = catalog.availability(catalog.entry("ours"))
    assert not state.available
    assert "does not exist" in state.reason
    assert "config.json" in state.how


def test_availability_of_a_hub_model(tmp_path: Path) -> None:
    catalog = Catalog(settings_with(tmp_path, models={"ours": HUB}))
    entry = catalog.entry("ours")
    assert catalog.availability(entry).reason == "not downloaded"
    folder = hub_folder(tmp_path / "cache", "owner/name", COMMIT)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"")
    state = catalog.availability(entry)
    assert "pickled weights are refused, safetensors only" in state.reason
    assert not state.available
    (folder / "model.safetensors").write_bytes(b"")
    assert catalog.availability(entry).available


def test_availability_of_endpoints_and_packages(tmp_path: Path) -> None:
    table = {**RERANK, "key_variable": "RERANK_KEY"}
    entry = Catalog(settings_with(tmp_path, endpoints={"far": table})).entry("far")
    state = availability(entry, tmp_path, {})
    assert (state.available, state.reason) == (False, "environment variable RERANK_KEY is not set")
    assert availability(entry, tmp_path, {"RERANK_KEY": "k"}).available
    gone = ModelEntry(
        id="x", kind=ModelKind.EMBEDDER, source="bundled:no_such_package", revision="r", capabilities=frozenset()
    )
    assert "bundled.txt" in availability(gone, tmp_path, {}).how


def test_how_an_endpoint_is_reached_is_no_part_of_its_identity(tmp_path: Path) -> None:
    def identity(**change: object) -> object:
        tables = {"far": {**RERANK, **change}}
        return Catalog(settings_with(tmp_path, endpoints=tables)).entry("far").identity

    assert identity() == identity(key_variable="K", timeout=3.0, connect_timeout=1.0, use_proxy=True)
    assert identity() != identity(model="r-2")
    assert identity() != identity(dialect="jina")


def test_precision_follows_the_device(tmp_path: Path) -> None:
    gpu = Catalog(settings_with(tmp_path, device="cuda"))
    assert gpu.entry("smollm2-135m-instruct").precision == "bf16"
    assert gpu.entry("all-minilm-l6-v2").precision == "fp32"
    assert Catalog(settings_with(tmp_path)).entry("smollm2-135m-instruct").precision == "fp32"


def test_the_catalogue_needs_no_torch() -> None:
    program = (
        "import sys; from core.catalog import Catalog; from core.settings import load_settings\n"
        "c = Catalog(load_settings({'RUNOFF_HOME': '/nonexistent'})); [c.availability(e) for e in c.entries()]\n"
        "assert not {'torch', 'transformers', 'numpy'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd=PROJECT, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_new_kinds_formats_and_options_of_a_table(tmp_path: Path) -> None:
    tables = {
        "t5": {**HUB, "kind": "seq2seq", "formats": ["monot5", "general", "monot5"]},
        "col": {**HUB, "kind": "multi-vector", "query_length": 32, "query_marker": "[unused0]"},
        "head": {**HUB, "kind": "trained-head", "formats": ["tsprank"]},
    }
    chat = {"kind": "chat-endpoint", "url": "http://host", "model": "m", "formats": ["rank-zephyr"]}
    catalog = Catalog(settings_with(tmp_path, models=tables, endpoints={"chat": chat}))
    t5, col, head = (catalog.entry(name) for name in ("t5", "col", "head"))
    assert (t5.kind, t5.formats, t5.general) == (ModelKind.SEQ2SEQ, ("general", "monot5"), True)
    assert Capability.LABEL_LOGPROBS in t5.capabilities
    assert (col.kind, dict(col.options)) == (
        ModelKind.MULTI_VECTOR,
        {"query_length": "32", "query_marker": "[unused0]"},
    )
    assert Capability.EMBED_TOKENS in col.capabilities
    assert (head.kind, head.formats, head.general) == (ModelKind.TRAINED_HEAD, ("tsprank",), False)
    assert catalog.entry("chat").formats == ("rank-zephyr",)


def test_a_further_capability_is_stated_and_never_assumed(tmp_path: Path) -> None:
    stated = {**HUB, "kind": "embedder", "capabilities": ["embed-pooled", "embed-prompt"]}
    catalog = Catalog(settings_with(tmp_path, models={"plain": {**HUB, "kind": "trained-head"}, "stated": stated}))
    assert Capability.EMBED_PROMPT in catalog.entry("stated").capabilities
    assert Capability.EMBED_MARKS not in catalog.entry("plain").capabilities


def test_precision_of_checkpoints_follows_the_device(tmp_path: Path) -> None:
    entries = Catalog(settings_with(tmp_path, device="cuda")).entries()
    assert {entry.precision for entry in entries if entry.kind is ModelKind.CAUSAL_LM} == {"bf16"}
    assert {entry.precision for entry in entries if entry.kind is ModelKind.SEQ2SEQ} == {"fp32"}
