"""A tiny T5 on disk, loaded as the engine loads it: every strategy of its kind, against plain forward passes."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from core.catalog.digests import DigestCache
from core.catalog.kinds import CAPABILITIES
from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.models import GENERAL, ModelEntry, ModelKind
from core.models.load import load
from core.strategies.pairwise.duot5 import _prompt
from core.strategies.resolve import resolve
from tests.support.run_system import run_system
from tests.support.tiny_models import TEXTS, context_for, entry_for
from tests.support.tiny_seq2seq import save_t5

FORMATS = ("monot5", "rankt5", "duot5", "listt5", "lit5", "mvp", GENERAL)
QUERY = "bicycle fare?"
LISTS = CandidateList(
    query=Query(id="q", text=QUERY),
    documents=tuple(
        Document(id=f"d{number}", text=text, title="Ferry" if number == 1 else "")
        for number, text in enumerate([*TEXTS, "yes", "", TEXTS[2][:30]])
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_t5(tmp_path_factory.mktemp("seq2seq") / "tiny", gated=True)


@pytest.fixture(scope="module")
def entry(folder: Path) -> ModelEntry:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    abilities = CAPABILITIES[ModelKind.SEQ2SEQ] | {Capability.SCORE_LIST}
    fields = {"revision": revision, "capabilities": abilities, "formats": FORMATS, "max_length": 512}
    return entry_for(ModelKind.SEQ2SEQ, f"folder:{folder}", **fields)


@pytest.fixture(scope="module")
def ranked(folder: Path, entry: ModelEntry):
    adapter = load(entry, context_for(folder.parent))
    return lambda spec: run_system(resolve(spec, lambda _id: entry), LISTS, {"tiny": adapter})


@pytest.fixture(scope="module")
def first_logits(folder: Path):
    """The logits of the first decoder step after reading one text alone."""
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)

    def read(text: str) -> dict[str, float]:
        given = tokenizer(text, return_tensors="pt")
        with torch.inference_mode():
            logits = model(
                input_ids=given["input_ids"],
                attention_mask=given["attention_mask"],
                decoder_input_ids=torch.zeros(1, 1).long(),
            ).logits[0, 0]
        return {
            word: float(logits[tokenizer.convert_tokens_to_ids(word)]) for word in ("▁true", "▁false", "<extra_id_10>")
        }

    return read


def line(document: Document) -> str:
    return f"{document.title} {document.text}".strip()


def falling(scores) -> tuple[int, ...]:
    return tuple(sorted(range(len(scores)), key=lambda place: -scores[place]))


def test_monot5(ranked, first_logits) -> None:
    expected = []
    for document in LISTS.documents:
        logits = first_logits(f"Query: {QUERY} Document: {line(document)} Relevant:")
        both = torch.tensor([logits["▁false"], logits["▁true"]], dtype=torch.float64)
        expected.append(float(both.log_softmax(0)[1]))
    outcome = ranked("monot5:tiny")
    assert outcome.scores == pytest.approx(expected, abs=1e-5)
    assert outcome.order == falling(expected)
    assert outcome.repairs == ()


def test_rankt5(ranked, first_logits) -> None:
    expected = [first_logits(f"Query: {QUERY} Document: {line(d)}")["<extra_id_10>"] for d in LISTS.documents]
    outcome = ranked("rankt5:tiny")
    assert outcome.scores == pytest.approx(expected, abs=1e-5)
    assert outcome.order == falling(expected)


def test_duot5(ranked, first_logits) -> None:
    expected = [0.0] * len(LISTS.documents)
    for i, j in permutations(range(len(expected)), 2):
        first, second = (line(LISTS.documents[place]) for place in (i, j))
        logits = first_logits(f"Query: {QUERY} Document0: {first} Document1: {second} Relevant:")
        chance = 1 / (1 + math.exp(logits["▁false"] - logits["▁true"]))
        expected[i] += chance
        expected[j] += 1 - chance
    outcome = ranked("duot5:tiny")
    assert outcome.scores == pytest.approx(expected, abs=1e-5)
    assert outcome.order == falling(expected)


@pytest.mark.parametrize("spec", ["query-likelihood:tiny", "yes-no:tiny", "mvp:tiny"])
def test_strategies_that_score(ranked, spec: str) -> None:
    outcome = ranked(spec)
    assert len(set(outcome.scores)) == len(LISTS.documents)
    assert outcome.order == falling(outcome.scores)
    assert outcome.repairs == ()


@pytest.mark.parametrize("spec", ["lit5:tiny?max_tokens=16", "listt5:tiny", "listwise:tiny?max_tokens=16"])
def test_strategies_that_write(ranked, spec: str) -> None:
    outcome = ranked(spec)
    assert sorted(outcome.order) == list(range(len(LISTS.documents)))
    assert outcome == ranked(spec)


def test_long_documents_of_a_pair_share_evenly(folder: Path, entry: ModelEntry) -> None:
    adapter = load(replace(entry, max_length=60), context_for(folder.parent))
    long = [Document(id=name, text=" ".join(text.split() * 9)) for name, text in zip("ab", TEXTS[:2], strict=True)]
    read = adapter._inputs.prompt(_prompt(QUERY, *long))
    assert len(read.ids) <= 60
    (first, second) = read.cuts
    assert first.kept == second.kept > 8
    short = adapter._inputs.prompt(_prompt(QUERY, long[0], Document(id="b", text="yes")))
    assert [cut.document_id for cut in short.cuts] == ["a"]
    assert short.cuts[0].kept > 2 * first.kept - 5
    text = adapter._tokenizer.raw.decode(read.ids)
    assert text.startswith(f"Query: {QUERY} Document0: The harbour ferry")
    assert text.endswith("Relevant:</s>")
