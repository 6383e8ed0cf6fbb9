"""Which ballots a battle takes, by its form."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.errors import InvalidInputError
from core.domain.voting import SHARES, Ballot, BattleForm, Verdict

MOST_SLOTS = 4


def allowed_verdicts(form: BattleForm) -> tuple[Verdict, ...]:
    """What may be said of a battle of this form."""
    return (Verdict.ORDERED,) if form is BattleForm.BEST_TO_WORST else tuple(SHARES)


def check_slots(form: BattleForm, slots: Sequence[str]) -> None:
    """InvalidInputError unless the form can show so many systems: two, or of best-to-worst up to MOST_SLOTS."""
    most = MOST_SLOTS if form is BattleForm.BEST_TO_WORST else 2
    if not 2 <= len(slots) <= most:
        raise InvalidInputError(f"A battle of the form {form} with {len(slots)} systems. Allowed: 2 to {most}.")
    if not all(slots):
        raise InvalidInputError(f"A battle of the form {form} has a slot without a system.")


def check_ballot(form: BattleForm, slots: Sequence[str], ballot: Ballot) -> None:
    """InvalidInputError unless the ballot fits: the verdict is one of the form's, an order names every slot once and
    comes with ORDERED only, no document is marked twice and no reason given twice."""
    allowed = allowed_verdicts(form)
    if ballot.verdict not in allowed:
        raise InvalidInputError(
            f"The verdict {ballot.verdict} on a battle of the form {form}. Allowed: {', '.join(allowed)}."
        )
    named = sorted(slot for level in ballot.order for slot in level)
    expected = list(range(len(slots))) if ballot.verdict is Verdict.ORDERED else []
    if named != expected or not all(ballot.order):
        raise InvalidInputError(f"The order {_spelled(ballot.order)} must name the slots {expected}, each once.")
    documents = [mark.document for mark in ballot.marks]
    if len(set(documents)) < len(documents) or not all(documents):
        raise InvalidInputError("Every mark names another document of the battle.")
    if len(set(ballot.reasons)) < len(ballot.reasons):
        raise InvalidInputError("Every reason is given once.")


def _spelled(order: Sequence[Sequence[int]]) -> str:
    return str([list(level) for level in order])
