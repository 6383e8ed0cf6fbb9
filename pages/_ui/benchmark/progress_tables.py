"""A plan's progress as tables: what a run would cost, and how far each cell is."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.variants import Variant
from core.services.benchmarks.views import Cell, Progress
from pages._ui.wording import Table, seconds

NOT_MEASURED = "not measured yet"


def forecast_table(progress: Progress) -> Table:
    """A line per system with work left: rankings, model calls and time."""
    rows = [(system, open_ones) for system, cells in by_system(progress).items() if (open_ones := _open(cells))]
    return {
        "System": [system for system, _ in rows],
        "Rankings": [sum(cell.total - cell.done for cell in cells) for _, cells in rows],
        "Model calls": [calls(cells) for _, cells in rows],
        "Time": [time_left(cells) for _, cells in rows],
    }


def matrix(progress: Progress) -> Table:
    """A line per system, a column of finished rankings per form of the lists, then failures and time left."""
    rows = by_system(progress)
    table: Table = {"System": list(rows)}
    for variant in variants(progress):
        held = [next((cell for cell in cells if cell.variant == variant), None) for cells in rows.values()]
        table[variant_shown(variant)] = [None if cell is None else cell.done for cell in held]
    table["Time left"] = [time_left(_open(cells)) if _open(cells) else "" for cells in rows.values()]
    if any(cell.failed for cell in progress.cells):
        table["Failed"] = [sum(cell.failed for cell in cells) or None for cells in rows.values()]
        table["Latest failure"] = [next((cell.reason for cell in cells if cell.reason), "") for cells in rows.values()]
    return table


def totals(progress: Progress) -> dict[str, int]:
    """Column of the matrix to how many rankings make it full."""
    return {
        variant_shown(variant): max(cell.total for cell in progress.cells if cell.variant == variant)
        for variant in variants(progress)
    }


def by_system(progress: Progress) -> dict[str, list[Cell]]:
    """Systems in the order of the plan with their cells."""
    found: dict[str, list[Cell]] = {}
    for cell in progress.cells:
        found.setdefault(cell.system, []).append(cell)
    return found


def variants(progress: Progress) -> list[Variant]:
    """Forms of the lists in the order of the plan."""
    return list(dict.fromkeys(cell.variant for cell in progress.cells))


def variant_shown(variant: Variant) -> str:
    """``Whole lists``, ``First 20``, ``Shuffled 1``."""
    parts = [
        f"first {variant.first}" if variant.first else "",
        f"shuffled {variant.shuffle}" if variant.shuffle else "",
    ]
    said = ", ".join(part for part in parts if part) or "whole lists"
    return said[:1].upper() + said[1:]


def calls(cells: Sequence[Cell]) -> str:
    """``1,200``, or ``about 1,200`` where some are estimated."""
    total = sum(cell.calls for cell in cells)
    return f"{total:,}" if all(cell.exact for cell in cells) else f"about {total:,}"


def time_left(cells: Sequence[Cell]) -> str:
    """A duration, or that nobody has measured it."""
    left = [cell.seconds_left for cell in cells]
    known = [value for value in left if value is not None]
    if len(known) < len(left):
        return NOT_MEASURED
    return f"about {seconds(sum(known))}" if sum(known) >= 1 else "under 1 s"


def finished(progress: Progress) -> tuple[str, ...]:
    """Systems that have ranked every whole list: those whose results are shown."""
    return tuple(cell.system for cell in progress.cells if cell.variant == Variant() and cell.complete)


def _open(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if not cell.complete]
