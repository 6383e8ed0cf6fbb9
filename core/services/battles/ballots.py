"""Whether a ballot answers its battle, and the verdict that the marks of an interleaved battle amount to."""

from __future__ import annotations

from dataclasses import replace

from core.domain.errors import InvalidInputError
from core.domain.voting import SHARES, Ballot, Battle, BattleForm, Verdict
from core.measures.interleaving import Credit, credit
from core.services.battles.slot_orders import Orders, documents_shown, draft_of


def settled(ballot: Ballot, battle: Battle, orders: Orders) -> Ballot:
    """The ballot as it is recorded; ``orders`` are those of the battle's slots.

    Of an interleaved battle the given verdict is ignored and computed from the marks. InvalidInputError: a verdict
    or an order that the form does not have, a mark on a document that was not shown, two marks on one document.
    """
    _check_marks(ballot, battle, orders)
    reasons = tuple(dict.fromkeys(ballot.reasons))
    if battle.form is BattleForm.INTERLEAVED:
        verdict = verdict_of(credit_of(ballot, battle, orders))
        return replace(ballot, verdict=verdict, order=(), reasons=reasons)
    if battle.form is BattleForm.BEST_TO_WORST:
        _check_order(ballot, len(battle.slots))
    elif ballot.verdict not in SHARES or ballot.order:
        raise InvalidInputError(f"Two lists take one of the verdicts {', '.join(SHARES)}, not {ballot.verdict}.")
    return replace(ballot, reasons=reasons)


def credit_of(ballot: Ballot, battle: Battle, orders: Orders) -> Credit:
    """Useful documents by team of an interleaved battle."""
    return credit(draft_of(battle, orders), [mark.document for mark in ballot.marks if mark.useful])


def verdict_of(points: Credit) -> Verdict:
    """More points win; equal points are a tie, and a bad one where nothing was useful."""
    if points.first != points.second:
        return Verdict.LEFT if points.first > points.second else Verdict.RIGHT
    return Verdict.EQUAL if points.first + points.second + points.shared else Verdict.BOTH_BAD


def _check_order(ballot: Ballot, slots: int) -> None:
    placed = [slot for level in ballot.order for slot in level]
    if ballot.verdict is not Verdict.ORDERED or sorted(placed) != list(range(slots)) or not all(ballot.order):
        raise InvalidInputError(f"Put each of the {slots} lists in one place of the order.")


def _check_marks(ballot: Ballot, battle: Battle, orders: Orders) -> None:
    marked = [mark.document for mark in ballot.marks]
    if len(set(marked)) < len(marked):
        raise InvalidInputError("A document is marked twice. Give each one mark at most.")
    if strange := sorted(set(marked) - documents_shown(battle, orders)):
        raise InvalidInputError(f"Document {strange[0]!r} is not part of this battle and cannot be marked.")
