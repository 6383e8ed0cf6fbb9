"""docs/reference.md: what came of the comparisons, strategy by strategy and row by row."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from benchmarks.reference.tally import Row
from core.strategies.about import Fidelity
from core.strategies.base import registered

_HEAD = """# Run beside the reference code

`python -m benchmarks.reference --write docs/reference.md` runs published packages beside the strategies of this
project and counts. Both sides get the same seeded judge, or the same random two-layer model. Nothing is copied: the
packages are imported as they come from PyPI, with empty stand-ins for what needs a GPU or a service.
{where}

A case is one list, one score or one text. **Equal**: the two sides agree, scores to 1e-5 (long frames 1e-4).
**Reference wrong**: they do not, and an independent rule says who is right: a perfect judge's order, the first-stage
order of a judge without preference, the reference's own answer without padding, the formula of the paper.
**Differs**: none of these. Rows that are *aside* count what a known difference amounts to; they decide nothing. A
strategy is called "run against the reference code" only if it is here as equal, or equal where the reference is right;
a test holds it to that.{partly} No trained weights were run.
"""
_COUNTS = "cases | equal | reference wrong | differs"
_STRATEGIES = [f"| strategy | outcome | {_COUNTS} | packages |", "|---|---|---:|---:|---:|---:|---|"]
_ROWS = [f"| strategy | code | on what | {_COUNTS} | |", "|---|---|---|---:|---:|---:|---:|---|"]


def document(data: dict[str, Any]) -> str:
    """The whole page."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "sentence-transformers"))
    where = f"Python {platform.python_version()}, {libraries}, on the CPU."
    lines = [_HEAD.format(where=where, partly=_partly(data["strategies"])), *_STRATEGIES]
    for name, entry in data["strategies"].items():
        counts = " | ".join(f"{entry[key]:,}" for key in ("cases", "equal", "reference_wrong", "differs"))
        lines.append(f"| {name} | {entry['outcome']} | {counts} | {', '.join(entry['packages'])} |")
    for name, suite in data["suites"].items():
        lines += ["", f"## {name}", "", f"Run on {suite['date']}.", "", *_ROWS]
        lines += [_row(Row(**row)) for row in suite["rows"]]
    return "\n".join([*lines, ""])


def _partly(names: Iterable[str]) -> str:
    """Who is here and makes no such claim."""
    known = registered()
    found = [name for name in names if known[name].about.fidelity is not Fidelity.REFERENCE]
    return f" Compared in part, so without that claim: {', '.join(found)}." if found else ""


def _row(row: Row) -> str:
    told = "; ".join(part for part in ("*aside*" if row.aside else "", row.note) if part)
    code = f"{row.package}: {row.code}"
    differs = row.ours_wrong + row.unlike
    cells = (row.strategy, code, row.setting, f"{row.cases:,}", f"{row.equal:,}", f"{row.reference_wrong:,}")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (*cells, f"{differs:,}", told)) + " |"
