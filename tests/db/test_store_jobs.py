"""Jobs: found again, updated, ended once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.errors import UnknownNameError
from core.domain.jobs import Job, JobKind, JobState
from db.store import SqlStore
from tests.support.stored import NOON


def job(id: str, state: JobState = JobState.QUEUED, minutes: int = 0) -> Job:
    return Job(
        id=id,
        kind=JobKind.PREPARE,
        state=state,
        title="Prepare the sample",
        request={"systems": ["bm25"], "depth": 20, "labels": None},
        done=0,
        total=5_000_000_000,
        message="",
        created_at=NOON + timedelta(minutes=minutes),
        updated_at=NOON,
        owner="web-1",
    )


def test_job_comes_back_whole_and_is_replaced_whole(store: SqlStore) -> None:
    store.save_job(job("j1"))
    assert store.job("j1") == job("j1")
    changed = replace(job("j1", JobState.RUNNING), done=7, message="on it", request=None, owner="")
    store.save_job(changed)
    assert store.job("j1") == changed


def test_update_changes_only_what_is_given_and_the_time(store: SqlStore) -> None:
    store.save_job(job("j1"))
    store.update_job("j1", state=JobState.RUNNING, done=3, message="m")
    found = store.job("j1")
    assert found.updated_at > NOON
    assert replace(found, updated_at=NOON) == replace(job("j1", JobState.RUNNING), done=3, message="m")


def test_zero_and_empty_are_values(store: SqlStore) -> None:
    store.save_job(replace(job("j1"), done=4, message="old"))
    store.update_job("j1", done=0, message="", owner="")
    found = store.job("j1")
    assert (found.done, found.message, found.owner) == (0, "", "")


@pytest.mark.parametrize("ended", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_ended_job_stays_ended_until_queued_again(store: SqlStore, ended: JobState) -> None:
    store.save_job(job("j1", ended))
    store.update_job("j1", state=JobState.RUNNING, done=9, message="late")
    assert store.job("j1") == job("j1", ended)
    store.update_job("j1", state=JobState.QUEUED, done=1)
    assert (store.job("j1").state, store.job("j1").done) == (JobState.QUEUED, 1)


def test_unknown_job_is_an_error(store: SqlStore) -> None:
    with pytest.raises(UnknownNameError, match="job 'nothing'"):
        store.job("nothing")
    with pytest.raises(UnknownNameError, match="job 'nothing'"):
        store.update_job("nothing", done=1)


def test_newest_first_active_only_and_limit(store: SqlStore) -> None:
    for minutes, (id, state) in enumerate(
        [("old", JobState.RUNNING), ("done", JobState.DONE), ("new", JobState.QUEUED), ("failed", JobState.FAILED)]
    ):
        store.save_job(job(id, state, minutes))
    assert [j.id for j in store.jobs()] == ["failed", "new", "done", "old"]
    assert [j.id for j in store.jobs(active_only=True)] == ["new", "old"]
    assert [j.id for j in store.jobs(limit=2)] == ["failed", "new"]
