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
from core.engine.supervisor import Timing
from core.settings import PROJECT, Settings
from tests.support.engine_fakes import make_list, make_system, model_entry, rank_work

MODULE = "tests.support.fake_worker"
QUICK = Timing(backoff_s=0.01, backoff_max_s=0.05, silence_s=30, stall_s=30, stop_s=2, give_up_after=5)


def settings_in(home: Path) -> Settings:
    return Settings(home=home, database_url="sqlite://", device="cpu", threads=1, models={}, endpoints={})


class Ear:
    """A listener that keeps what it hears, with the thread and the time."""

    def __init__(self):
        self.events, self.threads, self.times = [], set(), []
        self._ended = threading.Event()

    def __call__(self, event):
        self.events.append(event)
        self.threads.add(threading.current_thread().name)
        self.times.append(time.monotonic())
        if isinstance(event, Ended):
            self._ended.set()

    def end(self, timeout=15) -> Ended:
        assert self._ended.wait(timeout), f"no end within {timeout} s; heard {self.events}"
        return self.events[-1]

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, kind, timeout=10):
        until = time.monotonic() + timeout
        while not self.of(kind):
            assert time.monotonic() < until, f"no {kind.__name__}"
            time.sleep(0.005)


def wait_until(condition, timeout=10):
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[EngineClient]:
    client = EngineClient(settings_in(tmp_path), module=MODULE, timing=QUICK)
    yield client
    client.close()


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


def test_two_jobs_at_once_hear_only_their_own(client):
    ears = {job: Ear() for job in ("a", "b")}
    for job, ear in ears.items():
        client.submit(work(job, ["1 SLOW", "2 SLOW"], query=job), ear)
    for job, ear in ears.items():
        assert ear.end() == Ended(job=job)
        assert {event.job for event in ear.events} == {job}
        assert len(ear.of(Ranked)) == 1


def test_a_job_id_that_runs_is_refused_and_may_be_used_again_afterwards(client):
    ear = Ear()
    client.submit(work("j", ["1 SLOW", "2"]), ear)
    with pytest.raises(InvalidInputError, match="'j' is running already"):
        client.submit(work("j", ["1"]), Ear())
    ear.end()
    again = Ear()
    client.submit(work("j", ["1"]), again)
    assert again.end() == Ended(job="j")


def test_interactive_work_overtakes_background_work(client):
    background, quick = Ear(), Ear()
    client.submit(
        work("slow", [f"{i} SLOW" for i in range(20)], priority=Priority.BACKGROUND, batch_tokens="2"), background
    )
    background.wait_for(Progress)
    client.submit(work("quick", ["1", "2"], query="mine", batch_tokens="2"), quick)
    quick.end()
    assert not background.of(Ended)
    assert background.end() == Ended(job="slow")


def test_cancelling_is_told_at_once_and_frees_the_engine_within_a_second(client):
    ear, after = Ear(), Ear()
    client.submit(work("long", ["1 POLITE", "2"]), ear)
    ear.wait_for(Progress)
    time.sleep(0.2)  # in the middle of an answer that would take twenty seconds
    began = time.monotonic()
    client.cancel("long")
    client.cancel("unknown")
    assert ear.end(1) == Ended(job="long", cancelled=True)
    client.submit(work("next", ["1", "2"], query="other"), after)
    assert after.end() == Ended(job="next")
    assert time.monotonic() - began < 1
    assert client.status().restarts == 0
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


STRATEGY_THAT_KILLS = """
import os, signal
from dataclasses import dataclass
from core.strategies.base import strategy
os.kill(os.getpid(), signal.SIGKILL) if os.environ.get("RUNOFF_TEST_WORKER_DIES") else None
@strategy(name="mine", version=1, family="pointwise", title="Mine")
@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    def rerank(self, candidates):
        yield []
    def forecast(self, n_docs):
        return 0
"""


def test_an_engine_that_never_starts_ends_all_work_and_tries_again_for_new_work(tmp_path, monkeypatch):
    file = tmp_path / "mine.py"
    file.write_text(STRATEGY_THAT_KILLS)
    monkeypatch.setenv("RUNOFF_TEST_WORKER_DIES", "1")
    client = EngineClient(settings_in(tmp_path), [file], module=MODULE, timing=QUICK)
    try:
        ears = [Ear(), Ear()]
        for job, ear in zip("ab", ears, strict=True):
            client.submit(work(job, ["1"]), ear)
        for ear in ears:
            assert "died" in ear.end().error
            assert len(ear.of(Ended)) == 1
        wait_until(lambda: client.status().state in ("failed", "ready"))
        monkeypatch.delenv("RUNOFF_TEST_WORKER_DIES")
        again = Ear()
        client.submit(work("c", ["1"]), again)
        assert again.end() == Ended(job="c")
    finally:
        client.close()


def test_a_strategy_file_that_cannot_be_loaded_is_said_and_the_engine_works(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("def (:")
    client = EngineClient(settings_in(tmp_path), [file], module=MODULE, timing=QUICK)
    try:
        ear = Ear()
        client.submit(work("j", ["1", "2"]), ear)
        assert ear.end() == Ended(job="j")
        assert "broken.py" in client.status().detail
    finally:
        client.close()


def test_an_engine_that_hangs_is_killed_and_only_what_hung_fails(tmp_path):
    timing = Timing(backoff_s=0.01, silence_s=30, stall_s=1, beat_s=0.05, stop_s=2)
    client = EngineClient(settings_in(tmp_path), module=MODULE, timing=timing)
    try:
        lists = [make_list(["1 HANG", "2"], query="bad"), make_list(["3", "4"], query="good")]
        ear = Ear()
        client.submit(rank_work("j", [make_system("pointwise")], lists), ear)
        assert ear.end(20) == Ended(job="j")
        assert [event.ranking.candidates for event in ear.of(Ranked)] == [lists[1].hash]
        (failure,) = ear.of(RankFailed)
        assert "stuck for 1 s" in failure.message
    finally:
        client.close()


def test_a_process_that_falls_silent_is_replaced(tmp_path):
    timing = Timing(backoff_s=0.01, silence_s=1.5, stall_s=30, beat_s=0.05, stop_s=0.2)
    client = EngineClient(settings_in(tmp_path), module=MODULE, timing=timing)
    try:
        wait_until(lambda: client.status().state == "ready")
        first = client.pid
        os.kill(first, signal.SIGSTOP)
        ear = Ear()
        client.submit(work("j", ["1", "2"]), ear)
        assert ear.end() == Ended(job="j")
        assert client.pid != first
        assert client.status().restarts == 1
    finally:
        client.close()


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


def test_a_listener_that_fails_does_not_silence_the_others(client, caplog):
    def broken(event):
        raise ValueError("listener")

    ear = Ear()
    client.submit(work("a", ["1"]), broken)
    client.submit(work("b", ["1"], query="b"), ear)
    assert ear.end() == Ended(job="b")
    assert "A listener failed" in caplog.text


def test_a_listener_may_submit_and_cancel(client):
    second = Ear()

    def first(event):
        if isinstance(event, Ended):
            client.submit(work("second", ["1"]), second)
            client.cancel("nothing")

    client.submit(work("first", ["1"]), first)
    assert second.end() == Ended(job="second")


def test_work_that_cannot_be_written_ends_with_the_reason(client):
    ear = Ear()
    candidates = make_list(["1", "2"], first_stage_scores=(float("nan"), 1.0))
    client.submit(rank_work("j", [make_system("pointwise")], [candidates]), ear)
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
