"""The scheduler over a real cross-encoder of two layers: what stops inside a forward pass, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from transformers.models.bert.modeling_bert import BertLayer

from core.catalog.digests import DigestCache
from core.domain.models import ModelEntry, ModelKind
from core.domain.systems import System
from core.domain.work import CheckWork, Ended, Event, Priority, Ranked, RankWork, Work
from core.worker.answer_cache import AnswerCache
from core.worker.scheduler import Hooks, Place, Scheduler, Tools
from core.worker.wiring import real_tools
from tests.support.engine_fakes import build_small, make_list, rank_work
from tests.support.tiny_models import TEXTS, entry_for, save_bert_classifier


class Layers:
    """Calls of layers, and what is done before the call of a number, from 1 over all."""

    def __init__(self) -> None:
        self.begun = 0
        self.at: dict[int, Callable[[], object]] = {}

    def __call__(self, module: torch.nn.Module, _inputs: object) -> None:
        if isinstance(module, BertLayer):
            self.begun += 1
            self.at.get(self.begun, lambda: None)()


@contextmanager
def counted() -> Iterator[Layers]:
    layers = Layers()
    handle = register_module_forward_pre_hook(layers)
    try:
        yield layers
    finally:
        handle.remove()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> System:
    folder = save_bert_classifier(tmp_path_factory.mktemp("models") / "bert")
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry: ModelEntry = entry_for(ModelKind.CROSS_ENCODER, f"folder:{folder}", revision=revision)
    return System(spec="pointwise", strategy="pointwise", version=1, slots=(("model", entry),))


def scheduler_over(events: list[Event], home: Path) -> Scheduler:
    real = real_tools()
    tools = Tools(load=real.load, build=build_small, retrieve=real.retrieve, fetch=real.fetch)
    place = Place(device="cpu", threads=1, cache_dir=home, model_memory_bytes=10**9)
    return Scheduler(tools, Hooks(tell=events.append), place, AnswerCache(None))


def job(name: str, system: System, texts: list[str], priority: Priority) -> RankWork:
    return rank_work(name, [system], [make_list(texts, query=name)], priority)


def drive(scheduler: Scheduler, *works: Work) -> None:
    for work in works:
        scheduler.submit(work)
    while scheduler.step():
        pass


def ready(system: System, home: Path) -> tuple[Scheduler, list[Event]]:
    """A scheduler that has loaded the model, and what it says from now on."""
    events: list[Event] = []
    scheduler = scheduler_over(events, home)
    drive(scheduler, CheckWork(job="check", model=system.models[0]))
    assert events.pop() == Ended(job="check")
    events.clear()
    return scheduler, events


def test_a_forward_pass_in_the_background_stops_before_its_next_layer(system: System, tmp_path: Path) -> None:
    slow = job("slow", system, list(TEXTS), Priority.BACKGROUND)
    mine = job("mine", system, list(TEXTS[:2]), Priority.INTERACTIVE)
    alone, told = ready(system, tmp_path)
    with counted() as layers:
        drive(alone, slow)
        whole = layers.begun
    (expected,) = [event.ranking for event in told if isinstance(event, Ranked)]
    scheduler, events = ready(system, tmp_path)
    with counted() as layers:
        layers.at = {1: lambda: scheduler.arrived(mine)}
        scheduler.submit(slow)
        scheduler.step()
        assert layers.begun == 1 < whole
        drive(scheduler, mine)
    assert [event.job for event in events if isinstance(event, Ended)] == ["mine", "slow"]
    (ranking,) = [event.ranking for event in events if isinstance(event, Ranked) and event.job == "slow"]
    assert ranking.order == expected.order
    assert ranking.scores == pytest.approx(expected.scores, abs=1e-5)
    assert ranking.executed.calls == len(TEXTS)


def test_a_cancelled_job_stops_before_the_next_layer(system: System, tmp_path: Path) -> None:
    scheduler, events = ready(system, tmp_path)
    with counted() as layers:
        layers.at = {1: lambda: scheduler.flag("a")}
        scheduler.submit(job("a", system, list(TEXTS), Priority.INTERACTIVE))
        scheduler.step()
        assert layers.begun == 1
        scheduler.cancel("a")
        drive(scheduler)
    assert layers.begun == 1
    assert events[-1] == Ended(job="a", cancelled=True)
    assert not [event for event in events if isinstance(event, Ranked)]
