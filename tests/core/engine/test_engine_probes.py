"""Latency probes in a real engine process: crashes, cancelling, and what is left to be measured afterwards."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

from core.domain.work import Ended, Priority, Probed, Progress, Ranked, RankFailed
from core.engine.remaining import mark, remaining
from tests.support.engine_ear import Ear, client_of
from tests.support.engine_fakes import make_list, make_system, model_entry, probe_work, rank_work

POINTWISE, INSERTION = make_system("pointwise"), make_system("insertion")


def probed(system, candidates) -> Probed:
    return Probed(
        job="p",
        system=system.fingerprint,
        candidates=candidates.hash,
        wall_ms=1.0,
        order=candidates.ids,
        memory=(),
        device="cpu",
        machine="",
    )


def test_what_was_delivered_is_not_measured_again():
    lists = [make_list(["1", "2"], query="a"), make_list(["1", "2"], query="b")]
    work = probe_work("p", [POINTWISE, INSERTION], [*lists, lists[0]])
    delivered: Counter[tuple[str, str]] = Counter()
    assert remaining(work, delivered) == work
    mark(probed(POINTWISE, lists[0]), delivered)
    assert remaining(work, delivered).done == ((0, 0),)  # the same list stands there twice and is open once more
    mark(probed(POINTWISE, lists[0]), delivered)
    again = remaining(work, delivered)
    assert again.done == ((0, 0), (0, 2))
    assert remaining(again, Counter()) == again


def test_a_system_that_failed_is_over():
    lists = [make_list([str(i)], query=str(i)) for i in range(3)]
    work = probe_work("p", [POINTWISE, INSERTION], lists)
    delivered: Counter[tuple[str, str]] = Counter()
    mark(RankFailed(job="p", system=POINTWISE.fingerprint, candidates=lists[0].hash, message=""), delivered)
    assert remaining(work, delivered).done == ((0, 0), (0, 1), (0, 2))


def test_a_killed_engine_comes_back_and_no_list_is_told_twice(tmp_path):
    lists = [make_list([f"{10 * n + i} SLOW" for i in range(3)], query=f"q{n}") for n in range(4)]
    with client_of(tmp_path) as client:
        ear = Ear()
        client.submit(probe_work("p", [POINTWISE, INSERTION], lists, warm_up=1), ear)
        ear.wait_for(Probed)
        os.kill(client.pid, signal.SIGKILL)
        assert ear.end() == Ended(job="p")
        assert client.status().restarts == 1
    told = [(event.system, event.candidates) for event in ear.of(Probed)]
    assert told == [(system.fingerprint, c.hash) for system in (POINTWISE, INSERTION) for c in lists]
    for event in ear.of(Probed):  # 50 ms for every request, however often the engine died
        assert event.wall_ms >= 150
        assert event.memory == (("small", 1_000_000),)
    steps = [(event.done, event.total) for event in ear.of(Progress)]
    assert steps == sorted(steps)
    assert steps[-1] == (8, 8)


def test_a_list_that_kills_the_engine_ends_its_system_and_the_next_one_is_measured(tmp_path):
    lists = [make_list(["1", "2"], query="good"), make_list(["3", "4 KILL"], query="bad"), make_list(["5"], query="c")]
    first = make_system("pointwise", model_entry("first"))
    with client_of(tmp_path) as client:
        ear = Ear()
        client.submit(probe_work("p", [first, POINTWISE], lists, warm_up=0), ear)
        assert ear.end() == Ended(job="p")
    failures = ear.of(RankFailed)
    assert [failure.system for failure in failures] == [first.fingerprint, POINTWISE.fingerprint]
    assert all("the engine died on this request" in failure.message for failure in failures)
    assert [(event.system, event.candidates) for event in ear.of(Probed)] == [
        (first.fingerprint, lists[0].hash),
        (POINTWISE.fingerprint, lists[0].hash),
    ]


def test_cancelling_a_probe_frees_the_engine_within_a_second(tmp_path):
    background = rank_work("slow", [POINTWISE], [make_list(["1", "2"], query="slow")], Priority.BACKGROUND)
    with client_of(tmp_path) as client:
        ear, after = Ear(), Ear()
        client.submit(probe_work("p", [POINTWISE], [make_list(["1 POLITE"])]), ear)
        ear.wait_for(Progress)
        client.submit(background, after)
        time.sleep(0.2)  # in the middle of an answer that would take twenty seconds
        assert not after.of(Ranked)
        began = time.monotonic()
        client.cancel("p")
        assert ear.end(1) == Ended(job="p", cancelled=True)
        assert after.end() == Ended(job="slow")
        assert time.monotonic() - began < 1
        assert client.status().restarts == 0
    assert not ear.of(Probed)
