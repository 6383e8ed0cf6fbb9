"""Jobs and their progress (domain.ports.JobStore)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select, update

from core.domain.errors import UnknownNameError
from core.domain.jobs import Job, JobKind, JobState
from db.part import StorePart, replace
from db.schema import jobs

_ENDED = [str(state) for state in JobState if state.ended]


class SqlJobs(StorePart):
    """Implements domain.ports.JobStore."""

    def save_job(self, job: Job) -> None:
        """Insert or replace."""
        with self.database.write("job NOT saved") as connection:
            replace(connection, jobs, [_row(job)])

    def update_job(
        self,
        id: str,
        *,
        state: JobState | None = None,
        done: int | None = None,
        total: int | None = None,
        message: str | None = None,
        owner: str | None = None,
    ) -> None:
        """Change the given fields and the time of the update; UnknownNameError where absent.

        A job that has ended is left as it is (late progress does not touch it) unless ``state`` is QUEUED.
        """
        given = {
            "state": None if state is None else str(state),
            "done": done,
            "total": total,
            "message": message,
            "owner": owner,
        }
        values: dict[str, object] = {name: value for name, value in given.items() if value is not None}
        change = update(jobs).where(jobs.c.id == id)
        if state is not JobState.QUEUED:
            change = change.where(jobs.c.state.not_in(_ENDED))
        with self.database.write("job NOT updated") as connection:
            if connection.execute(change.values(updated_at=datetime.now(UTC), **values)).rowcount:
                return
            if connection.execute(select(jobs.c.id).where(jobs.c.id == id)).first() is None:
                raise UnknownNameError("job", id)

    def claim_job(self, id: str, before: str, owner: str) -> bool:
        """Make ``owner`` the owner of a job that has not ended and is still owned by ``before``; whether it was."""
        mine = update(jobs).where(jobs.c.id == id, jobs.c.owner == before, jobs.c.state.not_in(_ENDED))
        with self.database.write("job NOT taken over") as connection:
            return bool(connection.execute(mine.values(owner=owner, updated_at=datetime.now(UTC))).rowcount)

    def job(self, id: str) -> Job:
        """One job; UnknownNameError where absent."""
        with self.database.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == id)).one_or_none()
        if row is None:
            raise UnknownNameError("job", id)
        return _job(row)

    def jobs(self, *, active_only: bool = False, limit: int = 50) -> tuple[Job, ...]:
        """Newest first."""
        wanted = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
        if active_only:
            wanted = wanted.where(jobs.c.state.not_in(_ENDED))
        with self.database.read() as connection:
            return tuple(_job(row) for row in connection.execute(wanted))


def _row(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": str(job.kind),
        "state": str(job.state),
        "title": job.title,
        "request": job.request,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "owner": job.owner,
    }


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        state=JobState(row.state),
        title=row.title,
        request=row.request,
        done=row.done,
        total=row.total,
        message=row.message,
        created_at=row.created_at,
        updated_at=row.updated_at,
        owner=row.owner,
    )
