"""What a comparison of systems over the same queries finds; plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Correction(StrEnum):
    """How the family of all pairs is protected from false alarms."""

    HOLM = "holm"  # Holm 1979 on the paired randomisation tests
    TUKEY = "tukey"  # randomised Tukey as max-T with step-down (Carterette 2012; ``randomisation``): the sharper option
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFinding:
    """Systems ``first`` and ``second`` (rows of the input); all differences are first minus second.

    ``low`` to ``high``: t interval of the mean difference, ``bootstrap_low`` to ``bootstrap_high``: percentile
    bootstrap over queries; both at the level of the whole comparison, for this pair alone, and without ends (inf) for a
    single query. ``effect``: mean difference over the standard deviation of the differences (Cohen's d_z), None where
    all differences are equal or only one is there.
    ``p_t``, ``p_randomisation``: two-sided, for this pair alone; ``holm_t``, ``holm_randomisation``: adjusted over all
    pairs; ``p_tukey``: randomised Tukey, adjusted by itself. ``significant``: by the correction that was asked for.
    ``detectable``: the smallest true difference that so many queries find with 80 % probability by a paired t test of
    this pair alone; ``queries_needed``: how many queries such a test takes, with 80 % probability, if the true
    difference is the observed one; None where that is 0, or there is one query only.
    """

    first: int
    second: int
    difference: float
    low: float
    high: float
    bootstrap_low: float
    bootstrap_high: float
    effect: float | None
    p_t: float
    p_randomisation: float
    holm_t: float
    holm_randomisation: float
    p_tukey: float
    significant: bool
    wins: int
    ties: int
    losses: int
    detectable: float
    queries_needed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Significance:
    """``names``, ``means``: per system, as given. ``pairs``: first < second by row, in the order of rows.

    ``letters``: significance groups per system; two systems that share a letter cannot be told apart, and two that do
    not share one differ significantly ("a" holds the best). ``family_detectable``: median of ``detectable``.
    """

    names: tuple[str, ...]
    n: int
    level: float
    draws: int
    seed: int
    correction: Correction
    means: tuple[float, ...]
    pairs: tuple[PairFinding, ...]
    letters: tuple[str, ...]

    def pair(self, first: int, second: int) -> PairFinding:
        """The finding on two rows in any order; its signs belong to the lower row first."""
        low, high = sorted((first, second))
        return next(found for found in self.pairs if (found.first, found.second) == (low, high))
