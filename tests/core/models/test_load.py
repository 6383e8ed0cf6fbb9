"""Loading: every failure says what could not be loaded, why, and what works without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.catalog.builtin import BUILTIN
from core.catalog.digests import DigestCache
from core.domain.documents import Document
from core.domain.errors import BadAnswerError, ModelUnavailableError
from core.domain.models import ModelEntry, ModelKind
from core.domain.requests import Embed, ScoreList
from core.models.base import LoadContext, OutOfMemoryError
from core.models.device import memory_guard
from core.models.load import ADAPTERS, load
from tests.support.tiny_models import context_for, entry_for, save_bert, save_llama


def folder_entry(kind: ModelKind, folder: Path) -> ModelEntry:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return entry_for(kind, f"folder:{folder}", revision=revision)


def test_every_kind_has_an_adapter() -> None:
    assert set(ADAPTERS) == set(ModelKind)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"Could not load tiny: folder .* does not exist\. Bundled models"):
        load(entry_for(ModelKind.EMBEDDER, f"folder:{tmp_path / 'none'}"), context_for(tmp_path))
    gone = entry_for(ModelKind.EMBEDDER, "bundled:no_such_package")
    with pytest.raises(ModelUnavailableError, match="no_such_package is not installed"):
        load(gone, context_for(tmp_path))


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_folder_is_unavailable_not_a_crash(tmp_path: Path, damage: str) -> None:
    folder = save_llama(tmp_path / "model")
    (folder / damage).write_bytes(b"\x00\x01 not what it was")
    with pytest.raises(ModelUnavailableError, match="Could not load tiny: "):
        load(folder_entry(ModelKind.CAUSAL_LM, folder), context_for(tmp_path))


def test_remote_code_is_not_run(tmp_path: Path) -> None:
    folder = save_bert(tmp_path / "model")
    mark = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w')\nclass M: pass\n")
    (folder / "config.json").write_text(
        '{"model_type": "evil", "auto_map": {"AutoModel": "evil.M", "AutoConfig": "evil.M"}}'
    )
    with pytest.raises(ModelUnavailableError):
        load(folder_entry(ModelKind.EMBEDDER, folder), context_for(tmp_path))
    assert not mark.exists()


def test_an_unknown_device_and_precision_are_said(tmp_path: Path) -> None:
    folder = save_bert(tmp_path / "model")
    entry = folder_entry(ModelKind.EMBEDDER, folder)
    context = LoadContext(device="abacus", threads=0, cache_dir=tmp_path)
    with pytest.raises(ModelUnavailableError, match="Unknown device 'abacus'"):
        load(entry, context)
    import dataclasses

    with pytest.raises(ModelUnavailableError, match="'int3' is unknown"):
        load(dataclasses.replace(entry, precision="int3"), context_for(tmp_path))


def test_memory_that_is_not_there_is_its_own_error() -> None:
    import torch

    with pytest.raises(OutOfMemoryError, match="m: out of memory"), memory_guard("m"):
        torch.empty(1 << 60, dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="shape"), memory_guard("m"):
        torch.zeros(2) @ torch.zeros(3, 3).view(4, 4)


def test_bm25_answers_for_pasted_text(tmp_path: Path) -> None:
    adapter = load(BUILTIN[0], context_for(tmp_path))
    documents = tuple(
        Document(id=str(place), text=text) for place, text in enumerate(["ferry fares", "a dog", "the ferry"])
    )
    [answer] = adapter.answer([ScoreList(query="ferry fares", documents=documents)], lambda: False)
    assert answer.scores[0] > answer.scores[2] > answer.scores[1] == 0
    unknown = ScoreList(query="q", documents=documents, collection="f" * 64)
    with pytest.raises(ModelUnavailableError, match="collection ffffffffffff is not open"):
        adapter.answer([unknown], lambda: False)
    with pytest.raises(BadAnswerError, match="Embed"):
        adapter.answer([Embed(text="x", role="query")], lambda: False)


def test_endpoints_load_without_torch(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from core.models.load import load\nfrom core.models.base import LoadContext\n"
        "from core.catalog.endpoints import endpoint_entry\n"
        "t = {'kind': 'rerank-endpoint', 'url': 'http://localhost', 'model': 'm', 'dialect': 'tei'}\n"
        "load(endpoint_entry('e', t), LoadContext(device='cpu', threads=0, cache_dir=Path('.'))).close()\n"
        "assert not {'torch', 'transformers'} & set(sys.modules), 'torch was imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
