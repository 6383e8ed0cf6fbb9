"""MVP's scores against a plain computation with the library, and under permutations of the passages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from core.catalog.digests import DigestCache
from core.domain.documents import Document
from core.domain.errors import BadAnswerError, CancelledError
from core.domain.models import ModelKind
from core.domain.requests import ScoreList
from core.models.load import load
from tests.support.tiny_models import TEXTS, context_for, entry_for
from tests.support.tiny_seq2seq import save_t5

QUERY = "bicycle fare?"
TITLES = ("Ferry", "", "Fares", "")
DOCUMENTS = tuple(
    Document(id=f"d{number}", text=text, title=TITLES[number % 4])
    for number, text in enumerate([*TEXTS, "x", TEXTS[0][:20], "", TEXTS[1]])
)


def adapter_for(folder: Path, **fields: object):
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(
        ModelKind.SEQ2SEQ, f"folder:{folder}", revision=revision, **{"formats": ("mvp",), "max_length": 64, **fields}
    )
    return load(entry, context_for(folder.parent))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_t5(tmp_path_factory.mktemp("mvp") / "tiny")


@pytest.fixture(scope="module")
def adapter(folder: Path):
    return adapter_for(folder)


def scores(adapter, documents) -> tuple[float, ...]:
    [found] = adapter.answer([ScoreList(query=QUERY, documents=tuple(documents))], lambda: False)
    return found.scores


def text_of(document: Document) -> str:
    views = "<extra_id_0><extra_id_1><extra_id_2><extra_id_3>"
    return f"{views} | Query: {QUERY} | Context: {(document.title + ' ' + document.text).strip()}"


def slow_scores(folder: Path, documents) -> list[float]:
    """Every passage alone, every view alone: a_k = decoder(<pad> | e_1k .. e_nk), s_i = mean_k a_k . e_ik."""
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        seen = []
        for document in documents:
            ids = tokenizer(text_of(document), return_tensors="pt")["input_ids"]
            assert tokenizer.convert_ids_to_tokens(ids[0, :4]) == [f"<extra_id_{view}>" for view in range(4)]
            seen.append(model.encoder(input_ids=ids).last_hidden_state[0, :4])
        totals = [0.0] * len(documents)
        for view in range(4):
            states = torch.stack([own[view] for own in seen])[None]
            padding = model.shared.weight[0].view(1, 1, -1)
            anchor = model.decoder(inputs_embeds=padding, encoder_hidden_states=states).last_hidden_state[0, 0]
            for place in range(len(documents)):
                totals[place] += float(anchor @ states[0, place]) / 4
    return totals


def test_scores_equal_a_slow_computation(adapter, folder) -> None:
    for count in (1, 2, len(DOCUMENTS)):
        assert scores(adapter, DOCUMENTS[:count]) == pytest.approx(slow_scores(folder, DOCUMENTS[:count]), abs=1e-5)


def test_permuting_passages_permutes_scores_to_the_last_bit(adapter) -> None:
    found = scores(adapter, DOCUMENTS)
    assert len(set(found)) > 5
    for seed in range(12):
        order = random.Random(seed).sample(range(len(DOCUMENTS)), len(DOCUMENTS))
        assert scores(adapter, [DOCUMENTS[place] for place in order]) == tuple(found[place] for place in order)


def test_another_passage_moves_the_scores_of_all(adapter) -> None:
    fewer, more = scores(adapter, DOCUMENTS[:4]), scores(adapter, DOCUMENTS[:5])[:4]
    assert fewer != pytest.approx(more, abs=1e-4)  # the anchors read the whole list


def test_lists_of_one_batch_are_answered_apart(adapter) -> None:
    lists = [ScoreList(query=QUERY, documents=DOCUMENTS[:3]), ScoreList(query="x", documents=DOCUMENTS[2:]),
             ScoreList(query=QUERY, documents=())]  # fmt: skip
    together = adapter.answer(lists, lambda: False)
    assert together == [adapter.answer([one], lambda: False)[0] for one in lists]
    assert together[2].scores == ()
    assert sum(adapter.shares(lists[:1])) == together[0].usage.prompt_tokens
    assert adapter.arrange(lists).order == (1, 0, 2)
    with pytest.raises(CancelledError):
        adapter.answer(lists, lambda: True)


def test_long_passages_are_cut_behind_the_query(adapter) -> None:
    long = Document(id="long", text=" ".join(TEXTS * 4))
    [found] = adapter.answer([ScoreList(query=QUERY, documents=(long, DOCUMENTS[0]))], lambda: False)
    [cut] = found.usage.cuts
    assert (cut.document_id, 0 < cut.kept < cut.tokens) == ("long", True)


def test_only_models_of_the_format_score_lists(folder) -> None:
    plain = adapter_for(folder, formats=())
    with pytest.raises(BadAnswerError, match="cannot answer ScoreList"):
        scores(plain, DOCUMENTS)
