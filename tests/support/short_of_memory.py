"""``python -m tests.support.short_of_memory``: a scheduler whose model really runs out of memory; prints what came.

The address space is limited after torch is imported. The model allocates a tensor per token of the batch, so a batch
of more than ``FITS`` tokens cannot be had from the system.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from core.domain.requests import Answer, Request
from core.domain.work import Event, Ranked, RankFailed
from core.models.base import Arrangement, by_length
from core.models.device import memory_guard
from core.worker.answer_cache import AnswerCache
from core.worker.scheduler import Hooks, Place, Scheduler, Tools
from tests.support.engine_fakes import (
    build_small,
    fetch_small,
    make_list,
    make_system,
    model_entry,
    rank_work,
    retrieve_small,
)
from tests.support.small_adapter import SmallAdapter

FITS = 48  # tokens, and a little
PER_TOKEN = 8 << 20  # bytes: far over what else the process asks for meanwhile
TOO_LONG = 100  # tokens of a request that never fits


class Hungry(SmallAdapter):
    """A token is a word of the text; a tensor for each is held until the batch is answered."""

    tried: list[int]

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        return by_length([int(tokens) for tokens in self.shares(requests)])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        return [float(TOO_LONG if "LONG" in request.document.text else 4) for request in requests]  # type: ignore[union-attr]  # scores only

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        self.tried.append(len(requests))
        held = []
        with memory_guard("batch"):
            for _ in range(int(sum(self.shares(requests)))):
                held.append(torch.empty(PER_TOKEN, dtype=torch.uint8))
        return super().answer(requests, cancelled)


def address_space() -> int:
    """Bytes that the process has mapped now."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


JOBS = {
    "first": [[f"{i} w w w" for i in range(32)]],
    "second": [[f"{i} w w w" for i in range(100, 132)]],
    "long": [["1 LONG", "2"], [f"{i} w w w" for i in range(200, 208)]],
    "last": [[f"{i} w w w" for i in range(300, 332)]],
}


def main() -> None:
    adapter = Hungry(model_entry())
    adapter.tried = []
    events: list[Event] = []
    tools = Tools(load=lambda _entry, _context: adapter, build=build_small, retrieve=retrieve_small, fetch=fetch_small)
    place = Place(device="cpu", threads=1, cache_dir=Path("unused"), model_memory_bytes=10**9)
    scheduler = Scheduler(tools, Hooks(tell=events.append), place, AnswerCache(None))
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + FITS * PER_TOKEN,) * 2)
    told = {}
    for job, lists in JOBS.items():
        tried, heard = len(adapter.tried), len(events)
        made = [make_list(texts, query=f"{job} {number}") for number, texts in enumerate(lists)]
        scheduler.submit(rank_work(job, [make_system("pointwise")], made))
        while scheduler.step():
            pass
        told[job] = {
            "tried": adapter.tried[tried:],
            "orders": [event.ranking.order for event in events[heard:] if isinstance(event, Ranked)],
            "failed": [event.message for event in events[heard:] if isinstance(event, RankFailed)],
        }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
