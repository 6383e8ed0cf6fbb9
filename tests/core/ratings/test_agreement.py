"""Agreement of raters, against published worked examples."""

import math

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.ratings.agreement import MISSING, cohen_kappa, coincidences, krippendorff_alpha, raw_agreement

# Krippendorff 2011, Computing Krippendorff's alpha-reliability, section C: four observers, twelve units.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def judgments(observers: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    found = [(unit, int(code) - 1) for row in observers for unit, code in enumerate(row.split()) if code != "."]
    items, values = np.array(found).T
    return items, values


def test_alpha_of_krippendorffs_example() -> None:
    found = krippendorff_alpha(*judgments(OBSERVERS))
    assert found.value == pytest.approx(0.743, abs=5e-4)
    assert found.items == 11  # the twelfth unit was judged once
    assert found.low < found.value < found.high <= 1.0


def test_coincidences_of_krippendorffs_example() -> None:
    table = coincidences(*judgments(OBSERVERS)).sum(axis=0)
    assert table.sum() == pytest.approx(40.0)
    assert table.sum(axis=1) == pytest.approx([9, 13, 10, 5, 3])
    assert table[0] == pytest.approx([7, 4 / 3, 1 / 3, 1 / 3, 0])


def test_alpha_of_two_observers_and_binary_data() -> None:
    # Krippendorff 2011, section A: ten units, coincidences 10, 4, 4, 2.
    items, values = judgments(("1 2 1 1 1 1 1 1 2 1", "2 2 2 1 1 2 1 1 1 1"))
    assert coincidences(items, values).sum(axis=0) == pytest.approx(np.array([[10, 4], [4, 2]]))
    assert krippendorff_alpha(items, values).value == pytest.approx(0.095, abs=5e-4)


def test_perfect_agreement_is_one_and_one_value_alone_says_nothing() -> None:
    assert krippendorff_alpha(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])).value == 1.0
    assert math.isnan(krippendorff_alpha(np.array([0, 0, 1, 1]), np.array([1, 1, 1, 1])).value)
    nobody = krippendorff_alpha(np.array([0, 1]), np.array([0, 1]))
    assert math.isnan(nobody.value)
    assert nobody.items == 0
    assert math.isnan(nobody.low)


def test_alpha_does_not_depend_on_the_names_of_values_or_items() -> None:
    items, values = judgments(OBSERVERS)
    renamed = krippendorff_alpha(11 - items, np.array([3, 0, 4, 2, 1])[values])
    assert renamed.value == pytest.approx(krippendorff_alpha(items, values).value, abs=1e-12)


def test_the_interval_covers_the_alpha_of_all_items() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(3, size=20_000)
    noisy = [np.where(rng.random(20_000) < 0.7, truth, rng.integers(3, size=20_000)) for _ in range(2)]
    items = np.repeat(np.arange(20_000), 2)
    everything = krippendorff_alpha(items, np.stack(noisy, axis=1).ravel(), draws=50).value
    covered = 0
    for part in range(100):
        rows = slice(part * 100, part * 100 + 100)
        values = np.stack([one[rows] for one in noisy], axis=1).ravel()
        found = krippendorff_alpha(np.repeat(np.arange(100), 2), values, draws=300, seed=part)
        covered += found.low <= everything <= found.high
    assert 88 <= covered <= 99


@pytest.mark.parametrize(
    ("table", "kappa"),
    [([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)],
)
def test_kappa_of_known_tables(table: list[list[int]], kappa: float) -> None:
    pairs = [(i, j) for i in range(2) for j in range(2) for _ in range(table[i][j])]
    first, second = np.array(pairs).T
    assert cohen_kappa(first, second) == pytest.approx(kappa, abs=5e-5)
    assert raw_agreement(first, second) == (table[0][0] + table[1][1]) / len(pairs)


def test_items_that_one_rater_left_out_do_not_count() -> None:
    first, second = np.array([0, 1, MISSING, 2]), np.array([0, MISSING, 1, 0])
    assert raw_agreement(first, second) == 0.5
    assert math.isnan(raw_agreement(np.array([MISSING]), np.array([0])))
    assert math.isnan(cohen_kappa(np.array([MISSING]), np.array([0])))
    assert math.isnan(cohen_kappa(np.array([1, 1]), np.array([1, 1])))


def test_lengths_must_agree() -> None:
    with pytest.raises(InvalidInputError, match="2 and 1 items"):
        raw_agreement(np.array([0, 1]), np.array([0]))
    with pytest.raises(InvalidInputError, match="2 items and 1 values"):
        krippendorff_alpha(np.array([0, 1]), np.array([0]))
