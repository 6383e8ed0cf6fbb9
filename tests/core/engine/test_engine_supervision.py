"""What the supervisor does with processes that do not start, hang or fall silent."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

from core.domain.work import Ended, Ranked, RankFailed
from core.engine.client import EngineClient
from core.engine.messages import Beat
from core.engine.supervisor import Timing, _Watch
from tests.support.engine_ear import MODULE, QUICK, Ear, settings_in, wait_until
from tests.support.engine_fakes import make_list, make_system, rank_work


def work(job, texts):
    return rank_work(job, [make_system("pointwise")], [make_list(texts)])


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
    timing = replace(QUICK, give_up_after=3)  # each attempt is a process start
    client = EngineClient(settings_in(tmp_path), [file], module=MODULE, timing=timing)
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


def test_a_process_that_takes_long_to_start_is_neither_silent_nor_stuck():
    timing = Timing(silence_s=0.01, stall_s=0.01, start_s=30, beat_s=0.001, stop_s=0.2)
    watch = _Watch(timing)
    time.sleep(0.02)
    assert watch.complaint() == ""
    watch.saw(Beat(turn=1, activity=""))
    assert watch.complaint() == ""
    time.sleep(0.02)
    assert watch.complaint() == "no sign of life for 0.01 s"
    assert _Watch(replace(timing, start_s=-1)).complaint() == "no sign of life for -1 s"


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
