"""One build for all who wait for it."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest

from core.retrieval.shared import Shared
from core.retrieval.step import Step, Steps, Wanted


class Builds:
    """Builds that take ``pieces`` steps and one wanted vector; what became of them."""

    def __init__(self, pieces: int = 3) -> None:
        self.pieces, self.begun, self.done, self.closed = pieces, 0, 0, 0

    def __call__(self) -> Steps[str]:
        self.begun += 1
        try:
            for piece in range(self.pieces):
                self.done += 1
                yield Step(note=str(piece))
            wanted = Wanted(texts=["a", "b"], role="document", step=Step(note="w"))
            while not wanted.complete:
                yield wanted
        except GeneratorExit:
            self.closed += 1
            raise
        return f"made {self.begun}"


def drive(steps: Steps[str], most: int = 10**6) -> str | None:
    """The result, or None after ``most`` items."""
    for _ in range(most):
        try:
            item = next(steps)
        except StopIteration as stop:
            return str(stop.value)
        if isinstance(item, Wanted) and not item.complete:
            item.rows.append(np.zeros(1, dtype=np.float32))
    return None


def test_what_was_made_is_not_made_again() -> None:
    shared, builds = Shared[str](), Builds()
    assert drive(shared.steps(builds)) == drive(shared.steps(builds)) == "made 1"
    assert (builds.begun, builds.done) == (1, 3)


def test_two_who_wait_share_every_piece() -> None:
    shared, builds = Shared[str](), Builds(pieces=20)
    first, second = shared.steps(builds), shared.steps(builds)
    results: dict[Generator[object, None, str], str | None] = {first: None, second: None}
    while None in results.values():
        for steps in results:
            if results[steps] is None:
                results[steps] = drive(steps, most=1)
    assert set(results.values()) == {"made 1"}
    assert (builds.begun, builds.done) == (1, 20)


def test_the_second_goes_on_where_the_first_was_given_up() -> None:
    shared, builds = Shared[str](), Builds()
    first, second = shared.steps(builds), shared.steps(builds)
    drive(first, most=2)
    drive(second, most=1)
    first.close()
    assert builds.closed == 0
    assert drive(second) == "made 1"


def test_a_build_that_nobody_waits_for_is_closed() -> None:
    shared, builds = Shared[str](), Builds()
    first = shared.steps(builds)
    drive(first, most=2)
    first.close()
    assert builds.closed == 1
    assert drive(shared.steps(builds)) == "made 2"


def test_a_failure_ends_the_build_and_the_next_begins_anew() -> None:
    shared, builds = Shared[str](), Builds()

    def broken() -> Steps[str]:
        yield Step(note="so far")
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        drive(shared.steps(broken))
    assert drive(shared.steps(builds)) == "made 1"
