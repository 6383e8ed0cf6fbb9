"""A real engine process over small models: crashes, hangs, cancelling, restarts, and who is told what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.documents import Query
from core.domain.errors import InvalidInputError
from core.domain.work import (
    CheckWork,
    Ended,
    FetchWork,
    Priority,
    Progress,
    Ranked,
    RankFailed,
    Retrieved,
    RetrieveWork,
)
from core.engine.client import EngineClient
from core.settings import PROJECT
from tests.support.engine_ear import MODULE, QUICK, Ear, client_of, settings_in, wait_until
from tests.support.engine_fakes import make_list, make_system, model_entry, rank_work


@pytest.fixture
def client(tmp_path: Path) -> Iterator[EngineClient]:
    with client_of(tmp_path) as client:
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    """One process for the tests that leave it as it was; each asks of a query of its own, since answers are kept."""
    with client_of(tmp_path_factory.mktemp("shared")) as client:
        yield client


def work(job, texts, query="q", priority=Priority.INTERACTIVE, **options):
    return rank_work(job, [make_system("pointwise", model_entry(**options))], [make_list(texts, query=query)], priority)


def test_a_ranking_arrives_and_the_job_ends_once(client):
    ear = Ear()
    client.submit(work("j", ["1", "3", "2"]), ear)
    assert ear.end() == Ended(job="j")
    (event,) = ear.of(Ranked)
    assert event.ranking.order == ("d1", "d2", "d0")
    assert event.ranking.scores == (3.0, 2.0, 1.0)
    assert ear.threads == {"engine-listeners"}
    status = client.status()
    assert (status.state, status.device, status.resident, status.restarts) == ("ready", "cpu", ("small",), 0)
    assert "cpu, 1 thread" in status.machine


def test_two_jobs_at_once_hear_only_their_own(shared):
    ears = {job: Ear() for job in ("a", "b")}
    for job, ear in ears.items():
        shared.submit(work(job, ["1 SLOW", "2 SLOW"], query=job), ear)
    for job, ear in ears.items():
        assert ear.end() == Ended(job=job)
        assert {event.job for event in ear.events} == {job}
        assert len(ear.of(Ranked)) == 1


def test_a_job_id_that_runs_is_refused_and_may_be_used_again_afterwards(shared):
    ear = Ear()
    shared.submit(work("j", ["1 SLOW", "2"]), ear)
    with pytest.raises(InvalidInputError, match="'j' is running already"):
        shared.submit(work("j", ["1"]), Ear())
    ear.end()
    again = Ear()
    shared.submit(work("j", ["1"]), again)
    assert again.end() == Ended(job="j")


def test_interactive_work_overtakes_background_work(shared):
    background, quick = Ear(), Ear()
    shared.submit(
        work("slow", [f"{i} SLOW" for i in range(20)], priority=Priority.BACKGROUND, batch_tokens="2"), background
    )
    background.wait_for(Progress)
    shared.submit(work("quick", ["1", "2"], query="mine", batch_tokens="2"), quick)
    quick.end()
    assert not background.of(Ended)
    assert background.end() == Ended(job="slow")


def test_cancelling_is_told_at_once_and_frees_the_engine_within_a_second(shared):
    ear, after = Ear(), Ear()
    shared.submit(work("long", ["1 POLITE", "2"]), ear)
    ear.wait_for(Progress)
    time.sleep(0.2)  # in the middle of an answer that would take twenty seconds
    began = time.monotonic()
    shared.cancel("long")
    shared.cancel("unknown")
    assert ear.end(1) == Ended(job="long", cancelled=True)
    shared.submit(work("next", ["1", "2"], query="other"), after)
    assert after.end() == Ended(job="next")
    assert time.monotonic() - began < 1
    assert shared.status().restarts == 0
    assert len(ear.of(Ended)) == 1


def test_a_killed_engine_comes_back_and_the_job_goes_on_without_doing_things_twice(client):
    texts = [[f"{10 * n + i} SLOW" for i in range(4)] for n in range(5)]
    lists = [make_list(t, query=f"q{n}") for n, t in enumerate(texts)]
    ear = Ear()
    client.submit(rank_work("j", [make_system("pointwise", model_entry(batch_tokens="4"))], lists), ear)
    ear.wait_for(Ranked)
    os.kill(client.pid, signal.SIGKILL)
    assert ear.end() == Ended(job="j")
    delivered = [event.ranking.candidates for event in ear.of(Ranked)]
    assert sorted(delivered) == sorted(candidates.hash for candidates in lists)  # every one, none twice
    assert client.status().restarts == 1
    totals = [(event.done, event.total) for event in ear.of(Progress)]
    assert totals == sorted(totals)  # progress never goes back
    assert totals[-1] == (20, 20)


def test_a_request_that_kills_is_found_and_everything_else_is_ranked(client):
    texts = {"good": ["1", "2"], "bad": ["3", "4 KILL"], "fine": ["5", "6"]}
    lists = {name: make_list(t, query=name) for name, t in texts.items()}
    ear, other = Ear(), Ear()
    client.submit(rank_work("j", [make_system("pointwise")], list(lists.values())), ear)
    client.submit(work("other", ["7", "8"], query="o"), other)
    assert ear.end() == Ended(job="j")
    assert other.end() == Ended(job="other")
    assert {event.ranking.candidates for event in ear.of(Ranked)} == {lists["good"].hash, lists["fine"].hash}
    (failure,) = ear.of(RankFailed)
    assert failure.candidates == lists["bad"].hash
    assert failure.message.startswith("pointwise: the engine died on this request (signal 9 (SIGKILL))")
    assert len(other.of(Ranked)) == 1
    assert client.status().restarts == 2  # the batch, then the request alone


def test_a_request_that_killed_by_chance_is_not_condemned(client, tmp_path):
    ear = Ear()
    client.submit(work("j", ["1", f"2 DIE-ONCE={tmp_path / 'marker'}", "3"]), ear)
    assert ear.end() == Ended(job="j")
    assert ear.of(Ranked)[0].ranking.order == ("d2", "d1", "d0")
    assert client.status().restarts == 1


def test_after_the_job_a_condemned_request_may_be_tried_again(client):
    ear = Ear()
    client.submit(work("first", ["1 KILL", "2"]), ear)
    ear.end()
    assert client.status().restarts == 2
    again = Ear()
    client.submit(work("second", ["1 KILL", "2"]), again)
    again.end()
    assert len(again.of(RankFailed)) == 1
    assert client.status().restarts > 2


def test_a_model_that_kills_while_it_loads_fails_its_systems_only(client):
    deadly = make_system("pointwise", model_entry("deadly", **{"kill-load": "yes"}))
    ear = Ear()
    client.submit(rank_work("j", [deadly, make_system("pointwise")], [make_list(["1", "2"])]), ear)
    assert ear.end() == Ended(job="j")
    assert len(ear.of(Ranked)) == 1
    (failure,) = ear.of(RankFailed)
    assert "Could not load deadly: the engine died on this request (signal 9 (SIGKILL))" in failure.message


def test_a_first_stage_that_kills_ends_with_the_reason(client, tmp_path):
    ear = Ear()
    queries = (Query(id="q", text="x"),)
    client.submit(RetrieveWork(job="r", collection="kill", path=tmp_path, queries=queries), ear)
    assert "the engine died on this request" in ear.end().error
    fine = Ear()
    client.submit(RetrieveWork(job="s", collection="c", path=tmp_path, queries=queries, depth=3), fine)
    assert fine.end() == Ended(job="s")
    assert len(fine.of(Retrieved)[0].candidates.documents) == 3


def test_closing_ends_process_and_jobs_exactly_once(tmp_path):
    client = EngineClient(settings_in(tmp_path), module=MODULE, timing=QUICK)
    ear = Ear()
    client.submit(work("j", ["1 POLITE", "2"]), ear)
    ear.wait_for(Progress)
    pid = client.pid
    client.close()
    client.close()
    stopped = "The engine was stopped before this work was finished."
    assert ear.of(Ended) == [Ended(job="j", error=stopped, interrupted=True)]
    assert not Path(f"/proc/{pid}").exists()
    assert client.status().state == "stopped"
    late = Ear()
    client.submit(work("late", ["1"]), late)  # never raises; nobody is left to hear of it
    client.cancel("late")


def test_closing_from_a_listener_does_not_lock_up(tmp_path):
    client = EngineClient(settings_in(tmp_path), module=MODULE, timing=QUICK)
    done = threading.Event()

    def listener(event):
        if isinstance(event, Ended):
            client.close()
            done.set()

    client.submit(work("j", ["1"]), listener)
    assert done.wait(10)


def test_a_listener_that_fails_does_not_silence_the_others(shared, caplog):
    def broken(event):
        raise ValueError("listener")

    ear = Ear()
    shared.submit(work("a", ["1"]), broken)
    shared.submit(work("b", ["1"], query="b"), ear)
    assert ear.end() == Ended(job="b")
    assert "A listener failed" in caplog.text


def test_a_listener_may_submit_and_cancel(shared):
    second = Ear()

    def first(event):
        if isinstance(event, Ended):
            shared.submit(work("second", ["1"]), second)
            shared.cancel("nothing")

    shared.submit(work("first", ["1"]), first)
    assert second.end() == Ended(job="second")


def test_work_that_cannot_be_written_ends_with_the_reason(shared):
    ear = Ear()
    candidates = make_list(["1", "2"], first_stage_scores=(float("nan"), 1.0))
    shared.submit(rank_work("j", [make_system("pointwise")], [candidates]), ear)
    assert "cannot be sent to the engine" in ear.end().error


def test_downloads_and_checks(client):
    ears = {job: Ear() for job in ("good", "bad", "slow", "check")}
    client.submit(FetchWork(job="good", model=model_entry("a")), ears["good"])
    client.submit(FetchWork(job="bad", model=model_entry("b", fail="no network")), ears["bad"])
    client.submit(FetchWork(job="slow", model=model_entry("c", pace="0.5")), ears["slow"])
    client.submit(CheckWork(job="check", model=model_entry("d")), ears["check"])
    assert ears["good"].end() == Ended(job="good")
    assert ears["bad"].end().error == "Could not download b: no network."
    assert ears["check"].end() == Ended(job="check")
    assert client.status().resident == ("d",)
    client.cancel("slow")
    assert ears["slow"].end(1) == Ended(job="slow", cancelled=True)


ORPHAN = """
import sys, time
from pathlib import Path
from core.engine.client import EngineClient
from core.settings import Settings
settings = Settings(home=Path(sys.argv[1]), database_url="sqlite://", models={}, endpoints={})
client = EngineClient(settings, module=sys.argv[2])
while client.status().state != "ready":
    time.sleep(0.01)
print(client.pid, flush=True)
time.sleep(60)
"""


def test_the_engine_is_gone_when_its_parent_is_killed(tmp_path):
    command = [sys.executable, "-c", ORPHAN, str(tmp_path), MODULE]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text(), 3)


def test_the_client_imports_neither_models_nor_the_worker():
    code = (
        "import sys, core.engine.client\n"
        "print([m for m in sys.modules if m.startswith(('torch', 'transformers', 'core.models', 'core.worker'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
