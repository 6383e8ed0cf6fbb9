"""What control battles say of voters, by hand."""

from core.domain.voting import Control
from core.ratings.detectors.evidence import ControlRecord, gold, same_system, swapped
from core.services.votes.controls import Consistency, SideBias, consistency_of, side_bias_of

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


def test_consistency_by_voter() -> None:
    assert consistency_of(RECORDS) == (
        Consistency(voter="ann", swapped=4, swapped_right=2, gold=0, gold_right=0, same=2, same_right=1),
        Consistency(voter="bob", swapped=1, swapped_right=0, gold=3, gold_right=1, same=0, same_right=0),
    )


def test_side_bias_looks_where_lists_cannot_matter() -> None:
    assert side_bias_of(RECORDS) == SideBias(left=2, right=1, ties=1)
    assert side_bias_of(record for record in RECORDS if record.control is Control.GOLD) == SideBias(
        left=0, right=0, ties=0
    )
