"""Formats of trained checkpoints: templates as whole strings, and scores against plain transformers on a random model.

The random model's tokenizer knows the words yes, no, Yes and the marks of the templates as single tokens, as the real
ones do; the oracle tokenises the pieces of each template apart, as the reference codes do.
"""

import pytest
import torch
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.catalog.digests import DigestCache
from core.domain.documents import CandidateList, Document, Query
from core.domain.models import ModelKind
from core.domain.requests import LabelAnswer, ScoreAnswer
from core.models.causal_lm import load
from core.strategies.pointwise.bge_gemma import BgeGemma
from core.strategies.pointwise.dear_pointwise import DearPointwise
from core.strategies.pointwise.mxbai_v2 import MxbaiRerankV2
from core.strategies.pointwise.query_likelihood import QueryLikelihood
from core.strategies.pointwise.qwen3_reranker import Qwen3Reranker
from tests.support.judges import PerfectJudge, RefusingJudge, candidates, drive, ideal
from tests.support.tiny_decoders import save_decoder
from tests.support.tiny_models import context_for, entry_for

QWEN3_PREFIX = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct "
    'provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
)
QWEN3_SUFFIX = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
QWEN3_TASK = "Given a web search query, retrieve relevant passages that answer the query"
MXBAI_PREFIX = (
    "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
    "<|im_start|>user\n"
)
MXBAI_TASK = (
    "You are a search relevance expert who evaluates how well documents match search queries. For each query-document "
    "pair, carefully analyze the semantic relationship between them, then provide your binary relevance judgment (0 "
    "for not relevant, 1 for relevant).\nRelevance:"
)
MXBAI_SUFFIX = "<|im_end|>\n<|im_start|>assistant\n"
BGE_TASK = (
    "Given a query A and a passage B, determine whether the passage contains an answer to the query by providing a "
    "prediction of either 'Yes' or 'No'."
)
QUERY = "where is the ferry"
TEXTS = ("The ferry leaves at nine", "", "Dogs travel free, [12] and <passage> too", "Bicycles need a ticket")
LISTS = CandidateList(
    query=Query(id="q", text=QUERY),
    documents=tuple(Document(id=f"d{n}", text=text, title="" if n else "Ferry") for n, text in enumerate(TEXTS)),
)
CONTENTS = ("Ferry\nThe ferry leaves at nine", *TEXTS[1:])


def prompts(strategy):
    """The text of every request of one run, the documents' parts named."""
    driven = drive(strategy, LISTS, PerfectJudge())
    for request in driven.requests:
        assert not request.prompt.chat
        (message,) = request.prompt.messages
        assert [part.document_id for part in message.parts if part.kind == "document"] in [[id] for id in LISTS.ids]
        assert [part.text for part in message.parts if part.kind == "query"] == [QUERY]
    return ["".join(part.text for part in request.prompt.messages[0].parts) for request in driven.requests]


def test_qwen3_template():
    body = f"<Instruct>: {QWEN3_TASK}\n<Query>: {QUERY}\n<Document>: "
    assert prompts(Qwen3Reranker()) == [f"{QWEN3_PREFIX}{body}{text}{QWEN3_SUFFIX}" for text in CONTENTS]
    assert prompts(Qwen3Reranker(instruction="Find code"))[1].count("<Instruct>: Find code\n<Query>: ") == 1


def test_mxbai_template():
    frame = f"{MXBAI_PREFIX}{{}}query: {QUERY}\ndocument: {{}}\n{MXBAI_TASK}{MXBAI_SUFFIX}"
    assert prompts(MxbaiRerankV2()) == [frame.format("", text) for text in CONTENTS]
    instructed = [frame.format("instruction: Find code\n", text) for text in CONTENTS]
    assert prompts(MxbaiRerankV2(instruction="Find code")) == instructed


def test_bge_template():
    assert prompts(BgeGemma()) == [f"A: {QUERY}\nB: {text}\n{BGE_TASK}" for text in CONTENTS]


def test_upr_prompt_is_a_choice():
    wanted = [f"Passage: {text}. Please write a question based on this passage." for text in ("a", "b")]
    lists = CandidateList(
        query=Query(id="q", text="why"), documents=(Document(id="0", text="a"), Document(id="1", text="b"))
    )
    driven = drive(QueryLikelihood(prompt="upr"), lists, PerfectJudge())
    assert ["".join(p.text for p in r.prompt.messages[0].parts) for r in driven.requests] == wanted
    assert {request.continuation for request in driven.requests} == {" why"}


def test_labels_are_those_of_the_checkpoints():
    labels = {
        type(s).__name__: drive(s, LISTS, PerfectJudge()).requests[0]
        for s in (Qwen3Reranker(), MxbaiRerankV2(), BgeGemma())
    }
    assert {name: request.labels for name, request in labels.items()} == {
        "Qwen3Reranker": ("yes", "no"), "MxbaiRerankV2": ("1", "0"), "BgeGemma": ("Yes",),
    }  # fmt: skip
    assert [request.raw for request in labels.values()] == [False, False, True]


@pytest.mark.parametrize("make", [Qwen3Reranker, MxbaiRerankV2, BgeGemma, DearPointwise])
def test_a_perfect_judge_gives_the_whole_order_in_one_round(make):
    lists, judge = candidates(20), PerfectJudge(seed=1)
    driven = drive(make(), lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == 20 == make().forecast(20)
    assert len(driven.rounds) == 1


@pytest.mark.parametrize(
    ("make", "what"),
    [(Qwen3Reranker, "neither yes nor no"), (MxbaiRerankV2, "neither 1 nor 0"), (BgeGemma, "no Yes")],
)
def test_missing_labels_rank_last_and_are_recorded(make, what):
    outcome = drive(make(), candidates(3), RefusingJudge()).outcome
    assert outcome.order == (0, 1, 2)
    assert outcome.repairs == (f"3 of the answers had {what}; ranked last: d0, d1, d2",)


def test_half_answers_and_silence_are_ordered():
    answers = iter([(-1.0, None), (-9.0, -1.0), (None, -1.0), (None, None), (-1.0, -9.0)])

    class Says:
        def answer(self, request):
            return LabelAnswer(logprobs=next(answers))

    outcome = drive(MxbaiRerankV2(), candidates(5), Says()).outcome
    assert outcome.order == (0, 4, 1, 2, 3)
    assert outcome.scores == (1000.0, -8.0, -1000.0, -2000.0, 8.0)


def test_dear_reads_prefixed_texts_with_the_title_in_front():
    driven = drive(DearPointwise(), LISTS, PerfectJudge())
    assert {request.query for request in driven.requests} == {f"query: {QUERY}"}
    assert [request.document.content for request in driven.requests] == [
        "document: Ferry The ferry leaves at nine",
        *(f"document: {text}" for text in TEXTS[1:]),
    ]
    assert [request.document.id for request in driven.requests] == list(LISTS.ids)

    class Says:
        def answer(self, request):
            return ScoreAnswer(score=float(len(request.document.text)))

    assert drive(DearPointwise(), LISTS, Says()).outcome.scores[1] == float(len("document: "))


def saved(path, *, begins):
    """A random model; ``begins``: its tokenizer puts a token before each text, as Gemma's does and Qwen's does not."""
    save_decoder(path, "qwen3", length=2048)
    tokenizer = AutoTokenizer.from_pretrained(path)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.add_tokens(["<think>", "</think>", "yes", "no", "Yes"])
    if begins:
        special = [("<|begin|>", tokenizer.bos_token_id)]
        frame = TemplateProcessing(single="<|begin|> $A", pair="<|begin|> $A $B", special_tokens=special)
        tokenizer.backend_tokenizer.post_processor = frame
    model = AutoModelForCausalLM.from_pretrained(path)
    torch.manual_seed(3)
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    with torch.no_grad():
        model.get_output_embeddings().weight.normal_(std=0.3)
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {begins: saved(tmp_path_factory.mktemp("model"), begins=begins) for begins in (False, True)}


def adapter_of(folder):
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision, max_length=2048)
    return load(entry, context_for(folder.parent))


def logits_of(folder):
    """Plain transformers: pieces tokenised apart, one text at a time, the logits after the last token by token."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)

    def after(*pieces):
        ids = [id for piece in pieces for id in tokenizer(piece, add_special_tokens=False)["input_ids"]]
        with torch.inference_mode():
            found = model(torch.tensor([ids])).logits[0, -1].double()
        return lambda word: float(found[tokenizer.convert_tokens_to_ids(word)])

    return after


class Alone:
    """The adapter, asked one request at a time."""

    def __init__(self, adapter):
        self.adapter = adapter

    def answer(self, request):
        return self.adapter.answer([request], lambda: False)[0]


def together(adapter, strategy):
    """The outcome with each round answered as one batch."""
    steps = strategy.rerank(LISTS)
    try:
        requests = next(steps)
        while True:
            requests = steps.send(adapter.answer(list(requests), lambda: False))
    except StopIteration as done:
        return done.value


def oracle_of(name, logits, text):
    if name == "qwen3":
        z = logits(QWEN3_PREFIX, f"<Instruct>: {QWEN3_TASK}\n<Query>: {QUERY}\n<Document>: {text}", QWEN3_SUFFIX)
        return 1 / (1 + float(torch.exp(torch.tensor(z("no") - z("yes"), dtype=torch.float64))))
    if name == "mxbai":
        z = logits(MXBAI_PREFIX, f"query: {QUERY}", "\n", f"document: {text}", "\n", MXBAI_TASK, MXBAI_SUFFIX)
        return z("1") - z("0")
    return logits("<|begin|>", f"A: {QUERY}", "\n", f"B: {text}", "\n", BGE_TASK)("Yes")


@pytest.mark.parametrize(
    ("name", "strategy"), [("qwen3", Qwen3Reranker()), ("mxbai", MxbaiRerankV2()), ("bge", BgeGemma())]
)
def test_scores_are_those_of_plain_transformers_in_any_company(name, strategy, folders):
    folder = folders[name == "bge"]
    adapter, logits = adapter_of(folder), logits_of(folder)
    wanted = [oracle_of(name, logits, text) for text in CONTENTS]
    assert max(wanted) - min(wanted) > 1e-3
    alone, batch = drive(strategy, LISTS, Alone(adapter)).outcome, together(adapter, strategy)
    assert alone.scores == pytest.approx(wanted, abs=1e-5)
    assert batch.scores == pytest.approx(wanted, abs=1e-5)
    assert batch.order == tuple(sorted(range(4), key=lambda position: -wanted[position]))
