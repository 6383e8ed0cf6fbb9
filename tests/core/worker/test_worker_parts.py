"""The small parts of the worker, each against values worked out by hand."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from core.domain.documents import Document
from core.domain.requests import (
    Cut,
    Embed,
    EmbedAnswer,
    Generate,
    GenerateAnswer,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Message,
    Part,
    Prompt,
    Score,
    ScoreAnswer,
    ScoreList,
    ScoreListAnswer,
    Usage,
)
from core.settings import PROJECT
from core.worker.budget import FIRST_TOKENS, Budgets
from core.worker.cuts import neutral, personal
from core.worker.keys import document_ids, request_key
from core.worker.machine import describe_machine
from core.worker.validation import check_answer
from tests.support.engine_fakes import model_entry


def prompt(*ids: str, chat: bool = True) -> Prompt:
    parts = [Part(text="judge"), *(Part(text=f"text {n}", kind="document", document_id=id) for n, id in enumerate(ids))]
    return Prompt(messages=(Message(role="user", parts=tuple(parts)),), chat=chat)


def document(id: str = "d", text: str = "t", title: str = "") -> Document:
    return Document(id=id, text=text, title=title)


ENTRY = model_entry()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Score(query="q", document=document("a")), Score(query="q", document=document("b"), slot="judge")),
        (Embed(text="t", role="query"), Embed(text="t", role="query", document_id="x")),
        (LabelLogprobs(prompt=prompt("a", "b"), labels=("A",)), LabelLogprobs(prompt=prompt("c", "d"), labels=("A",))),
        (ScoreList(query="q", documents=(document("a"),)), ScoreList(query="q", documents=(document("b"),))),
    ],
)
def test_names_do_not_make_a_request_another(one, other):
    assert request_key(one, ENTRY) == request_key(other, ENTRY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Score(query="q", document=document()), Score(query="r", document=document())),
        (Score(query="q", document=document()), Score(query="q", document=document(text="u"))),
        (Score(query="q", document=document()), Score(query="q", document=document(title="u"))),
        (Embed(text="t", role="query"), Embed(text="t", role="document")),
        (Embed(text="t", role="query"), Embed(text="t", role="query", at="tokens")),
        (LabelLogprobs(prompt=prompt("a"), labels=("A",)), LabelLogprobs(prompt=prompt("a"), labels=("B",))),
        (
            LabelLogprobs(prompt=prompt("a"), labels=("A",)),
            LabelLogprobs(prompt=prompt("a", chat=False), labels=("A",)),
        ),
        (Likelihood(prompt=prompt("a"), continuation="x"), Likelihood(prompt=prompt("a"), continuation="y")),
        (Generate(prompt=prompt("a"), max_tokens=5), Generate(prompt=prompt("a"), max_tokens=5, seed=1)),
        (Generate(prompt=prompt("a"), max_tokens=5), Generate(prompt=prompt("a"), max_tokens=5, temperature=0.5)),
        (ScoreList(query="q", documents=(document(),)), ScoreList(query="q", documents=(document(),), collection="c")),
    ],
)
def test_content_makes_a_request_another(one, other):
    assert request_key(one, ENTRY) != request_key(other, ENTRY)


def test_another_model_revision_or_option_is_another_key():
    request = Score(query="q", document=document())
    keys = {request_key(request, entry) for entry in (ENTRY, model_entry("b"), model_entry(pooling="mean"))}
    assert len(keys) == 3


def test_cuts_go_by_position_and_come_back_under_the_askers_names():
    cut = Cut(document_id="b", tokens=9, kept=5)
    answer = LabelAnswer(logprobs=(0.0,), usage=Usage(prompt_tokens=3, cuts=(cut,)))
    asked, again = (
        LabelLogprobs(prompt=prompt("a", "b"), labels=("A",)),
        LabelLogprobs(prompt=prompt("x", "y"), labels=("A",)),
    )
    assert document_ids(asked) == ("a", "b")
    stored = neutral(answer, asked)
    assert stored.usage.cuts == (Cut(document_id="1", tokens=9, kept=5),)
    assert personal(stored, again).usage.cuts == (Cut(document_id="y", tokens=9, kept=5),)


@pytest.mark.parametrize(
    ("request_", "answer", "said"),
    [
        (Score(query="q", document=document()), ScoreAnswer(score=float("inf")), "1 non-finite scores"),
        (Score(query="q", document=document()), GenerateAnswer(text="5"), "Score was answered by GenerateAnswer"),
        (Embed(text="t", role="query"), EmbedAnswer(vector=np.zeros((2, 3), np.float32)), "shape (2, 3)"),
        (Embed(text="t", role="query"), EmbedAnswer(vector=np.zeros(0, np.float32)), "shape (0,)"),
        (
            Embed(text="t", role="query", at="tokens"),
            EmbedAnswer(vector=np.full((2, 3), np.nan, np.float32)),
            "6 non-finite embedding values",
        ),
        (
            LabelLogprobs(prompt=prompt(), labels=("A", "B")),
            LabelAnswer(logprobs=(0.0,)),
            "1 log-probabilities for 2 labels",
        ),
        (LabelLogprobs(prompt=prompt(), labels=("A",)), LabelAnswer(logprobs=(float("-inf"),)), "1 non-finite scores"),
        (Likelihood(prompt=prompt(), continuation="x"), LikelihoodAnswer(logprobs=()), "no log-probability"),
        (ScoreList(query="q", documents=(document(),)), ScoreListAnswer(scores=(1.0, 2.0)), "2 scores for 1 documents"),
    ],
)
def test_unsound_answers_are_named(request_, answer, said):
    fault = check_answer(request_, answer)
    assert fault is not None
    assert said in fault.message


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (Score(query="q", document=document()), ScoreAnswer(score=-3.0)),
        (Embed(text="t", role="query"), EmbedAnswer(vector=np.ones(3, np.float32))),
        (LabelLogprobs(prompt=prompt(), labels=("A", "B")), LabelAnswer(logprobs=(None, -1.0))),
        (Likelihood(prompt=prompt(), continuation=""), LikelihoodAnswer(logprobs=())),
        (ScoreList(query="q", documents=()), ScoreListAnswer(scores=())),
    ],
)
def test_sound_answers_pass(request_, answer):
    assert check_answer(request_, answer) is None


def test_batches_grow_fourfold_at_most_and_then_last_half_a_second():
    budgets = Budgets()
    group = ("m", "Score")
    assert budgets.limit(group, 10_000) == FIRST_TOKENS == 256
    budgets.learn(group, 256, 0.001)
    assert budgets.limit(group, 10_000) == 1024
    budgets.learn(group, 1024, 0.004)
    assert budgets.limit(group, 10_000) == 4096
    budgets.learn(group, 4096, 4.096)  # now a thousand tokens a second; what went before counts half
    before_s, before = 0.5 * 0.001 + 0.004, 0.5 * 256 + 1024
    assert budgets.limit(group, 10_000) == int(0.5 * (0.5 * before + 4096) / (0.5 * before_s + 4.096))
    assert budgets.limit(group, 100) == 100
    assert budgets.limit(("other", "Score"), 10_000) == 256


def test_a_small_batch_says_little_about_a_large_one():
    budgets = Budgets()
    for tokens in (256, 1024, 4096, 8192, 8192):
        budgets.learn("g", tokens, tokens * 1e-4)
    assert budgets.limit("g", 10**6) in (4999, 5000)  # half a second of 0.1 ms each
    budgets.learn("g", 20, 0.05)  # twenty tokens at 2.5 ms each, 25 times the pace of a full batch
    known = (
        ((256 / 2 + 1024) / 2 + 4096) / 2 + 8192
    ) / 2 + 8192  # each batch as large as the limit, so each fades half
    expected = 0.5 * (known + 20) / (1e-4 * known + 0.05)
    assert budgets.limit("g", 10**6) == pytest.approx(expected, rel=1e-3)
    assert expected > 4800


def test_a_batch_that_did_not_fit_lowers_the_ceiling_for_good():
    budgets = Budgets()
    budgets.did_not_fit("g", 200)
    budgets.did_not_fit("g", 300)
    assert budgets.limit("g", 10_000) == 100
    budgets.learn("g", 100, 0.0001)
    assert budgets.limit("g", 10_000) == 100


def test_the_machine_is_described_without_importing_torch():
    code = "import sys; import core.worker.machine as m; print(m.describe_machine('auto', 2), 'torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert told.startswith("cpu, 2 threads, ")
    assert told.split()[-1] == "False"
    assert "fp32" in describe_machine("cpu", 1, [ENTRY])


def test_the_worker_starts_to_listen_before_numpy_is_imported():
    code = "import sys; import core.worker.lifeline; print('numpy' in sys.modules, 'json' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "False"]


def test_the_worker_ends_when_its_socket_closes():
    ours, theirs = socket.socketpair()
    code = "import sys, time; from core.worker.lifeline import Lifeline; Lifeline(int(sys.argv[1])); time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(theirs.fileno())],
        pass_fds=(theirs.fileno(),),
        cwd=PROJECT,
        env=dict(os.environ),
    )
    theirs.close()
    assert child.poll() is None
    ours.close()
    assert child.wait(5) == 0
