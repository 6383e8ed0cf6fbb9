"""What the detectors say: flags on voters, and a summary of every voter. A person decides what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What kind of evidence a flag rests on. Honest people of another taste are flagged by DISAGREEMENT too."""

    CONTROLS = "controls"
    BEHAVIOUR = "behaviour"
    DISAGREEMENT = "disagreement"


class FlagKind(StrEnum):
    """One kind of flag per test; SIDE and ONE_SIDE are one test (the latter: 95 % or more on one side)."""

    CONTROLS_MISSED = "controls-missed"  # gold, repeats and same-system battles answered as a coin would
    CONTROLS_SIDE = "controls-side"  # one side preferred where the systems were the same or had changed sides
    SIDE = "side"
    ONE_SIDE = "one-side"
    ALWAYS_TIE = "always-tie"
    TOO_FAST = "too-fast"
    TARGETED = "targeted"
    NO_INFORMATION = "no-information"

    @property
    def family(self) -> Family:
        """Where it is listed."""
        return _FAMILIES[self]


_FAMILIES = {
    FlagKind.CONTROLS_MISSED: Family.CONTROLS,
    FlagKind.CONTROLS_SIDE: Family.CONTROLS,
    FlagKind.SIDE: Family.BEHAVIOUR,
    FlagKind.ONE_SIDE: Family.BEHAVIOUR,
    FlagKind.ALWAYS_TIE: Family.BEHAVIOUR,
    FlagKind.TOO_FAST: Family.BEHAVIOUR,
    FlagKind.TARGETED: Family.DISAGREEMENT,
    FlagKind.NO_INFORMATION: Family.DISAGREEMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A voter who is unlikely to be honest as ``kind`` describes.

    ``p_value``: of an honest voter doing this or more, with taste and habit as they vary between voters; already
    times the number of systems and directions tried. ``observed`` of ``trials`` against ``expected`` of an honest
    voter, in the unit that ``sentence`` names. ``system``: only of TARGETED.
    """

    voter: str
    kind: FlagKind
    p_value: float
    observed: float
    expected: float
    trials: int
    sentence: str
    system: str = ""

    @property
    def family(self) -> Family:
        """Where it is listed."""
        return self.kind.family


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterSummary:
    """Figures of one voter; NaN where nothing of the kind is known.

    ``votes``: rated ones. ``left_share``: of decided votes with sides. ``tie_share``: of comparisons.
    ``agreement``: share of decided comparisons won by the system that the fit without this voter prefers;
    ``expected_agreement``: what that fit expects of an average voter. ``median_seconds``: from shown to voted.
    """

    voter: str
    votes: int
    left_share: float
    tie_share: float
    agreement: float
    expected_agreement: float
    gold_right: int
    gold_total: int
    repeats_consistent: int
    repeats_total: int
    same_tied: int
    same_total: int
    median_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """``flags``: by voter, then family, then p-value. ``voters``: everybody with a vote or a control, by name.

    ``rounds``: how often the fit was made without the flagged.
    """

    flags: tuple[Flag, ...]
    voters: tuple[VoterSummary, ...]
    rounds: int

    def flagged(self, *families: Family) -> frozenset[str]:
        """Voters with a flag of one of these families, of any where none is named."""
        return frozenset(flag.voter for flag in self.flags if not families or flag.family in families)
