"""What is left of a piece of work after some of its results have arrived."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

from core.domain.work import Event, Probed, ProbeWork, Ranked, RankFailed, RankWork, Retrieved, RetrieveWork, Work

Delivered = Counter[tuple[str, str]]
WHOLE = ""  # in place of a list: a system that failed, which ends its probe


def mark(event: Event, delivered: Delivered) -> None:
    """Count a result: system and list of a ranking, latency or failure, the query of a first stage."""
    if isinstance(event, Ranked):
        delivered[(event.ranking.system, event.ranking.candidates)] += 1
    elif isinstance(event, Probed):
        delivered[(event.system, event.candidates)] += 1
    elif isinstance(event, RankFailed):
        delivered[(event.system, event.candidates)] += 1
        delivered[(event.system, WHOLE)] += 1
    elif isinstance(event, Retrieved):
        delivered[("", event.candidates.query.id)] += 1


def remaining(work: Work, delivered: Delivered) -> Work:
    """``work`` without what was delivered; fetching and checking start again (a download resumes itself)."""
    left = Counter(delivered)

    def open_still(key: tuple[str, str]) -> bool:
        left[key] -= 1
        return left[key] < 0

    if isinstance(work, RankWork):
        systems = [system.fingerprint for system in work.systems]
        tasks = tuple(task for task in work.tasks if open_still((systems[task[0]], work.lists[task[1]].hash)))
        return replace(work, tasks=tasks)
    if isinstance(work, ProbeWork):
        pairs = [pair for pair in product(range(len(work.systems)), range(len(work.lists))) if pair not in work.done]
        over = [
            pair
            for pair in pairs
            if not open_still((work.systems[pair[0]].fingerprint, work.lists[pair[1]].hash))
            or delivered[(work.systems[pair[0]].fingerprint, WHOLE)]
        ]
        return replace(work, done=(*work.done, *over))
    if isinstance(work, RetrieveWork):
        return replace(work, queries=tuple(query for query in work.queries if open_still(("", query.id))))
    return work
