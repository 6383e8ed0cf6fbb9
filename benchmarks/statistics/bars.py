"""A bar: a property of a method, what it must reach, what was measured, and how sure that is.

Every suite is a module of this package with ``suite(seed, percent) -> Iterator[Bar]``; ``percent`` is a
factor of what the suite does by itself (100: as documented, 10: a quick look).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.wilson import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of docs/statistics.md.

    ``measured``, ``low``, ``high``: a share (0 to 1) or a figure in ``unit`` with its 95 % limits. ``bar``: in words.
    ``reached``: None where the row is only told. ``note``: what was tried where a bar is missed.
    """

    suite: str
    setting: str
    bar: str
    measured: float
    low: float
    high: float
    n: int
    reached: bool | None
    unit: str = "share"
    note: str = ""

    def __post_init__(self) -> None:
        """Python's own numbers and truths instead of numpy's: they can be written as JSON and compared by ``is``."""
        for name in ("measured", "low", "high"):
            object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "n", int(self.n))
        if self.reached is not None:
            object.__setattr__(self, "reached", bool(self.reached))


def share_bar(
    suite: str,
    setting: str,
    bar: str,
    hits: float,
    n: int,
    *,
    at_least: float = 0.0,
    at_most: float = 1.0,
    clusters: int | None = None,
    note: str = "",
) -> Bar:
    """A share of ``n`` trials. ``clusters``: independent replications where trials hang together; limits use those.

    Reached where the share itself lies within ``at_least`` and ``at_most``.
    """
    share = hits / n
    low, high = wilson(share, clusters or n)
    return Bar(
        suite=suite,
        setting=setting,
        bar=bar,
        measured=share,
        low=low,
        high=high,
        n=n,
        reached=at_least <= share <= at_most,
        note=note,
    )
