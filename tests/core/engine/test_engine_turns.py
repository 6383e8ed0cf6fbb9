"""A real engine process: people before jobs, models given back by hand, what the status shows, a kill in a batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.work import CheckWork, Ended, Priority, Progress, Ranked, RankWork
from core.engine.client import EngineClient
from tests.support.engine_ear import Ear, client_of, wait_until
from tests.support.engine_fakes import make_list, make_system, model_entry, rank_work


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    """One process for all tests but the one that kills it; each asks of a query of its own."""
    with client_of(tmp_path_factory.mktemp("turns")) as client:
        yield client


def work(job: str, texts: list[str], priority: Priority = Priority.INTERACTIVE, model: str = "small") -> RankWork:
    return rank_work(job, [make_system("pointwise", model_entry(model))], [make_list(texts, query=job)], priority)


def heard(client: EngineClient, asked: RankWork | CheckWork) -> Ear:
    ear = Ear()
    client.submit(asked, ear)
    assert ear.end() == Ended(job=asked.job)
    return ear


@pytest.mark.parametrize("asked", [work("mine", ["1", "2"]), CheckWork(job="check", model=model_entry("checked"))])
def test_a_person_interrupts_a_batch_that_would_take_longer_than_this_test_may(client, asked):
    slow = Ear()
    client.submit(work(f"slow {asked.job}", ["1 POLITE", "2"], Priority.BACKGROUND), slow)  # twenty seconds
    wait_until(lambda: any(event.note.startswith("reading") for event in slow.of(Progress)) or client.status().models)
    heard(client, asked)
    assert not slow.of(Ended)
    client.cancel(f"slow {asked.job}")
    assert slow.end(1) == Ended(job=f"slow {asked.job}", cancelled=True)
    assert client.status().restarts == 0


def test_a_model_is_given_back_and_loaded_again_when_it_is_asked(client):
    heard(client, work("before", ["1", "2"], model="given back"))
    (model,) = [model for model in client.status().models if model.id == "given back"]
    assert (model.memory_bytes, model.device, model.execution) == (1_000_000, "cpu", "padded (small)")
    assert client.status().model_memory_bytes > 0
    client.unload("unknown")
    client.unload("given back")
    wait_until(lambda: "given back" not in client.status().resident)
    assert len(heard(client, work("after", ["3", "4"], model="given back")).of(Ranked)) == 1
    assert "given back" in client.status().resident


def test_the_cache_is_counted(client):
    before = client.status().cache
    heard(client, work("counted", ["1", "2", "3"]))
    heard(client, work("counted", ["1", "2", "3"]))
    wait_until(lambda: client.status().cache.hits >= before.hits + 3)
    after = client.status().cache
    assert (after.hits - before.hits, after.misses - before.misses) == (3, 3)
    assert 0 < after.disk_bytes <= after.limit_bytes


def test_a_kill_inside_a_batch_of_several_jobs_costs_nothing_and_leaves_nothing_wrong(tmp_path: Path):
    marker = tmp_path / "died"
    works = [work("a", ["1", "2"]), work("b", ["3", f"4 DIE-ONCE={marker}"]), work("c", ["6", "5"])]
    first = work("first", [f"{i} SLOW" for i in range(4)])  # meanwhile the three wait, and share the next batch
    with client_of(tmp_path) as client:
        ears = [Ear() for _ in range(4)]
        for asked, ear in zip([first, *works], ears, strict=True):
            client.submit(asked, ear)
        orders = []
        for ear in ears[1:]:
            assert not ear.end().error
            orders += [event.ranking.order for event in ear.of(Ranked)]
        assert ears[0].end() == Ended(job="first")
        assert orders == [("d1", "d0"), ("d1", "d0"), ("d0", "d1")]
        assert client.status().restarts == 1
    with client_of(tmp_path) as again:
        for asked, order in zip(works, orders, strict=True):
            (event,) = heard(again, asked).of(Ranked)
            assert event.ranking.order == order
            assert event.ranking.executed.calls == 0  # what was stored before and after the kill is all there
        assert again.status().restarts == 0
