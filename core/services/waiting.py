"""What work waits for that the engine has not taken up yet."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.jobs import Job, JobKind
from core.domain.work import EngineStatus

_LOADING = "loading "
_OF_PEOPLE = frozenset({JobKind.COMPARE, JobKind.TRACE})
_AT_THE_ENGINE = _OF_PEOPLE | {JobKind.PREPARE, JobKind.BENCHMARK, JobKind.PRECISION}
_STATES = {
    "starting": "the engine is starting",
    "restarting": "the engine is being restarted",
    "failed": "the engine does not start",
}


def waits_for(status: EngineStatus, others: Sequence[Job]) -> str:
    """In words; empty where nothing is known to be in the way. ``others``: jobs that have not ended.

    Work in the background is interrupted in the middle of a batch for people, so it keeps nobody waiting for longer
    than a layer of a model takes, or one small batch where people have interrupted it ten times in a row; only the
    loading of a model cannot be interrupted.
    """
    if status.state in _STATES:
        return _STATES[status.state]
    working = [job for job in others if job.kind in _AT_THE_ENGINE]
    loading = next((job for job in working if job.message.startswith(_LOADING)), None)
    if loading is not None:
        return f"waiting until {loading.message.removeprefix(_LOADING)} is loaded for: {loading.title}"
    person = next((job for job in working if job.kind in _OF_PEOPLE), None)
    if person is not None:
        return f"waiting for one batch of: {person.title}"
    return f"waiting for one batch of: {working[0].title}" if working else ""
