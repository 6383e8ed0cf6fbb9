"""What a model folder says about itself."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from core.catalog.builtin import BUILTIN, MINILM_FOLDER
from core.catalog.digests import DigestCache
from core.catalog.folders import describe_folder
from core.catalog.places import bundled_folder, is_model_file
from core.catalog.tables import model_entry
from core.domain.errors import InvalidInputError
from core.domain.models import ModelKind


def write(folder: Path, config: dict[str, object], shape: tuple[int, ...] = (2, 3)) -> Path:
    header = json.dumps({"__metadata__": {"format": "pt"}, "w": {"dtype": "F32", "shape": shape}}).encode()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    return folder


@pytest.mark.parametrize(
    ("architecture", "kind"),
    [
        ("XLMRobertaForSequenceClassification", ModelKind.CROSS_ENCODER),
        ("Qwen2ForCausalLM", ModelKind.CAUSAL_LM),
        ("GPT2LMHeadModel", ModelKind.CAUSAL_LM),
        ("BertModel", ModelKind.EMBEDDER),
        ("HF_ColBERT", ModelKind.MULTI_VECTOR),
        ("T5ForConditionalGeneration", None),
        ("Gemma3ForConditionalGeneration", None),
        ("JinaForRanking", None),
    ],
)
def test_kind_comes_from_the_architecture(tmp_path: Path, architecture: str, kind: ModelKind | None) -> None:
    assert describe_folder(write(tmp_path, {"architectures": [architecture]})).kind is kind


def test_conditional_generation_is_seq2seq_where_there_is_an_encoder(tmp_path: Path) -> None:
    config: dict[str, object] = {"architectures": ["T5ForConditionalGeneration"], "is_encoder_decoder": True}
    assert describe_folder(write(tmp_path, config)).kind is ModelKind.SEQ2SEQ
    (tmp_path / "config.json").write_text(json.dumps({**config, "is_encoder_decoder": False}))
    assert describe_folder(tmp_path).kind is None


def test_a_pylate_model_has_one_vector_per_token(tmp_path: Path) -> None:
    write(tmp_path, {"architectures": ["ModernBertModel"]})
    stages = [{"type": "sentence_transformers.models.Transformer"}, {"type": "pylate.models.Dense.Dense"}]
    (tmp_path / "modules.json").write_text(json.dumps(stages))
    assert describe_folder(tmp_path).kind is ModelKind.MULTI_VECTOR
    (tmp_path / "modules.json").write_text(json.dumps(stages[:1]))
    assert describe_folder(tmp_path).kind is ModelKind.EMBEDDER
    (tmp_path / "modules.json").write_text("{}")
    with pytest.raises(InvalidInputError, match=r"modules\.json must hold a JSON list"):
        describe_folder(tmp_path)


def test_a_multi_vector_model_of_sentence_transformers_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"architectures": ["BertModel"]})
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "config_sentence_transformers.json").write_text('{"model_type": "MultiVectorEncoder"}')
    assert describe_folder(tmp_path).kind is ModelKind.MULTI_VECTOR
    (tmp_path / "config_sentence_transformers.json").write_text('{"model_type": "SentenceTransformer"}')
    assert describe_folder(tmp_path).kind is ModelKind.EMBEDDER


def test_a_trained_head_names_its_strategy(tmp_path: Path) -> None:
    found = describe_folder(write(tmp_path, {"head": "tsprank", "input_dim": 4}))
    assert (found.kind, found.formats) == (ModelKind.TRAINED_HEAD, ("tsprank",))
    table = {"source": f"folder:{tmp_path}"}
    entry = model_entry("head", table, DigestCache(tmp_path / "digests.json"))
    assert (entry.kind, entry.formats) == (ModelKind.TRAINED_HEAD, ("tsprank",))
    (tmp_path / "config.json").write_text('{"head": "another"}')
    found = describe_folder(tmp_path)
    assert (found.kind, found.formats) == (ModelKind.TRAINED_HEAD, ())


def test_a_sentence_model_on_a_language_model_is_an_embedder(tmp_path: Path) -> None:
    write(tmp_path, {"architectures": ["Qwen3ForCausalLM"]})
    (tmp_path / "modules.json").write_text("[]")
    assert describe_folder(tmp_path).kind is ModelKind.EMBEDDER


def test_length_licence_and_size(tmp_path: Path) -> None:
    write(tmp_path, {"max_position_embeddings": 512}, (4, 5, 6))
    (tmp_path / "tokenizer_config.json").write_text('{"model_max_length": 1000000000000000019884624838656}')
    (tmp_path / "README.md").write_text('---\ntags:\n- x\nlicense: "apache-2.0"\n---\nlicense: wrong\n')
    found = describe_folder(tmp_path)
    assert (found.max_length, found.licence, found.parameters) == (512, "apache-2.0", 120)
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    assert describe_folder(tmp_path).max_length == 256


def test_the_bundled_folder_says_what_the_catalogue_says() -> None:
    entry = next(entry for entry in BUILTIN if entry.kind is ModelKind.EMBEDDER)
    package = bundled_folder(entry.source.removeprefix("bundled:"))
    assert package is not None
    found = describe_folder(package / MINILM_FOLDER)
    assert (found.kind, found.max_length, found.licence) == (entry.kind, entry.max_length, entry.licence)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", b"{", "config.json cannot be read"),
        ("config.json", b"[]", "must hold a JSON object"),
        ("model.safetensors", b"\x01", "not a safetensors file"),
        ("model.safetensors", struct.pack("<Q", 2**60), "its header claims"),
        ("model.safetensors", struct.pack("<Q", 3) + b"abc", "not a safetensors file"),
    ],
)
def test_malformed_files_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    write(tmp_path, {})
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInputError, match=message):
        describe_folder(tmp_path)


def test_digests_are_remembered_until_a_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"abc")
    cache = DigestCache(tmp_path / "digests.json")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # SHA-256 of "abc"
    assert cache.file(file) == known
    stamp = file.stat().st_mtime_ns
    file.write_bytes(b"abd")
    import os

    os.utime(file, ns=(stamp, stamp))
    assert DigestCache(tmp_path / "digests.json").file(file) == known  # same size and time: not read again
    os.utime(file, ns=(stamp, stamp + 1))
    assert DigestCache(tmp_path / "digests.json").file(file) != known
    (tmp_path / "digests.json").write_text("not json")
    assert DigestCache(tmp_path / "digests.json").file(file) != known


def test_a_folder_digest_covers_names_and_contents_of_model_files(tmp_path: Path) -> None:
    cache = DigestCache(tmp_path / "digests.json")
    folder = tmp_path / "model"
    folder.mkdir()
    write(folder, {})
    first = cache.folder(folder)
    (folder / "notes.pdf").write_bytes(b"x")
    (folder / ".cache.json").write_bytes(b"x")
    assert cache.folder(folder) == first
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_bytes(b"{}")
    second = cache.folder(folder)
    assert second != first
    (folder / "1_Pooling").rename(folder / "2_Pooling")
    assert cache.folder(folder) != second


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("model-00001-of-00002.safetensors", True),
        ("1_Pooling/config.json", True),
        ("tokenizer.model", True),
        ("chat_template.jinja", True),
        ("artifact.metadata", True),
        ("pytorch_model.bin", False),
        ("modeling_x.py", False),
        ("../config.json", False),
        ("/config.json", False),
        ("a/../config.json", False),
        (".git/config.json", False),
    ],
)
def test_which_files_are_taken(path: str, wanted: bool) -> None:
    assert is_model_file(path) is wanted
