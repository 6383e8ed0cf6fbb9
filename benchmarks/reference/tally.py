"""What a comparison counted. A case is one list, one score or one text that both sides were given."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

EQUAL = "equal"
WHERE_RIGHT = "equal where the reference is right"
DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison. ``code``: what of ``package`` was run; ``setting``: on what.

    ``cases`` = ``equal`` + ``reference_wrong`` (ours is what an independent rule demands, the reference is not) +
    ``ours_wrong`` (the other way round) + ``unlike`` (no rule says who is right). ``aside``: the two are known to do
    different things here, and the row only says how much that amounts to.
    """

    strategy: str
    package: str
    code: str
    setting: str
    cases: int
    equal: int
    reference_wrong: int = 0
    ours_wrong: int = 0
    unlike: int = 0
    note: str = ""
    aside: bool = False

    @property
    def outcome(self) -> str:
        """What the counts say."""
        if self.cases == 0 or self.ours_wrong or self.unlike:
            return DIFFERS
        return WHERE_RIGHT if self.reference_wrong else EQUAL


@dataclass(slots=True)
class Tally:
    """Counts cases until they become a row."""

    equal: int = 0
    reference_wrong: int = 0
    ours_wrong: int = 0
    unlike: int = 0

    def add(self, same: bool, *, ours: bool | None = None, reference: bool | None = None) -> None:
        """One case. ``ours``, ``reference``: whether each keeps the rule, where there is one; agreeing on something
        that breaks the rule is ours being wrong."""
        if ours is False:
            self.ours_wrong += 1
        elif same:
            self.equal += 1
        elif ours and reference is False:
            self.reference_wrong += 1
        else:
            self.unlike += 1

    def row(self, strategy: str, package: str, code: str, setting: str, *, note: str = "", aside: bool = False) -> Row:
        """The row, with the installed version of ``package``."""
        cases = self.equal + self.reference_wrong + self.ours_wrong + self.unlike
        return Row(
            strategy=strategy, package=f"{package} {version(package)}", code=code, setting=setting, cases=cases,
            equal=self.equal, reference_wrong=self.reference_wrong, ours_wrong=self.ours_wrong, unlike=self.unlike,
            note=note, aside=aside,
        )  # fmt: skip


def verdict(rows: list[Row]) -> str:
    """The outcome of a strategy: the worst of its comparisons, asides left out."""
    found = {row.outcome for row in rows if not row.aside}
    if not found or DIFFERS in found:
        return DIFFERS
    return WHERE_RIGHT if WHERE_RIGHT in found else EQUAL
