"""Work in a thread of this process: progress, stopping, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.bootstrap import App
from core.domain.errors import CancelledError, InvalidInputError, StorageBusyError
from core.domain.jobs import Job, JobKind, JobState
from core.services.task import InterruptedTaskError, Task
from tests.support.waiting import until


def begin(app: App, body: Callable[[Task], str], **fields: Any) -> Job:
    return app.jobs.work(body, kind=JobKind.IMPORT, title="t", request={"x": 1}, **fields)


def test_progress_and_the_last_word(app: App) -> None:
    go, heard = threading.Event(), []

    def body(task: Task) -> str:
        task.report(done=1, total=3, message="first")
        go.wait(5)
        task.advance()
        return "over"

    job = begin(app, body, total=2, then=heard.append)
    assert (job.state, job.total) == (JobState.RUNNING, 2)
    seen = until(lambda: (now := app.jobs.get(job.id)).message == "first" and now)
    assert isinstance(seen, Job)
    assert (seen.done, seen.total) == (1, 3)
    go.set()
    ended = app.jobs.wait(job.id, 5)
    assert (ended.state, ended.done, ended.message) == (JobState.DONE, 2, "over")
    stored = app.store.job(job.id)
    assert (stored.state, stored.done, stored.total, stored.message) == (JobState.DONE, 2, 3, "over")
    assert until(lambda: heard) == [ended]


def test_cancel_stops_what_goes_on_inside(app: App) -> None:
    inner = threading.Event()

    def body(task: Task) -> str:
        with task.stopped_by(inner.set):
            inner.wait(5)
        task.check()
        return "not stopped"

    job = begin(app, body)
    app.jobs.cancel(job.id)
    assert app.jobs.wait(job.id, 5).state is JobState.CANCELLED
    assert app.store.job(job.id).message == "Cancelled."


def test_what_begins_after_cancelling_is_stopped_at_once(app: App) -> None:
    task = Task(app.store, app.jobs.get(begin(app, lambda _task: "").id))
    task.cancel()
    stopped: list[str] = []
    with task.stopped_by(lambda: stopped.append("a")):
        assert stopped == ["a"]


@pytest.mark.parametrize(
    ("error", "state", "message"),
    [
        (InvalidInputError("No such thing."), JobState.FAILED, "No such thing."),
        (CancelledError("by the reader"), JobState.CANCELLED, "Cancelled."),
        (ZeroDivisionError("division by zero"), JobState.FAILED, "ZeroDivisionError: division by zero"),
    ],
)
def test_how_it_ends(app: App, error: Exception, state: JobState, message: str) -> None:
    def body(_task: Task) -> str:
        raise error

    ended = app.jobs.wait(begin(app, body).id, 5)
    assert (ended.state, ended.message) == (state, message)


@pytest.mark.parametrize("error", [CancelledError("x"), InterruptedTaskError("x")])
def test_closing_leaves_the_job_to_the_next_process(app: App, error: Exception) -> None:
    started = threading.Event()

    def body(task: Task) -> str:
        started.set()
        until(task.cancelled)
        raise error

    heard: list[Job] = []
    job = begin(app, body, then=heard.append)
    assert started.wait(5)
    app.jobs.close()
    assert (app.store.job(job.id).state, heard) == (JobState.RUNNING, [])


def test_progress_that_cannot_be_written_costs_nothing_else(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_given: object, **_fields: object) -> None:
        raise StorageBusyError("busy")

    monkeypatch.setattr(app.store, "update_job", busy)
    assert app.jobs.wait(begin(app, lambda task: task.report(done=1) or "over").id, 5).state is JobState.DONE


def test_an_import_of_a_dead_process_is_closed_and_says_that_nothing_was_imported(app: App) -> None:
    job = begin(app, lambda _task: "")
    app.jobs.wait(job.id, 5)
    app.store.save_job(replace(job, id="old", state=JobState.RUNNING, owner="1-dead"))
    assert app.jobs.resume() == ()
    found = app.store.job("old")
    assert (found.state, found.message) == (JobState.CANCELLED, "Interrupted; nothing was imported. Import it again.")


def test_a_kind_is_resumed_by_whoever_said_so(app: App) -> None:
    done = app.jobs.wait(begin(app, lambda _task: "").id, 5)
    app.store.save_job(replace(done, id="old", state=JobState.RUNNING, owner="1-dead"))
    app.jobs.resumed_by(JobKind.IMPORT, lambda job: begin(app, lambda _task: f"again {job.id}", job_id=job.id))
    (taken,) = app.jobs.resume()
    assert taken.id == "old"
    assert app.jobs.wait("old", 5).message == "again old"


@pytest.mark.parametrize("error", [CancelledError("x"), InterruptedTaskError("x")])
def test_what_a_person_cancelled_stays_cancelled_when_the_process_closes(app: App, error: Exception) -> None:
    started, go = threading.Event(), threading.Event()

    def body(_task: Task) -> str:
        started.set()
        go.wait(5)
        raise error

    job = begin(app, body)
    assert started.wait(5)
    app.jobs.cancel(job.id)
    closing = threading.Thread(target=app.jobs.close)
    closing.start()
    go.set()
    closing.join(5)
    assert app.store.job(job.id).state is JobState.CANCELLED


def test_only_one_process_takes_over_a_job(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have seen that its process is gone; the other one was quicker."""
    done = app.jobs.wait(begin(app, lambda _task: "").id, 5)
    left = replace(done, id="old", state=JobState.RUNNING, owner="1-dead")
    app.store.save_job(left)
    app.jobs.resumed_by(JobKind.IMPORT, lambda job: begin(app, lambda _task: "again", job_id=job.id))
    assert app.store.claim_job("old", "1-dead", "2-other")
    assert not app.store.claim_job("old", "1-dead", "3-third")
    assert app.jobs.take_over(left) is None
    assert app.store.job("old").owner == "2-other"
