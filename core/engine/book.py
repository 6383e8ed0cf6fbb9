"""The jobs that a client has given to the engine and not yet seen the end of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from core.domain.errors import InvalidInputError
from core.domain.ports import Listener
from core.domain.work import Event, Progress, Work
from core.engine.remaining import Delivered, mark, remaining


@dataclass(slots=True)
class Entry:
    """One job. ``sent``: whether the present process has it; ``shown``: the progress last told."""

    work: Work
    listener: Listener
    sent: bool = False
    delivered: Delivered = field(default_factory=Counter)
    shown: Progress | None = None
    offset: int | None = 0

    def left(self) -> Work:
        """What the next process has to do for this job."""
        return remaining(self.work, self.delivered)

    def note(self, event: Event) -> Event:
        """Remember the event; progress of a resumed job goes on where it stood."""
        mark(event, self.delivered)
        if not isinstance(event, Progress):
            return event
        if self.offset is None:  # the first progress after a restart counts only what is left
            before = self.shown.total if self.shown else 0
            self.offset = max(0, before - event.total)
        done = event.done + self.offset
        self.shown = replace(
            event, done=max(done, self.shown.done if self.shown else 0), total=event.total + self.offset
        )
        return self.shown

    def unsend(self) -> None:
        """The process that had the job is gone."""
        if self.sent and self.shown is not None:
            self.offset = None
        self.sent = False


class JobBook:
    """Running jobs in order of arrival; the caller holds the lock."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, work: Work, listener: Listener) -> None:
        """Enter a job; InvalidInputError where its id is running already."""
        if work.job in self._entries:
            raise InvalidInputError(f"Job {work.job!r} is running already; give every job an id of its own.")
        self._entries[work.job] = Entry(work=work, listener=listener)

    def entry(self, job: str) -> Entry | None:
        """The entry of a running job."""
        return self._entries.get(job)

    def remove(self, job: str) -> Entry | None:
        """Strike out a job."""
        return self._entries.pop(job, None)

    def all(self) -> tuple[Entry, ...]:
        """Every running job."""
        return tuple(self._entries.values())

    def sent(self) -> tuple[str, ...]:
        """Ids of the jobs that the present process has."""
        return tuple(job for job, entry in self._entries.items() if entry.sent)

    def unsent(self) -> tuple[Entry, ...]:
        """Jobs that the present process does not have."""
        return tuple(entry for entry in self._entries.values() if not entry.sent)
