"""The outcome as one table, as JSON and as charts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.speed.outcome import Outcome, Row, Series

ABOUT = """\
Written by `make bench` (`{command}`). Every comparison runs in one process, our program and the others taking turns
round by round; a ratio is the median of the rounds' own ratios, with the extremes beside it. "From text" has
everything, tokenising included, with our memory of texts emptied before every round; "compute" leaves out tokenising,
which is timed by itself in every round, for ours and for theirs. A peer whose scores differ from ours by more than
1e-4, or whose rankings differ at all, gets no ratio and is not timed further. The cross-encoder has the shape and the
weights of all-MiniLM-L6-v2 under a random head, since no cross-encoder is bundled; the language model is
SmolLM2-135M-Instruct. Everything is fp32.
"""
ABOUT_GPU = """\
Written by `{command}`. Weights are random (speed does not depend on them) and bf16, logits fp32. Scores in bf16 agree
to fewer digits, so the gate is wider: see the tolerance in every row.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """Circumstances. ``load``: average of the minute before; ``rehearsal``: the figures are too small to mean much."""

    machine: str
    threads: int
    jobs: int = 1
    processor_time: bool = False
    load: float
    minutes: float
    beside: str
    command: str
    gpu: bool = False
    rehearsal: bool = False


def markdown(outcome: Outcome, how: How) -> str:
    """The whole document."""
    about = (ABOUT_GPU if how.gpu else ABOUT).format(command=how.command)
    threads = f"{how.threads} thread{'s' if how.threads > 1 else ''}"
    at_once = f"; {how.jobs} comparisons at a time, each on cores of its own" if how.jobs > 1 else ""
    at_once += "; seconds are those of the processor" if how.processor_time else ""
    beside = f"; beside it ran {how.beside}" if how.beside else ""
    lines = [f"# Speed{' on a GPU' if how.gpu else ''}", "", about]
    lines.append(
        f"Measured on {how.machine}; {threads}{at_once}; load average before the run {how.load:.1f}{beside}; "
        f"{how.minutes:.0f} minutes in all."
    )
    if how.rehearsal:
        lines += ["", "**A rehearsal with small sizes: it shows that everything runs, not how fast.**"]
    lines += ["", summary(outcome.rows), "", *table(outcome.rows), ""]
    lines += [f"- {fact}" for fact in outcome.facts]
    if outcome.series:
        lines += ["", *series_table(outcome.series)]
    return "\n".join(lines).rstrip() + "\n"


def summary(rows: Sequence[Row]) -> str:
    """How many lines are passed, in a sentence."""
    verdicts = [row.verdict for row in rows]
    counts = [f"{verdicts.count(name)} {name}" for name in ("passed", "missed", "refused")]
    return f"Lines: {', '.join(counts)}."


def table(rows: Sequence[Row]) -> list[str]:
    """One line of Markdown per row."""
    lines = [
        "| workload | figure | line | measured | min to max | rounds | ours, theirs | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        seconds = "" if row.seconds is None else f"{_number(row.seconds[0])} s, {_number(row.seconds[1])} s"
        span = "" if row.low is None or row.high is None else f"{_number(row.low)} to {_number(row.high)}"
        rounds = str(row.rounds) if span else ""
        cells = [row.workload, row.figure, _line(row), _amount(row), span, rounds, seconds, _remark(row)]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return lines


def series_table(series: Sequence[Series]) -> list[str]:
    """What the scaling chart shows, in figures."""
    lines = ["| family | against | seconds | peak MB over the loaded model |", "|---|---|---|---|"]
    for one in series:
        seconds = ", ".join(f"{x:,}: {_number(value)}" for x, value in zip(one.x, one.seconds, strict=True))
        memory = ", ".join(f"{x:,}: {value:.0f}" for x, value in zip(one.x, one.peak_mb, strict=True))
        lines.append(f"| {one.family} | {one.axis} | {seconds} | {memory} |")
    return lines


def write(outcome: Outcome, how: How, docs: Path) -> None:
    """Document, JSON and charts; those of the GPU have names of their own."""
    from benchmarks.speed import charts

    stem = "speed-gpu" if how.gpu else "speed"
    text = markdown(outcome, how)
    pictures = {}
    if any(row.seconds and row.unit == "x" for row in outcome.rows):
        pictures[f"{stem}.svg"] = charts.ratios(outcome.rows)
    if outcome.series:
        pictures[f"{stem}-scaling.svg"] = charts.scaling(outcome.series)
    for name, picture in pictures.items():
        (docs / name).write_text(picture, "utf-8")
    shown = "\n\n".join(f"![{_alternative(name)}]({name})" for name in pictures)
    (docs / f"{stem}.md").write_text(f"{text}\n{shown}\n", "utf-8")
    (docs / f"{stem}.json").write_text(json.dumps({"how": asdict(how), **outcome.as_json()}, indent=1) + "\n", "utf-8")


def _alternative(name: str) -> str:
    if "scaling" in name:
        return "Time and memory against the number of documents and of queries"
    return "How many times as long every peer takes, with the line to pass"


def _line(row: Row) -> str:
    if row.line is None:
        return ""
    return f"{'at least' if row.at_least else 'at most'} {_with_unit(row.line, row.unit)}"


def _amount(row: Row) -> str:
    return "" if row.value is None else _with_unit(row.value, row.unit)


def _with_unit(value: float, unit: str) -> str:
    return f"{_number(value)}{'x' if unit == 'x' else f' {unit}' if unit else ''}"


def _remark(row: Row) -> str:
    told = f"refused: {row.refused}" if row.refused else row.verdict
    return "; ".join(part for part in (told, row.note) if part and not (row.refused and part == row.note))


def _number(value: float) -> str:
    if value == int(value):
        return f"{value:,.0f}"
    size = abs(value)
    if size < 0.01:
        return f"{value:.1e}"
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
