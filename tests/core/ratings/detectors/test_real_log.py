"""The detectors on a log of real people."""

import csv
import time
from pathlib import Path

import pytest

from core.ratings.detectors.evidence import Evidence, unmeasured
from core.ratings.detectors.flags import Family, FlagKind
from core.ratings.detectors.inspection import inspect
from core.ratings.outcomes import Outcomes, build

LLMFAO = Path(__file__).resolve().parents[5] / "shared" / "data" / "votes" / "llmfao.csv"
SHARES = {"left": 1.0, "right": 0.0, "tie": 0.5}

pytestmark = pytest.mark.skipif(not LLMFAO.is_file(), reason="the votes are not beside this checkout")


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    with LLMFAO.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return build(
        left=[row["left"] for row in rows],
        right=[row["right"] for row in rows],
        share=[SHARES[row["winner"]] for row in rows],
        voter=[row["worker"] for row in rows],
        query=[row["prompt"] for row in rows],
    )


def test_who_is_flagged(outcomes: Outcomes) -> None:
    began = time.process_time()
    found = inspect(Evidence(outcomes=outcomes, seconds=unmeasured(outcomes)))
    assert time.process_time() - began < 2.0
    assert len(found.voters) == 124
    assert sum(summary.votes for summary in found.voters) == len(outcomes) == 8931
    assert not found.flagged(Family.CONTROLS)
    assert 1 <= len(found.flagged(Family.BEHAVIOUR)) <= 5
    assert len(found.flagged(Family.DISAGREEMENT)) <= 12
    pushed = {(flag.voter, flag.system) for flag in found.flags if flag.kind is FlagKind.TARGETED}
    assert {("15", "Weaver 12k"), ("70", "Weaver 12k")} <= pushed
