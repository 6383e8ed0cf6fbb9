"""The whole comparison: what it puts together, its degenerate inputs, its speed, and agreement of two of them."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy import stats

from core.domain.errors import InvalidInputError
from core.measures.significance.agreement import significance_agreement
from core.measures.significance.compare import compare
from core.measures.significance.findings import Correction

NAMES = ("a", "b", "c", "d")


def _values(seed: int, gaps: tuple[float, ...], n: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.beta(1, 1.5, n) + 0.1 * rng.normal(size=(len(gaps), n)) + np.array(gaps)[:, None]


def test_findings_belong_to_their_pairs() -> None:
    values = _values(0, (0.0, 0.2, 0.01, 0.2))
    found = compare(values, NAMES, draws=2_000, level=0.9)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert (found.n, found.names, found.level, found.draws) == (60, NAMES, 0.9, 2_000)
    assert found.means == pytest.approx(values.mean(axis=1))
    for pair in found.pairs:
        differences = values[pair.first] - values[pair.second]
        assert pair.difference == pytest.approx(differences.mean())
        assert pair.p_t == pytest.approx(stats.ttest_rel(values[pair.first], values[pair.second]).pvalue)
        assert pair.effect == pytest.approx(differences.mean() / differences.std(ddof=1))
        assert (pair.wins, pair.ties, pair.losses) == ((differences > 0).sum(), 0, (differences < 0).sum())
        assert pair.low < pair.difference < pair.high
        assert pair.bootstrap_low < pair.difference < pair.bootstrap_high
    assert found.letters[1] == found.letters[3] == "a"
    assert found.letters[0] == found.letters[2] == "b"
    assert found.pair(3, 1) == found.pairs[4]


@pytest.mark.parametrize("correction", list(Correction))
def test_significance_follows_the_correction(correction: Correction) -> None:
    found = compare(_values(3, (0.0, 0.035, 0.07, 0.04)), NAMES, draws=2_000, correction=correction)
    p_values = {Correction.HOLM: "holm_randomisation", Correction.TUKEY: "p_tukey", Correction.NONE: "p_randomisation"}
    for pair in found.pairs:
        assert pair.significant == (getattr(pair, p_values[correction]) <= 0.05)
    shared = {
        (pair.first, pair.second): bool(set(found.letters[pair.first]) & set(found.letters[pair.second]))
        for pair in found.pairs
    }
    assert shared == {(pair.first, pair.second): not pair.significant for pair in found.pairs}


def test_the_same_seed_gives_the_same_and_the_input_stays() -> None:
    values = _values(1, (0.0, 0.02, 0.04, 0.06))
    before = values.copy()
    assert compare(values, NAMES, draws=500, seed=4) == compare(values, NAMES, draws=500, seed=4)
    assert (values == before).all()


def test_swapping_systems_turns_signs_round() -> None:
    values = _values(2, (0.0, 0.03), 12)  # few queries: enumerated, no draws
    one, other = compare(values, "ab").pairs[0], compare(values[::-1], "ba").pairs[0]
    assert one.difference == -other.difference
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert (one.p_randomisation, one.p_tukey, one.p_t) == pytest.approx(
        (other.p_randomisation, other.p_tukey, other.p_t)
    )


def test_one_system() -> None:
    found = compare(np.array([[0.1, 0.2]]), ["only"])
    assert (found.pairs, found.letters, found.means) == ((), ("a",), pytest.approx((0.15,)))


def test_one_query_decides_nothing() -> None:
    found = compare(np.array([[0.1], [0.9]]), "ab")
    pair = found.pairs[0]
    assert (pair.p_t, pair.p_randomisation, pair.p_tukey, pair.significant) == (1.0, 1.0, 1.0, False)
    assert (pair.low, pair.bootstrap_high, pair.detectable) == (-math.inf, math.inf, math.inf)
    assert (pair.effect, pair.queries_needed) == (None, None)
    assert found.letters == ("a", "a")


def test_equal_systems_and_a_constant_lead() -> None:
    row = np.linspace(0.1, 0.6, 20)
    found = compare(np.vstack([row, row, row + 0.2]), "abc")
    same, ahead = found.pair(0, 1), found.pair(0, 2)
    assert (same.p_t, same.p_randomisation, same.p_tukey, same.ties) == (1.0, 1.0, 1.0, 20)
    assert (same.effect, same.queries_needed, same.detectable) == (None, None, 0.0)
    assert (ahead.significant, ahead.losses, ahead.effect) == (True, 20, None)
    assert (ahead.low, ahead.high) == pytest.approx((-0.2, -0.2))
    assert found.letters == ("b", "b", "a")


def test_draws_are_raised_where_holm_could_find_nothing() -> None:
    found = compare(_values(0, tuple(np.linspace(0, 1, 12)), 40), [str(at) for at in range(12)], draws=100)
    assert found.draws >= 66 / 0.05
    assert any(pair.significant for pair in found.pairs)


@pytest.mark.parametrize(
    ("values", "names", "level", "draws", "fault"),
    [
        ([[0.1, math.nan], [0.2, 0.3]], "ab", 0.95, 100, "System 1 has nan on query 2"),
        ([[0.1], [0.2]], "a", 0.95, 100, "as many names"),
        ([[0.1], [0.2]], "ab", 1.0, 100, "level"),
        ([[0.1], [0.2]], "ab", 0.95, 0, "draw"),
        ([0.1, 0.2], "ab", 0.95, 100, "table"),
    ],
)
def test_what_is_refused(values: list, names: str, level: float, draws: int, fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault):
        compare(np.array(values), list(names), level=level, draws=draws)


def test_eight_systems_over_cranfield_take_a_second() -> None:
    values = _values(0, tuple(np.linspace(0, 0.05, 8)), 225)
    began = time.process_time()
    compare(values, [str(at) for at in range(8)])
    assert time.process_time() - began < 1.0  # 0.2 s of a core


def test_agreement_by_hand() -> None:
    full = compare(_values(0, (0.0, 0.2, 0.4, 0.41), 80), NAMES, draws=500)
    assert sum(pair.significant for pair in full.pairs) == 5
    reduced = compare(_values(1, (0.2, 0.0, 0.4, 0.6), 80), NAMES, draws=500)
    found = significance_agreement(full, reduced)
    assert (found.full, found.reduced, found.found, found.reversed, found.unconfirmed) == (5, 6, 4, 1, 1)
    assert (found.found_share, found.reversed_share, found.unconfirmed_share) == (0.8, 0.2, 1 / 6)
    assert found.tau == pytest.approx((5 - 1) / 6)
    with pytest.raises(InvalidInputError, match="same systems"):
        significance_agreement(full, compare(_values(0, (0.0, 0.2)), "ab", draws=100))


def test_agreement_without_findings() -> None:
    level = compare(np.full((3, 10), 0.5), "abc", draws=100)
    found = significance_agreement(level, level)
    assert (found.found_share, found.reversed_share, found.unconfirmed_share, found.tau) == (None, None, None, None)
    one = compare(np.full((1, 10), 0.5), "a", draws=100)
    assert significance_agreement(one, one).full == 0
