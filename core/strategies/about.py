"""What a strategy says of itself to people: how it works, what it costs, how faithful it is, where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fidelity(StrEnum):
    """How sure we are that a strategy does what its paper says."""

    REFERENCE = "run against the reference code"
    PAPER = "from the paper's description"
    OURS = "our choice where the paper leaves it open"
    NONE = "no paper"


class Promise(StrEnum):
    """What a perfect judge gets from a strategy; the contract suite holds it to it."""

    ORDER = "the whole order"
    TOP = "the best k in order"  # k: the parameter ``k``
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """``summary``: in a few sentences, for people. ``cost``: calls of the model as a formula over N documents.

    ``rounds``: calls that have to wait for one another, as a formula. ``fidelity_note``: a sentence on what the
    fidelity concerns. ``weights``: where the strategy needs trained weights, which, and how to get them.
    """

    summary: str = ""
    cost: str = ""
    rounds: str = ""
    strengths: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    fidelity: Fidelity = Fidelity.NONE
    fidelity_note: str = ""
    promise: Promise = Promise.NOTHING
    weights: str = ""


SAYS_NOTHING = About()
