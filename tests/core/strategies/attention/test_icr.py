"""In-context reranking: sums by hand, the prompt as a string, a perfect judge, and a tiny model in full."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from core.catalog.digests import DigestCache
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from core.domain.models import ModelKind
from core.domain.requests import AttentionAnswer, AttentionMass, Request
from core.models.causal_lm import CausalLmAdapter, load
from core.strategies.attention.calibrated import calibrated_sum, calibrated_sums
from core.strategies.attention.icr import InContextReranking
from core.strategies.attention.selective_icr import SelectiveInContextReranking
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge
from tests.support.tiny_decoders import save_decoder
from tests.support.tiny_models import TEXTS, context_for, entry_for


def candidates_of(*texts: str, query: str = "when does the ferry leave?") -> CandidateList:
    documents = tuple(Document(id=f"d{place}", text=text) for place, text in enumerate(texts))
    return CandidateList(query=Query(id="q", text=query), documents=documents)


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


class Asked:
    """Answers as an adapter does and keeps what was asked."""

    def __init__(self, adapter: CausalLmAdapter) -> None:
        self.adapter = adapter

    def answer(self, request: Request) -> AttentionAnswer:
        [answer] = self.adapter.answer([request], lambda: False)
        assert isinstance(answer, AttentionAnswer)
        return answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", "qwen2")


@pytest.fixture(scope="module")
def adapter(folder: Path) -> CausalLmAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision), context_for(folder.parent))


def test_sums_by_hand() -> None:
    assert calibrated_sum(array(3.0, 2.0), array(1.0, 1.5)) == 2.5
    assert calibrated_sum(array(0.75), array(0.5)) == 0.25  # a token alone has no deviation
    # Ten differences of 1 and one of -10: mean 0, deviation sqrt(110 / 10) = 3.317, so -10 < -6.63 is left out.
    assert calibrated_sum(array(*[2.0] * 10, 0.0), array(*[1.0] * 10, 10.0)) == 10.0
    # Four of 1 and one of -1: mean 0.6, deviation 0.894; -1 stays, as it is above -1.19.
    assert calibrated_sum(array(2.0, 2.0, 2.0, 2.0, 0.0), array(1.0, 1.0, 1.0, 1.0, 1.0)) == 3.0
    assert calibrated_sum(array(0.3, 0.3, 0.3), array(0.1, 0.1, 0.1)) == pytest.approx(0.6)  # equal ones all count
    assert calibrated_sum(array(), array()) is None


def test_documents_without_tokens_rank_with_the_lowest_and_uneven_ones_by_their_common_part() -> None:
    sums, repairs = calibrated_sums([array(2.0), array(), array(1.0, 5.0)], [array(1.0), array(), array(2.0)])
    assert sums == [1.0, -1.0, -1.0]
    assert [repair.split(" of the passages ")[1].split(";")[0] for repair in repairs] == [
        "had no token in the prompt", "were cut differently without the query",
    ]  # fmt: skip
    assert calibrated_sums([array()], [array()])[0] == [0.0]


def test_the_best_stands_last_and_the_calibration_differs_by_the_query_alone() -> None:
    candidates = candidates_of("one two three", "see [12] there", "last")
    driven = drive(InContextReranking(words=2), candidates, PerfectJudge())
    [texts] = [["".join(p.text for m in r.prompt.messages for p in m.parts) for r in asked] for asked in driven.rounds]
    assert texts[0] == (
        "Here are numbered passages:\n\n[1] last\n\n[2] see (12)\n\n[3] one two\n\n"
        "Find in the passages above what answers the following query.\n\nQuery: when does the ferry leave?"
    )
    assert texts[1] == texts[0].replace("when does the ferry leave?", "N/A")
    [paid, _] = driven.requests
    assert isinstance(paid, AttentionMass)
    assert (paid.first_layer, paid.last_layer) == (0.0, 1.0)
    assert [part.document_id for part in paid.prompt.messages[0].parts if part.kind == "document"] == ["d2", "d1", "d0"]
    driven = drive(InContextReranking(order="first-stage", readers="instruction"), candidates, PerfectJudge())
    parts = driven.requests[0].prompt.messages[0].parts
    assert [part.document_id for part in parts if part.kind == "document"] == ["d0", "d1", "d2"]
    assert next(part.text for part in parts if part.kind == "query").startswith("Find in the passages")


@pytest.mark.parametrize("strategy", [InContextReranking(), SelectiveInContextReranking()])
def test_a_perfect_judge_gets_the_whole_order_from_two_calls(strategy) -> None:
    worths = {"d0": 0.2, "d1": 0.9, "d2": 0.5, "d3": 0.1}
    driven = drive(strategy, candidates_of("a b c", "d", "e f", "g"), PerfectJudge(worths=worths))
    assert driven.outcome.order == (1, 2, 0, 3)
    assert driven.outcome.scores == pytest.approx((0.2, 0.9, 0.5, 0.1), abs=1e-5)
    assert driven.calls == strategy.forecast(4) == 2
    assert len(driven.rounds) == 1
    assert [step.order for step in driven.outcome.steps] == [(1, 2, 0, 3)]


def test_middle_layers_are_asked_for() -> None:
    strategy = SelectiveInContextReranking(first_layer=0.25, last_layer=0.5)
    asked = drive(strategy, candidates_of("a", "b"), PerfectJudge()).requests
    assert [(one.first_layer, one.last_layer) for one in asked] == [(0.25, 0.5)] * 2
    with pytest.raises(InvalidInputError, match="not below first_layer"):
        SelectiveInContextReranking(first_layer=0.5, last_layer=0.25)


def test_the_query_that_says_nothing_gives_zeros_and_the_first_stage_order(adapter: CausalLmAdapter) -> None:
    for strategy in (InContextReranking(), SelectiveInContextReranking(), InContextReranking(order="first-stage")):
        outcome = drive(strategy, candidates_of(*TEXTS, "", query="N/A"), Asked(adapter)).outcome
        assert outcome.scores == (0.0,) * 5
        assert outcome.order == (0, 1, 2, 3, 4)


def attention_in_full(folder: Path, adapter: CausalLmAdapter, documents: list[str], query: str, layers: slice):
    """Tokens' attention per document from matrices of the whole length, one text at a time."""
    head, tail = "<|begin|>user\n", "<|end|>\n<|begin|>assistant\n"
    text = f"{head}Here are numbered passages:"
    spans = []
    for number, document in enumerate(documents, start=1):
        text += f"\n\n[{number}] "
        spans.append((len(text), len(text) + len(document)))
        text += document
    text += "\n\nFind in the passages above what answers the following query.\n\nQuery: "
    asked = len(text)
    encoded = adapter._tokenizer.raw(f"{text}{query}{tail}", add_special_tokens=False, return_offsets_mapping=True)
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        found = model(input_ids=torch.tensor([encoded["input_ids"]]), output_attentions=True).attentions
    offsets = encoded["offset_mapping"]
    reads = next(place for place, (_, end) in enumerate(offsets) if end > asked)
    paid = torch.stack(found)[layers, 0].double()[:, :, reads:].mean(2).sum((0, 1)).numpy()
    own = [[at for at, (b, e) in enumerate(offsets) if 2 * (min(e, y) - max(b, x)) >= e - b] for x, y in spans]
    return [paid[places] for places in own]


@pytest.mark.parametrize(
    ("strategy", "layers"),
    [
        (InContextReranking(), slice(None)),
        (SelectiveInContextReranking(first_layer=0.5, last_layer=1.0), slice(1, 2)),
        (SelectiveInContextReranking(first_layer=0.0, last_layer=0.5), slice(0, 1)),
    ],
)
def test_scores_are_those_of_attention_in_full(folder: Path, adapter: CausalLmAdapter, strategy, layers) -> None:
    candidates = candidates_of(TEXTS[0], "x", TEXTS[2])
    shown = [document.text for document in reversed(candidates.documents)]
    full = [attention_in_full(folder, adapter, shown, q, layers) for q in (candidates.query.text, "N/A")]
    expected = []
    for with_query, without in zip(*full, strict=True):
        differences = with_query - without
        kept = differences
        if len(differences) > 1:
            spread = (((differences - differences.mean()) ** 2).sum() / (len(differences) - 1)) ** 0.5
            kept = differences[differences >= differences.mean() - 2 * spread]
        expected.append(kept.sum())
    outcome = drive(strategy, candidates, Asked(adapter)).outcome
    assert outcome.scores == pytest.approx(expected[::-1], abs=1e-5)
    assert outcome.order == tuple(sorted(range(3), key=lambda place: -expected[::-1][place]))
    assert len({round(score, 4) for score in outcome.scores}) == 3


def test_a_query_of_any_length_cuts_documents_alike(adapter: CausalLmAdapter) -> None:
    long = " ".join(TEXTS)
    driven = drive(InContextReranking(), candidates_of(long, long, "x", query="fare?"), Asked(adapter))
    assert not driven.outcome.repairs
    answers = [Asked(adapter).answer(request) for request in driven.requests]
    assert answers[0].usage.cuts == answers[1].usage.cuts
    assert len(answers[0].usage.cuts) == 2
    assert answers[0].lengths == answers[1].lengths
