"""How figures, times and titles are written, the same on every screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from core.domain.counting import counted as counted
from core.domain.documents import Document
from pages._ui.escape import shorten

TITLE_LIMIT = 90
UNKNOWN = "\u2013"  # a dash, where there is no figure
Table = dict[str, Sequence[object]]  # column names to cells


def title_of(document: Document) -> str:
    """The title of a passage, or the beginning of its text where it has none."""
    return " ".join(document.title.split()) or shorten(" ".join(document.text.split()), TITLE_LIMIT) or document.id


def number(value: float) -> str:
    """A score or measure with about four significant digits."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 0.001 else f"{value:.4g}"


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def seconds(value: float) -> str:
    """A duration as a person would say it."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 90:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    if value < 5400:
        return f"{value / 60:.0f} min"
    return f"{value / 3600:.1f} h"


def size(count: float) -> str:
    """Bytes as MB or GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def ago(moment: datetime) -> str:
    """How long ago, roughly."""
    passed = (datetime.now(UTC) - moment).total_seconds()
    if passed < 60:
        return "just now"
    if passed < 3600:
        return f"{passed / 60:.0f} min ago"
    if passed < 48 * 3600:
        return f"{passed / 3600:.0f} h ago"
    return f"{passed / 86400:.0f} days ago"
