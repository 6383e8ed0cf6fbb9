"""What control battles say of voters, by hand."""

from core.domain.voting import Control
from core.ratings.detectors.evidence import ControlRecord, gold, same_system, swapped
from core.services.votes.controls import SideBias, side_bias_of

RECORDS: tuple[ControlRecord, ...] = (
    same_system("ann", 0.5),
    same_system("ann", 1.0),
    swapped("ann", 0.0, first=1.0),  # the same system won both times
    swapped("ann", 1.0, first=1.0),  # the left side won both times
    swapped("ann", 0.5, first=0.5),
    swapped("ann", 0.0, first=0.5),
    gold("bob", 1.0, best_left=True),
    gold("bob", 1.0, best_left=False),
    gold("bob", 0.5, best_left=False),
    swapped("bob", 0.0, first=0.0),  # the right side won both times
)


def test_side_bias_looks_where_lists_cannot_matter() -> None:
    assert side_bias_of(RECORDS) == SideBias(left=2, right=1, ties=1)
    assert side_bias_of(record for record in RECORDS if record.control is Control.GOLD) == SideBias(
        left=0, right=0, ties=0
    )
