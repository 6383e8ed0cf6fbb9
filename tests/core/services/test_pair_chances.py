"""Chances of pairs from the log: what is counted, what may be stale, what is said of the policy."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest

from core.domain.comparisons import Comparisons
from core.domain.errors import StorageBusyError
from core.domain.ports import Store
from core.domain.vote_log import Act, ActKind, Decision
from core.domain.voting import BattleState, Control, Policy, VoterKind
from core.services.battles.pair_chances import PairChances
from core.services.battles.pool import Mask, make_pool
from core.services.votes.vote_columns import VoteColumns
from tests.support.battles import NOON, a_battle

POOL = make_pool({"list": {"a": tuple("123"), "b": tuple("321"), "c": tuple("213")}}, {})
ALL: Mask = ~np.eye(3, dtype=bool)


class Log:
    """Votes of one collection as (left, right, share), and what was decided about them."""

    def __init__(self, *votes: tuple[str, str, float]) -> None:
        self.rows = list(votes)
        self.acts: list[Decision] = []
        self.readings = 0
        self.busy = threading.Event()  # set: reading waits no longer
        self.busy.set()

    def revision(self) -> tuple[int, int, int]:
        self.busy.wait(5)
        return len(self.rows), len(self.acts), 0

    def decisions(self) -> tuple[Decision, ...]:
        return tuple(self.acts)

    def comparisons(self, *, collection: str, kind: VoterKind, after: int = 0) -> Comparisons:
        self.readings += 1
        rows = self.rows[after:]
        names = ("a", "b", "c")
        n = len(rows)
        zeros = np.zeros(n, dtype=np.int64)
        return Comparisons(
            systems=names,
            voters=tuple(f"v{i}" for i in range(after, after + n)),
            queries=("q",),
            groups=("",),
            left=np.array([names.index(row[0]) for row in rows], dtype=np.int64),
            right=np.array([names.index(row[1]) for row in rows], dtype=np.int64),
            share=np.array([row[2] for row in rows]),
            both_bad=np.zeros(n, dtype=bool),
            voter=np.arange(n),
            query=zeros,
            group=zeros,
            vote=np.arange(after + 1, after + 1 + n),
            at=zeros,
            depth=zeros,
            slot=zeros + 1,
            seconds=np.full(n, 5.0),
        )


def chances(log: Log, policy: Policy, top: int = 1) -> PairChances:
    store = cast(Store, log)
    return PairChances(store, VoteColumns(store), policy=policy, top=top, seed=1)


def above(probabilities: Any) -> list[float]:
    """Of ab, ac, bc."""
    return [float(probabilities[pair]) for pair in ((0, 1), (0, 2), (1, 2))]


def known(made: PairChances, seen: Sequence[Any] = (), allowed: Mask = ALL) -> Any:
    made.refresh("c", POOL.systems)
    return made.of("c", POOL, seen, allowed)


MOST_AB = (("a", "b", 1.0), ("b", "a", 1.0), ("a", "b", 0.5), ("a", "c", 1.0), ("c", "b", 1.0), ("b", "c", 1.0))


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("top", [1, 3])
def test_chances_sum_to_one_over_the_allowed_pairs(policy: Policy, top: int) -> None:
    allowed = ALL.copy()
    allowed[0, 1] = allowed[1, 0] = False
    drawn = known(chances(Log(*MOST_AB), policy, top), allowed=allowed)
    assert drawn.policy is policy
    assert np.triu(drawn.probabilities).sum() == pytest.approx(1.0)
    assert (drawn.probabilities == drawn.probabilities.T).all()
    assert above(drawn.probabilities)[0] == 0.0


def test_uniform_does_not_read_the_log() -> None:
    log = Log(*MOST_AB)
    assert above(chances(log, Policy.UNIFORM).of("c", POOL, [], ALL).probabilities) == pytest.approx([1 / 3] * 3)
    assert log.readings == 0


def test_fewest_votes_takes_the_pair_with_fewest_in_the_log() -> None:
    drawn = known(chances(Log(*MOST_AB), Policy.FEWEST_VOTES))
    assert above(drawn.probabilities) == [0.0, 1.0, 0.0]


def test_what_has_no_vote_counts_for_its_voter() -> None:
    """ab 3, ac 1, bc 2 in the log; ann skipped ac once, so ac and bc are level. Her votes are in the log already."""
    seen = [
        a_battle("skipped", slots=("c", "a"), state=BattleState.SKIPPED),
        a_battle("voted", slots=("c", "b")),
        a_battle("control", slots=("c", "b"), state=BattleState.SHOWN, control=Control.SWAPPED),
        a_battle("of another time", slots=("gone", "b"), state=BattleState.SKIPPED),
    ]
    drawn = known(chances(Log(*MOST_AB), Policy.FEWEST_VOTES), seen)
    assert above(drawn.probabilities) == pytest.approx([0.0, 0.5, 0.5])


def test_votes_cast_here_count_at_once_and_only_once() -> None:
    """A vote over three systems is a battle of every pair: ab 3, ac 1, bc 2 become 4, 2, 3; two on ac make it last."""
    log = Log(*MOST_AB)
    made = chances(log, Policy.FEWEST_VOTES)
    made.refresh("c", POOL.systems)
    for slots in (("c", "a", "b"), ("a", "c"), ("a", "c")):
        made.heard(a_battle(slots=slots))
    made.heard(a_battle(slots=("b", "c"), control=Control.SWAPPED))
    assert above(made.of("c", POOL, [], ALL).probabilities) == [0.0, 0.0, 1.0]  # 4, 4, 3
    log.rows += [("a", "c", 1.0)] * 3 + [("a", "b", 1.0), ("b", "c", 1.0)]
    made.refresh("c", POOL.systems)  # the same three votes, read from the log: 4, 4, 3
    made.heard(a_battle(slots=("b", "c")))
    assert above(made.of("c", POOL, [], ALL).probabilities) == pytest.approx([1 / 3] * 3)


def test_votes_that_were_taken_back_are_not_counted() -> None:
    log = Log(*MOST_AB)
    for number, vote in enumerate((1, 2, 3), 1):
        act = Act(kind=ActKind.UNDO, actor="ann", reason="", at=NOON, battle=f"b{vote}")
        log.acts.append(Decision(number=number, act=act, vote=vote))
    assert above(known(chances(log, Policy.FEWEST_VOTES)).probabilities) == [1.0, 0.0, 0.0]


def test_decision_contrast_is_uniform_until_the_log_is_known_and_says_so() -> None:
    log = Log(*MOST_AB * 5)
    log.busy.clear()
    made = chances(log, Policy.DECISION_CONTRAST)
    first = made.of("c", POOL, [], ALL)
    assert (first.policy, above(first.probabilities)) == (Policy.UNIFORM, pytest.approx([1 / 3] * 3))
    log.busy.set()
    made.close()
    second = made.of("c", POOL, [], ALL)
    assert second.policy is Policy.DECISION_CONTRAST
    assert min(above(second.probabilities)) >= 0.2 / 3 - 1e-9  # a fifth is uniform


def test_a_click_does_not_wait_for_the_log() -> None:
    """The log cannot be read at all meanwhile."""
    log = Log(*MOST_AB)
    log.busy.clear()
    made = chances(log, Policy.FEWEST_VOTES)
    for _ in range(3):
        assert above(made.of("c", POOL, [], ALL).probabilities) == pytest.approx([1 / 3] * 3)
    log.busy.set()
    made.close()
    assert above(made.of("c", POOL, [], ALL).probabilities) == [0.0, 1.0, 0.0]
    assert log.readings == 1


def test_nothing_is_read_again_before_the_log_has_grown() -> None:
    log = Log(*MOST_AB)
    made = chances(log, Policy.FEWEST_VOTES)
    for _ in range(3):
        made.refresh("c", POOL.systems)
    assert log.readings == 1
    log.rows += [("a", "c", 1.0)] * 2
    made.refresh("c", POOL.systems)
    assert above(made.of("c", POOL, [], ALL).probabilities) == [0.0, 0.0, 1.0]


def test_a_log_that_cannot_be_read_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Busy(Log):
        def decisions(self) -> tuple[Decision, ...]:
            raise StorageBusyError("Database busy.")

    made = chances(Busy(*MOST_AB), Policy.FEWEST_VOTES)
    made.of("c", POOL, [], ALL)
    made.close()
    assert above(made.of("c", POOL, [], ALL).probabilities) == pytest.approx([1 / 3] * 3)
    assert "could not be counted" in caplog.text


def test_a_fifth_is_uniform_whatever_pairs_are_left() -> None:
    """ab decides who is first, ac is the rest: with bc used up, a tenth for each of two pairs stays."""
    wins = [("a", "b", 1.0), ("b", "a", 1.0), ("a", "c", 1.0), ("b", "c", 1.0)] * 30
    lost = [("c", "a", 1.0), ("c", "b", 1.0)] * 2
    made = chances(Log(*wins, *lost), Policy.DECISION_CONTRAST)
    everything = above(known(made).probabilities)
    assert everything[0] > 0.8  # c is far behind
    allowed = ALL.copy()
    allowed[1, 2] = allowed[2, 1] = False
    left = above(made.of("c", POOL, [], allowed).probabilities)
    assert left == pytest.approx([0.9, 0.1, 0.0])
    assert left[1] > everything[1] / (everything[0] + everything[1])  # less than that without the mixing
