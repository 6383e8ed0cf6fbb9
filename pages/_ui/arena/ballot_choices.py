"""What can be answered to each form of battle, and the ballot that an answer makes with what was said in the lists."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.voting import Ballot, BattleForm, Verdict
from pages._ui.arena.arena_said import Said
from pages._ui.arena.reveal_line import LETTERS, SAID
from pages._ui.wording import counted

SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One button. ``needs``: whether something must have been said in the lists before it opens, or must not."""

    name: str
    label: str
    key: str
    verdict: Verdict
    primary: bool = False
    needs: bool | None = None


_NONE_USEFUL = "none-useful"
CHOICES = {
    BattleForm.SIDE_BY_SIDE: (
        Choice(name="left", label="A is better", key="1", verdict=Verdict.LEFT, primary=True),
        Choice(name="equal", label="Equally good", key="2", verdict=Verdict.EQUAL),
        Choice(name="both-bad", label="Both bad", key="3", verdict=Verdict.BOTH_BAD),
        Choice(name="right", label="B is better", key="4", verdict=Verdict.RIGHT, primary=True),
    ),
    BattleForm.INTERLEAVED: (
        Choice(name="done", label="Done", key="1", verdict=Verdict.EQUAL, primary=True, needs=True),
        Choice(name=_NONE_USEFUL, label="None is useful", key="2", verdict=Verdict.BOTH_BAD, needs=False),
    ),
    BattleForm.BEST_TO_WORST: (
        Choice(name="done", label="Done", key="1", verdict=Verdict.ORDERED, primary=True, needs=True),
    ),
}


def ballot(form: BattleForm, choice: Choice, said: Said) -> Ballot | str:
    """The ballot, or what is missing as a sentence: a click may be older than what the lists say by then."""
    if form is BattleForm.BEST_TO_WORST:
        if not said.order:
            return "Give every list a place first; two may share one."
        return Ballot(verdict=Verdict.ORDERED, order=said.order, marks=said.marks, reasons=said.reasons)
    if form is BattleForm.INTERLEAVED and (choice.name == _NONE_USEFUL) is any(mark.useful for mark in said.marks):
        return "Mark the useful passages and press Done; with no mark, None is useful."
    return Ballot(verdict=choice.verdict, marks=said.marks, reasons=said.reasons)


def in_words(form: BattleForm, ballot: Ballot) -> str:
    """What a ballot says, short."""
    if form is BattleForm.BEST_TO_WORST:
        return " > ".join(" = ".join(LETTERS[slot] for slot in level) for level in ballot.order)
    if form is BattleForm.INTERLEAVED:
        return counted(sum(mark.useful for mark in ballot.marks), "useful passage")
    return SAID[ballot.verdict]
