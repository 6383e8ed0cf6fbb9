"""docs/statistics.md: the table of all suites, written as a whole or brought up to date suite by suite."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.statistics.bars import Bar

_HEAD = "# What the statistics keep"
_ALONE = "Run by themselves since: "
_TABLE = ["| property | setting | bar | measured | limits | n | |", "|---|---|---|---|---|---|---|"]


def document(bars: Sequence[Bar], how: str) -> str:
    """All suites of one run. ``how``: seed, share of the replications, time and machine."""
    about = f"`make statistics SEED=1` simulates voters and queries, fits, and counts. {how}"
    return "\n".join([_HEAD, "", f"{about} Limits are binomial 95 % limits.", "", *_TABLE, *map(_row, bars), ""])


def updated(text: str, bars: Sequence[Bar], how: str) -> str:
    """``text`` with the rows of the properties among ``bars`` exchanged, or put at the end where they are new.

    ``how`` is told in a line of its own above the table, which the next whole run takes away. ValueError where
    ``text`` is no such document.
    """
    lines = text.splitlines()
    if _TABLE[0] not in lines:
        raise ValueError("This is not the document of the suites; write it as a whole, without --only.")
    table = lines.index(_TABLE[0])
    names = list(dict.fromkeys(bar.suite for bar in bars))
    head = [line for line in lines[:table] if line]
    told = [
        line for line in head if line.startswith(_ALONE) and not line.startswith(tuple(_of(name) for name in names))
    ]
    head = [line for line in head if not line.startswith(_ALONE)] + told + [f"{_of(name)}{how}" for name in names]
    rows = [line for line in lines[table + len(_TABLE) :] if line]
    for name in names:
        new = [_row(bar) for bar in bars if bar.suite == name]
        at = next((at for at, row in enumerate(rows) if _property(row) == name), len(rows))
        kept = [row for row in rows if _property(row) != name]
        rows = [*kept[:at], *new, *kept[at:]]
    return "\n".join([part for line in head for part in (line, "")] + [*_TABLE, *rows, ""])


def _of(name: str) -> str:
    return f"{_ALONE}{name}. "


def _property(row: str) -> str:
    return row.split("|")[1].strip()


def _row(bar: Bar) -> str:
    as_share = bar.unit == "share"
    measured, low, high = (
        f"{100 * value:.1f} %" if as_share else f"{value:.3g} {bar.unit}".strip()
        for value in (bar.measured, bar.low, bar.high)
    )
    verdict = {True: "reached", False: "**missed**", None: ""}[bar.reached]
    end = "; ".join(part for part in (verdict, bar.note) if part)
    return f"| {bar.suite} | {bar.setting} | {bar.bar} | {measured} | {low} to {high} | {bar.n:,} | {end} |"
