"""Letters of significance groups: the property, groups by hand, the order, and how few there are."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.measures.significance.letters import letter_groups


def _symbols(letters: str) -> set[str]:
    """ "ab'" as {a, b'}."""
    found: list[str] = []
    for character in letters:
        if character == "'":
            found[-1] += character
        else:
            found.append(character)
    return set(found)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[float], set[tuple[int, int]]]:
    systems = draw(st.integers(1, 8))
    pairs = list(itertools.combinations(range(systems), 2))
    means = draw(st.lists(st.integers(0, 5).map(float), min_size=systems, max_size=systems))
    return means, draw(st.sets(st.sampled_from(pairs))) if pairs else set()


@given(_cases())
def test_a_letter_is_shared_iff_the_pair_is_not_significant(case: tuple[list[float], set[tuple[int, int]]]) -> None:
    means, significant = case
    letters = [_symbols(text) for text in letter_groups(means, significant)]
    for one, other in itertools.combinations(range(len(means)), 2):
        assert bool(letters[one] & letters[other]) == ((one, other) not in significant)
    best = max(range(len(means)), key=lambda at: (means[at], -at))
    assert "a" in letters[best]
    assert all(letters)


def test_a_chain_of_neighbours_by_hand() -> None:
    """Five systems in order, each level with its two neighbours on either side: 0-3, 0-4 and 1-4 differ."""
    assert letter_groups([0.5, 0.4, 0.3, 0.2, 0.1], [(0, 3), (0, 4), (1, 4)]) == ("a", "ab", "abc", "bc", "c")


def test_a_letter_that_no_pair_needs_is_swept() -> None:
    """Level pairs 0-1, 0-2, 1-2 of one triangle and three more on its sides: the triangle needs no letter itself."""
    level = {(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (1, 4), (2, 4), (0, 5), (2, 5)}
    significant = [pair for pair in itertools.combinations(range(6), 2) if pair not in level]
    letters = letter_groups([0.9, 0.8, 0.7, 0.3, 0.2, 0.1], significant)
    assert len(set().union(*map(_symbols, letters))) == 3


def test_order_and_plain_cases() -> None:
    assert letter_groups([0.1, 0.9, 0.5], [(0, 1), (0, 2), (1, 2)]) == ("c", "a", "b")
    assert letter_groups([0.1, 0.9, 0.5], []) == ("a", "a", "a")
    assert letter_groups([0.1, 0.9, 0.5], [(0, 1)]) == ("b", "a", "ab")
    assert letter_groups([0.4], []) == ("a",)
    assert letter_groups([], []) == ()


def test_more_than_all_letters() -> None:
    everything = list(itertools.combinations(range(60), 2))
    letters = letter_groups(list(range(60, 0, -1)), everything)
    assert (letters[0], letters[25], letters[51], letters[52], letters[59]) == ("a", "z", "Z", "a'", "h'")


def test_forty_systems_in_disorder_stay_quick() -> None:
    rng = np.random.default_rng(0)
    pairs = [pair for pair in itertools.combinations(range(40), 2) if rng.random() < 0.5]
    began = time.process_time()
    letters = [_symbols(text) for text in letter_groups(rng.random(40).tolist(), pairs)]
    assert time.process_time() - began < 5.0
    assert all(bool(letters[i] & letters[j]) == ((i, j) not in pairs) for i, j in itertools.combinations(range(40), 2))


@pytest.mark.parametrize("pair", [(0, 0), (0, 2), (-1, 0)])
def test_pairs_that_are_none(pair: tuple[int, int]) -> None:
    with pytest.raises(InvalidInputError, match="two different systems"):
        letter_groups([0.1, 0.2], [pair])
