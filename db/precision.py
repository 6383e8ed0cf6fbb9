"""Checks of lower precisions (domain.ports.PrecisionStore)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, func, insert, select

from core.domain.precision import PrecisionCheck
from db.benchmark_schema import precision_checks
from db.part import StorePart

_COLUMNS = ("system", "device", "measured_at")


class SqlPrecision(StorePart):
    """Implements domain.ports.PrecisionStore."""

    def save_precision_check(self, check: PrecisionCheck) -> None:
        """Append; the newest of (system, device) counts."""
        fields = asdict(check)
        row = {name: fields.pop(name) for name in _COLUMNS}
        with self.database.write("precision NOT saved") as connection:
            connection.execute(insert(precision_checks), {**row, "figures": fields})

    def precision_checks(self) -> tuple[PrecisionCheck, ...]:
        """The newest of every (system, device), newest first."""
        key = (precision_checks.c.system, precision_checks.c.device)
        last = select(func.max(precision_checks.c.number).label("number")).group_by(*key).subquery()
        newest = select(precision_checks).join(last, last.c.number == precision_checks.c.number)
        with self.database.read() as connection:
            rows = connection.execute(newest.order_by(precision_checks.c.number.desc()))
            return tuple(_check(row) for row in rows)


def _check(row: Row[Any]) -> PrecisionCheck:
    figures: dict[str, Any] = dict(row.figures)
    models = tuple(figures.pop("models"))
    return PrecisionCheck(system=row.system, device=row.device, measured_at=row.measured_at, models=models, **figures)
