"""A comparison in plain words: who leads, who cannot be told apart from the leader, who beats the baseline."""

from __future__ import annotations

from collections.abc import Sequence

from core.measures.significance.findings import Correction, PairFinding, Significance
from core.services.benchmarks.views import MeasureCell
from core.services.board.standing import listed

WORDS = {
    Correction.HOLM: "Holm",
    Correction.TUKEY: "randomised Tukey",
    Correction.NONE: "not corrected for many comparisons",
}
NO_LABELS = (
    "None of these queries has relevance labels, so nothing can be measured. See on which queries the systems disagree."
)
NOT_YET = "No system has ranked every query yet."


def sentence(measure: str, cells: Sequence[MeasureCell], found: Significance | None, baseline: str) -> str:
    """``cells``: of the first measure, best first, in the order of ``found``. ``found``: None without any row."""
    if found is None or not cells:
        return NOT_YET
    names, cell = found.names, cells[0]
    between = "" if cell.low is None or cell.high is None else f" ({cell.low:.3f} to {cell.high:.3f})"
    queries = f"over {found.n:,} {'query' if found.n == 1 else 'queries'}"
    if len(names) == 1:
        return f"{names[0]} has {measure} {cell.mean:.3f}{between} {queries}. There is nothing to compare it with."
    how = f"{WORDS[found.correction]}, {100 * (1 - found.level):.0f} %"
    said = [f"{names[0]} leads with {measure} {cell.mean:.3f}{between} {queries}", _apart(found, how)]
    if baseline in names:
        said.append(_baseline(found, names.index(baseline)))
    return "; ".join(part for part in said if part) + "."


def beats(found: Significance, row: int, other: int) -> bool:
    """Whether the system of ``row`` is significantly better than that of ``other``."""
    pair = found.pair(row, other)
    return pair.significant and _signed(pair, row) > 0


def _signed(pair: PairFinding, row: int) -> float:
    return pair.difference if pair.first == row else -pair.difference


def _apart(found: Significance, how: str) -> str:
    level = [name for row, name in enumerate(found.names) if row and not found.pair(0, row).significant]
    if not level:
        return f"it differs from {'the other' if len(found.names) == 2 else 'every other'} ({how})"
    if len(level) == len(found.names) - 1 and len(level) > 1:
        return f"no other system can be told apart from it ({how})"
    return f"{listed(level)} cannot be told apart from it ({how})"


def _baseline(found: Significance, row: int) -> str:
    name = found.names[row]
    others = [other for other in range(len(found.names)) if other != row]
    better = [other for other in others if beats(found, other, row)]
    if len(better) == len(others):
        return f"{'all beat' if len(others) > 1 else 'it beats'} {name}"
    if not better:
        return f"{'none beats' if len(others) > 1 or row == 0 else 'it does not beat'} {name}"
    return f"{listed([found.names[other] for other in better])} {'beats' if len(better) == 1 else 'beat'} {name}"
