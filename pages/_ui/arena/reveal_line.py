"""The one calm line after a vote: what was said, what stood behind the slots, what others or the labels say."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.voting import BattleForm, Control, Verdict
from core.services.battles.reveals import Reveal
from pages._ui.escape import code
from pages._ui.wording import listed

SAID = {
    Verdict.LEFT: "A is better",
    Verdict.RIGHT: "B is better",
    Verdict.EQUAL: "equally good",
    Verdict.BOTH_BAD: "both bad",
}
LETTERS = "ABCD"


def sentence(reveal: Reveal) -> str:
    """Markdown of one line; every name in it is escaped."""
    if reveal.control is not Control.NONE:
        return _check(reveal)
    if reveal.form is BattleForm.BEST_TO_WORST:
        return f"You said: {_order(reveal)}. {_several(reveal)}"
    if reveal.form is BattleForm.INTERLEAVED:
        return f"{_teams(reveal)} {_pair(reveal)}"
    return f"You said {SAID[reveal.verdict]}. {_names(reveal)} {_pair(reveal)}"


def _names(reveal: Reveal) -> str:
    return ", ".join(f"{letter} was {code(name)}" for letter, name in zip(LETTERS, reveal.names, strict=False)) + "."


def _check(reveal: Reveal) -> str:
    """A control: honest about what it was, and that no board counts it."""
    said = f"You said {SAID[reveal.verdict]}."
    known = reveal.known
    if reveal.control is Control.SAME_SYSTEM:
        return f"{said} This was a check, which no board counts: both lists were the same one, of {code(reveal.left)}."
    if reveal.control is Control.SWAPPED:
        then = "This was a check, which no board counts: you have judged these two lists before with the sides swapped"
        if known is not None:
            then += (
                ", and said the same" if known.met else f"; as they stand now, you said then: {SAID[known.expected]}"
            )
        return f"{said} {then}. {_names(reveal)}"
    answer = "" if known is None else f" The answer is: {SAID[known.expected]}."
    return f"{said} This was a check with a known answer, which no board counts. {_names(reveal)}{answer}"


def _order(reveal: Reveal) -> str:
    """``1. C `x`, 2. A `y` and B `z```: level slots share a place."""
    levels = [listed([f"{LETTERS[slot]} {code(reveal.names[slot])}" for slot in level]) for level in reveal.order]
    return ", ".join(f"{place}\\. {level}" for place, level in enumerate(levels, 1))


def _several(reveal: Reveal) -> str:
    if reveal.agreement.of:
        return f"Others agree on {reveal.agreement.same} of {reveal.agreement.of} comparisons of two of these."
    if reveal.labels is None:
        return "Nobody else has judged these on this query yet."
    return f"nDCG@10 by the relevance labels: {_by_slot(reveal.labels)}."


def _teams(reveal: Reveal) -> str:
    left, right = code(reveal.left), code(reveal.right)
    made = f"The list was made of {left} and {right};"
    first, second = reveal.credit or (0, 0)
    shared = sum(part.slot is None and part.useful is True for part in reveal.merged)
    if not first + second + shared:
        return f"{made} you found nothing useful in it."
    both = f" (and {shared} that both begin with)" if shared else ""
    return f"{made} you credited {left} {first}, {right} {second}{both}."


def _pair(reveal: Reveal) -> str:
    total = sum(reveal.others.values())
    if total:
        agreed = reveal.others.get(reveal.verdict, 0)
        return f"You agree with {agreed} of {total} {'other' if total == 1 else 'others'}."
    if reveal.labels is None:
        return "Nobody else has judged this pair on this query yet."
    left, right = reveal.labels
    if abs(left - right) < 0.005:
        return f"The relevance labels see no difference (nDCG@10 {left:.2f} each)."
    first = 0 if left > right else 1
    if reveal.form is BattleForm.INTERLEAVED:
        return f"The relevance labels prefer {code(reveal.names[first])} (nDCG@10 {left:.2f} and {right:.2f})."
    return f"The relevance labels prefer {LETTERS[first]} (nDCG@10: {_by_slot(reveal.labels)})."


def _by_slot(values: Sequence[float]) -> str:
    return ", ".join(f"{letter} {value:.2f}" for letter, value in zip(LETTERS, values, strict=False))
