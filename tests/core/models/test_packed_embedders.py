"""Embedders of many shapes: vectors as plain transformers gives them, each text run once for all who ask for it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForTextEncoding, AutoTokenizer

from core.domain.errors import BadAnswerError, CancelledError
from core.domain.models import ModelKind
from core.domain.requests import Embed
from tests.support.tiny_models import TEXTS
from tests.support.tiny_shapes import LONG, SHAPES, load_folder, save_shape

DOCUMENTS = (*TEXTS, LONG, "x", "Dogs travel free")
POOLED = [Embed(text=text, role="document") for text in DOCUMENTS]
TOKENS = [Embed(text=text, role="document", at="tokens") for text in DOCUMENTS]
MIXED = [request for pair in zip(POOLED, TOKENS, strict=True) for request in pair]
CASES = [
    *((name, "mean") for name in SHAPES if name != "modernbert-mean"),
    ("bert", "cls"), ("bert", "max"), ("modernbert", "cls"), ("mistral", "last"), ("qwen2", "last"), ("gpt2", "last"),
]  # fmt: skip


def never() -> bool:
    return False


def vectors(adapter: Any, requests: list[Embed]) -> list[np.ndarray]:
    return [answer.vector for answer in adapter.answer(requests, never)]


def rows_of(adapter: Any) -> list[tuple[int, int]]:
    """Shapes of the inputs of every forward pass from now on."""
    seen: list[tuple[int, int]] = []
    adapter._model.register_forward_pre_hook(
        lambda _module, given, named: seen.append(tuple((given[0] if given else named["input_ids"]).shape)),
        with_kwargs=True,
    )
    return seen


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[Any]]:
    """The adapter, and the states of plain transformers for each text alone."""
    name, pooling = request.param
    folder = save_shape(tmp_path_factory.mktemp("shape") / "tiny", name, ModelKind.EMBEDDER)
    model = (AutoModelForTextEncoding if name == "t5" else AutoModel).from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = []
    for text in DOCUMENTS:
        inputs = tokenizer(text, return_tensors="pt")
        with torch.inference_mode():
            states = model(**inputs).last_hidden_state[0].numpy()
        kinds = {"mean": states.mean(0), "cls": states[0], "last": states[-1], "max": states.max(0)}
        special = [token in (2, 3) for token in inputs["input_ids"][0].tolist()] if not SHAPES[name].decoder else None
        expected.append((kinds[pooling], states if special is None else states[~np.asarray(special)]))
    return load_folder(folder, ModelKind.EMBEDDER, pooling=pooling), expected


@pytest.fixture
def bert(tmp_path: Any) -> Any:
    return load_folder(save_shape(tmp_path / "tiny", "bert", ModelKind.EMBEDDER), ModelKind.EMBEDDER, pooling="mean")


def test_vectors_equal_plain_transformers_in_every_company(loaded: tuple[Any, list[Any]], monkeypatch: Any) -> None:
    adapter, expected = loaded
    plain = [vector for pair in expected for vector in pair]
    orders = [list(range(len(MIXED))), random.Random(1).sample(range(len(MIXED)), len(MIXED))]
    for budget in (1, 90, 100_000):
        monkeypatch.setattr(adapter._encoder, "pass_tokens", budget)
        for order in orders:
            adapter.forget()
            for place, found in zip(order, vectors(adapter, [MIXED[place] for place in order]), strict=True):
                assert found.shape == plain[place].shape
                assert np.abs(found - plain[place]).max(initial=0) < 1e-5
    adapter.forget()
    for found, (pooled, _) in zip(vectors(adapter, POOLED), expected, strict=True):
        assert np.abs(found - pooled).max() < 1e-5


def test_refused_shapes_say_why(loaded: tuple[Any, list[Any]], request: pytest.FixtureRequest) -> None:
    adapter, _ = loaded
    name, _ = request.node.callspec.params["loaded"]
    reason = SHAPES[name].padded
    ending = ", equal lengths together" if name == "t5" else ""
    assert adapter.execution == (f"padded ({reason}{ending})" if reason else "packed")


def test_t5_texts_share_a_pass_only_with_their_equals(tmp_path: Any) -> None:
    adapter = load_folder(save_shape(tmp_path / "tiny", "t5", ModelKind.EMBEDDER), ModelKind.EMBEDDER)
    assert type(adapter._model).__name__ == "T5EncoderModel"
    seen = rows_of(adapter)
    adapter.answer([*POOLED, Embed(text="y", role="document")], never)
    assert sum(rows * length for rows, length in seen) == sum(adapter._lengths([*DOCUMENTS, "y"]))
    assert (2, 3) in seen


def test_one_row_for_both_kinds_and_none_for_what_is_known(bert: Any) -> None:
    seen = rows_of(bert)
    arrangement = bert.arrange(MIXED)
    lengths = bert._lengths(DOCUMENTS)
    assert sum(arrangement.added) == sum(lengths)
    assert arrangement.full == tuple(sorted(lengths * 2, reverse=True))
    texts = [MIXED[place].text for place in arrangement.order]
    assert texts[::2] == texts[1::2]
    assert sum(bert.shares(MIXED)) == sum(lengths)
    bert.answer(MIXED, never)
    assert sum(tokens for _, tokens in seen) == sum(lengths)
    seen.clear()
    again = bert.answer(MIXED, never)
    assert not seen
    assert again[0].usage.prompt_tokens == lengths[0]
    assert set(bert.arrange(MIXED).added) == {0}
    assert 0 < sum(bert.shares(MIXED)) < 1


@pytest.mark.parametrize(("before", "after"), [(POOLED, TOKENS), (TOKENS, POOLED)])
def test_the_other_kind_later_makes_no_forward_pass(bert: Any, before: list[Embed], after: list[Embed]) -> None:
    expected = vectors(bert, after)
    bert.forget()
    seen = rows_of(bert)
    bert.answer(before, never)
    once = len(seen)
    assert once
    found = vectors(bert, after)
    assert len(seen) == once
    assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))
    bert.forget()
    bert.answer(after, never)
    assert len(seen) == 2 * once


def test_roles_with_the_same_prefix_share_a_text_and_others_do_not(tmp_path: Any) -> None:
    folder = save_shape(tmp_path / "tiny", "bert", ModelKind.EMBEDDER)
    both = [Embed(text=TEXTS[0], role="document"), Embed(text=TEXTS[0], role="query")]
    for prefix, texts in (("", 1), ("dogs ", 2)):
        adapter = load_folder(folder, ModelKind.EMBEDDER, **({"query_prefix": prefix} if prefix else {}))
        seen = rows_of(adapter)
        adapter.answer(both, never)
        assert sum(tokens for _, tokens in seen) == sum(
            sorted(adapter._lengths([TEXTS[0], prefix + TEXTS[0]]))[-texts:]
        )


def test_what_is_remembered_is_bounded_and_read_only(bert: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bert._embedded._kept["tokens"], "_limit", 10_000)
    [first, *_] = vectors(bert, TOKENS)
    assert bert._embedded._kept["tokens"]._bytes <= 10_000
    assert len(bert._embedded._kept["pooled"]) == len(DOCUMENTS)
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0


def test_a_first_token_is_computed_alone_until_tokens_are_asked_for(tmp_path: Any) -> None:
    folder = save_shape(tmp_path / "tiny", "bert", ModelKind.EMBEDDER)
    adapter = load_folder(folder, ModelKind.EMBEDDER, pooling="cls")
    rows: list[int] = []
    adapter._model.register_forward_hook(lambda _module, _given, output: rows.append(output.last_hidden_state.shape[1]))
    adapter.answer(POOLED, never)
    assert rows == [len(DOCUMENTS)]
    adapter.answer(TOKENS[:1], never)
    adapter.answer([Embed(text="another one", role="document")], never)
    assert rows[1:] == adapter._lengths([DOCUMENTS[0], "another one"])


def test_given_up_inside_a_pass_nothing_is_remembered(bert: Any) -> None:
    calls: list[int] = []
    with pytest.raises(CancelledError):
        bert.answer(POOLED, lambda: len(calls) == 2 or calls.append(1))
    assert len(bert._embedded._kept["pooled"]) == 0
    seen = rows_of(bert)
    assert len(vectors(bert, POOLED)) == len(POOLED)
    assert seen


@pytest.mark.parametrize("pooling", ["mean", "cls", "last", "max"])
def test_a_text_without_a_token_has_no_vector_whatever_stands_beside_it(tmp_path: Any, pooling: str) -> None:
    folder = save_shape(tmp_path / "tiny", "llama", ModelKind.EMBEDDER)  # its tokenizer adds no special tokens
    adapter = load_folder(folder, ModelKind.EMBEDDER, pooling=pooling)
    empty = Embed(text="", role="document")
    for requests in ([empty], [POOLED[0], empty, POOLED[1]]):
        assert min(adapter.shares(requests)) > 0
        assert min(adapter.arrange(requests).full) >= 1
        with pytest.raises(BadAnswerError, match="no token"):
            adapter.answer(requests, never)
