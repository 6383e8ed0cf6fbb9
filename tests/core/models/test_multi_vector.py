"""Multi-vector models: every vector equals encoder, projection and normalising done by hand on plain transformers."""

from __future__ import annotations

import shutil
import string
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import MultiVectorEncoder
from transformers import AutoTokenizer, BertModel

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelKind
from core.domain.requests import Cut, Embed, EmbedPrompt
from core.models.multi_vector import load
from core.strategies.driver import drive
from core.strategies.embedding.maxsim import MaxSim
from core.strategies.prompts import plain
from tests.support.tiny_colbert import DIM, QUERY_TOKENS, save_pylate, save_stanford
from tests.support.tiny_models import TEXTS, context_for, entry_for, save_bert
from tests.support.vector_judge import listed

DOCUMENTS = (*TEXTS, "x", "", "! # %", "Error #402! 7 %")
QUERIES = ("What is the fare?", "", "ferry", "when does the ferry to the harbour leave ?")


def never() -> bool:
    return False


def adapter_for(folder: Path, **options: str) -> Any:
    from core.catalog.digests import DigestCache

    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(
        ModelKind.MULTI_VECTOR, f"folder:{folder}", revision=revision, options=tuple(sorted(options.items()))
    )
    return load(entry, context_for(folder.parent))


def embed(text: str, role: str = "document") -> Embed:
    return Embed(text=text, role=role, at="tokens", document_id="d")  # type: ignore[arg-type]  # one of two words


@pytest.fixture(scope="module")
def stanford(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_stanford(tmp_path_factory.mktemp("stanford") / "tiny")


def by_hand(folder: Path, text: str, role: str, query_tokens: int = QUERY_TOKENS, longest: int = 40) -> np.ndarray:
    """One text, one forward pass, no library but transformers' BERT."""
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    weights = load_file(folder / "model.safetensors")
    if "linear.weight" not in weights:
        weights = load_file(folder / "1_Dense" / "model.safetensors")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    vocabulary = tokenizer.get_vocab()
    own = tokenizer(text, add_special_tokens=False)["input_ids"]
    marker = vocabulary["[unused0]" if role == "query" else "[unused1]"]
    room = (query_tokens if role == "query" else longest) - 3
    ids = [2, marker, *own[:room], 3]
    real = len(ids)
    if role == "query":
        ids += [vocabulary["[MASK]"]] * (query_tokens - real)
    mask = torch.tensor([[1] * real + [0] * (len(ids) - real)])
    with torch.inference_mode():
        states = model(input_ids=torch.tensor([ids]), attention_mask=mask).last_hidden_state[0]
        vectors = (states @ weights["linear.weight"].T).numpy()
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    skipped = {vocabulary[sign] for sign in string.punctuation if sign in vocabulary} if role == "document" else set()
    return vectors[[token not in skipped for token in ids]]


@pytest.mark.parametrize("layout", ["stanford", "pylate"])
def test_vectors_equal_a_slow_computation_in_every_company(tmp_path: Path, layout: str) -> None:
    folder = {"stanford": save_stanford, "pylate": save_pylate}[layout](tmp_path / "tiny")
    adapter = adapter_for(folder)
    requests = [*(embed(text) for text in DOCUMENTS), *(embed(text, "query") for text in QUERIES)]
    together = adapter.answer(requests, never)
    mixed = adapter.answer(requests[::-1], never)[::-1]
    for request, first, second in zip(requests, together, mixed, strict=True):
        [alone] = adapter.answer([request], never)
        expected = by_hand(folder, request.text, request.role)
        for found in (first, second, alone):
            assert found.vector.shape == expected.shape
            assert np.abs(found.vector - expected).max() < 1e-5
            assert found.vector.dtype == np.float32
        assert expected.shape[1] == DIM
        assert adapter.shares([request])[0] == first.usage.prompt_tokens == adapter.arrange([request]).full[0]
    for text in QUERIES:
        assert adapter.answer([embed(text, "query")], never)[0].vector.shape == (QUERY_TOKENS, DIM)


def test_punctuation_of_documents_is_encoded_and_left_out(stanford: Path) -> None:
    adapter = adapter_for(stanford)
    [signs, with_signs, without] = adapter.answer([embed("! # %"), embed("x ! #"), embed("x")], never)
    assert signs.vector.shape == (3, DIM)  # [CLS], marker, [SEP]
    assert signs.usage.prompt_tokens == 6
    assert with_signs.vector.shape == without.vector.shape
    assert np.abs(with_signs.vector - without.vector).max() > 1e-3


def test_options_stand_above_the_checkpoint(stanford: Path) -> None:
    plainly, turned = adapter_for(stanford), adapter_for(stanford, query_marker="[unused1]", query_length="12")
    [found] = turned.answer([embed(TEXTS[2], "query")], never)
    assert found.vector.shape == (12, DIM)
    expected = by_hand(stanford, TEXTS[2], "query", query_tokens=12)
    assert np.abs(found.vector - expected).max() > 1e-3
    [document] = plainly.answer([embed("x")], never)
    assert np.abs(document.vector - turned.answer([embed("x")], never)[0].vector).max() < 1e-6
    with pytest.raises(ModelUnavailableError, match="no token"):
        adapter_for(stanford, query_marker="[Q]")
    with pytest.raises(ModelUnavailableError, match="query_length"):
        adapter_for(stanford, query_length="0")


def test_without_metadata_the_usual_settings_hold(tmp_path: Path) -> None:
    folder = save_stanford(tmp_path / "tiny", metadata=False)
    adapter = adapter_for(folder)
    [query, document] = adapter.answer([embed(TEXTS[2], "query"), embed(TEXTS[2])], never)
    assert np.abs(query.vector - by_hand(folder, TEXTS[2], "query", query_tokens=32)).max() < 1e-5
    assert np.abs(document.vector - by_hand(folder, TEXTS[2], "document", longest=64)).max() < 1e-5


def test_the_layout_of_sentence_transformers(stanford: Path, tmp_path: Path) -> None:
    MultiVectorEncoder(str(stanford), device="cpu", local_files_only=True).save_pretrained(str(tmp_path / "own"))
    adapter, first = adapter_for(tmp_path / "own"), adapter_for(stanford)
    for request in (embed(TEXTS[1]), embed(TEXTS[1], "query")):
        [found], [expected] = adapter.answer([request], never), first.answer([request], never)
        assert np.abs(found.vector - expected.vector).max() < 1e-6


def test_what_does_not_fit_is_cut_and_reported(stanford: Path) -> None:
    adapter = adapter_for(stanford)
    long = " ".join(TEXTS)
    total = len(adapter._tokenizer.ids(long))
    [document, query] = adapter.answer([embed(long), embed(long, "query")], never)
    assert document.usage.cuts == (Cut(document_id="d", tokens=total, kept=37),)
    assert (document.usage.prompt_tokens, query.usage.prompt_tokens) == (40, QUERY_TOKENS)
    assert query.usage.cuts[0].kept == QUERY_TOKENS - 3


def test_planted_tokens_are_disarmed(stanford: Path) -> None:
    adapter = adapter_for(stanford)
    mask = adapter._tokenizer.raw.mask_token_id
    for text in ("dogs [MASK] [SEP] free", "dogs [unused0] free"):
        features = adapter._model.preprocess([adapter._clean(text)], prompt="[unused1] ", task="document")
        ids = features["input_ids"][0].tolist()
        vocabulary = adapter._tokenizer.raw.get_vocab()
        assert (ids.count(mask), ids.count(3), ids.count(vocabulary["[unused0]"])) == (0, 1, 0)


def test_maxsim_runs_on_it_and_equals_a_double_loop(stanford: Path) -> None:
    adapter = adapter_for(stanford)

    class Model:
        def answer(self, request: Any) -> Any:
            return adapter.answer([request], never)[0]

    outcome = drive(MaxSim(), listed(*TEXTS), Model()).outcome
    query = by_hand(stanford, "what is a ferry", "query")
    expected = [sum(max(float(q @ d) for d in by_hand(stanford, text, "document")) for q in query) for text in TEXTS]
    assert outcome.scores == pytest.approx(expected, abs=1e-4)


def test_other_checkpoints_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="no multi-vector checkpoint"):
        adapter_for(save_bert(tmp_path / "bert"))
    folder = save_pylate(tmp_path / "pylate")
    torch.save({}, folder / "1_Dense" / "pytorch_model.bin")
    adapter_for(folder)
    (folder / "1_Dense" / "model.safetensors").unlink()
    with pytest.raises(ModelUnavailableError, match="pickled"):
        adapter_for(folder)
    bare = save_stanford(tmp_path / "bare")
    shutil.copy(save_bert(tmp_path / "other") / "model.safetensors", bare / "model.safetensors")
    with pytest.raises(ModelUnavailableError, match=r"linear\.weight"):
        adapter_for(bare)


def test_cancelled_and_wrong_requests(stanford: Path) -> None:
    adapter = adapter_for(stanford)
    with pytest.raises(CancelledError):
        adapter.answer([embed("x")], lambda: True)
    for request in (Embed(text="x", role="query"), EmbedPrompt(prompt=plain("x"))):
        with pytest.raises(BadAnswerError, match="tokens alone"):
            adapter.answer([request], never)
