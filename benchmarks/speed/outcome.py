"""What a workload hands back: rows of the table, and series for the charts. Plain data that goes through JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. ``value``: None where it is refused or was only told in words; ``low``, ``high``: extremes over
    ``rounds``. ``line``: what it has to reach, at least or at most. ``seconds``: medians of ours and theirs."""

    workload: str
    figure: str
    unit: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    rounds: int = 1
    line: float | None = None
    at_least: bool = True
    seconds: tuple[float, float] | None = None
    refused: str = ""
    note: str = ""

    @property
    def verdict(self) -> str:
        """ "passed" or "missed" where there is a line, "refused" where nothing may be said, else empty."""
        if self.refused:
            return "refused"
        if self.line is None or self.value is None:
            return ""
        reached = self.value >= self.line if self.at_least else self.value <= self.line
        return "passed" if reached else "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Time and memory of one family: ``seconds`` and ``peak_mb`` (over the loaded model) at every ``x``."""

    family: str
    axis: str
    x: tuple[int, ...]
    seconds: tuple[float, ...]
    peak_mb: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``facts``: what is worth telling once, such as the collection and the number of tokens."""

    rows: tuple[Row, ...] = ()
    series: tuple[Series, ...] = ()
    facts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a file or a pipe."""
        rows = [{**asdict(row), "verdict": row.verdict} for row in self.rows]
        return {"rows": rows, "series": [asdict(one) for one in self.series], "facts": list(self.facts)}


def outcome_from(value: Mapping[str, Any]) -> Outcome:
    """What ``as_json`` made."""
    rows = []
    for found in value["rows"]:
        fields = {name: field for name, field in found.items() if name != "verdict"}
        fields["seconds"] = None if found["seconds"] is None else tuple(found["seconds"])
        rows.append(Row(**fields))
    series = []
    for found in value["series"]:
        lists = {name: tuple(found[name]) for name in ("x", "seconds", "peak_mb")}
        series.append(Series(family=found["family"], axis=found["axis"], **lists))
    return Outcome(rows=tuple(rows), series=tuple(series), facts=tuple(value["facts"]))
