"""Small parts of the results: the sentence, which probes are shown, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.domain.benchmarks import Probe
from core.measures.significance.findings import Correction
from core.services.benchmarks.corrections import corrected, significance
from core.services.benchmarks.kept import Kept
from core.services.benchmarks.latencies import latencies
from core.services.benchmarks.measured import measure_cell
from core.services.benchmarks.sentence import beats, sentence
from tests.support.benchmarks import MADE

PROBE = Probe(
    system="a",
    collection="c",
    depth=100,
    wall_ms=(30.0, 10.0, 20.0),
    disturbed=1,
    memory=(("m", 7), ("n", 5)),
    device="cpu",
    machine="laptop",
    measured_at=MADE,
    orders_equal=1.0,
)


def said(names: Sequence[str], means: Sequence[float], baseline: str, correction: Correction = Correction.HOLM) -> str:
    """The sentence on systems whose values lie around ``means`` by the same small noise, never twice alike."""
    rng = np.random.default_rng(1)
    values = np.array([mean + 0.02 * rng.standard_normal(60) for mean in means])
    values -= values.mean(axis=1, keepdims=True) - np.array(means)[:, None]
    cells = [measure_cell(row) for row in values]
    return sentence("nDCG@10", cells, significance(names, values, correction), baseline)


def test_the_sentence() -> None:
    text = said(["a", "b", "c", "base"], [0.5, 0.4999, 0.4998, 0.2], "base")
    assert text.startswith("a leads with nDCG@10 0.500 (0.49")
    assert text.endswith("over 60 queries; b and c cannot be told apart from it (Holm, 5 %); all beat base.")
    text = said(["a", "b", "base"], [0.5, 0.3, 0.2999], "base")
    assert text.endswith("; it differs from every other (Holm, 5 %); a beats base.")
    text = said(["a", "base", "c"], [0.5, 0.4999, 0.1], "base", Correction.TUKEY)
    assert text.endswith("; base cannot be told apart from it (randomised Tukey, 5 %); none beats base.")
    text = said(["a", "b", "c"], [0.5, 0.4999, 0.4998], "a", Correction.NONE)
    assert text.endswith(
        "; no other system can be told apart from it (not corrected for many comparisons, 5 %); none beats a."
    )
    assert said(["a", "base"], [0.5, 0.2], "base").endswith("; it differs from the other (Holm, 5 %); it beats base.")
    assert "beat" not in said(["a", "b"], [0.5, 0.2], "")
    assert sentence("AP", [], None, "a") == "No system has ranked every query yet."


def test_beating_has_a_direction() -> None:
    rng = np.random.default_rng(3)
    found = significance(["low", "high"], np.array([[0.1], [0.9]]) + 0.01 * rng.standard_normal((2, 20)))
    assert (beats(found, 1, 0), beats(found, 0, 1)) == (True, False)


def test_another_correction_is_the_same_as_asking_for_it() -> None:
    values = np.random.default_rng(5).random((5, 30)) + np.arange(5)[:, None] * 0.06
    asked = {correction: significance(list("abcde"), values, correction) for correction in Correction}
    for correction, found in asked.items():
        assert corrected(asked[Correction.HOLM], correction) == found
    assert len({found.letters for found in asked.values()}) > 1


def test_latencies_are_of_one_machine() -> None:
    server = replace(PROBE, machine="server", wall_ms=(1.0,))
    probes = [server, PROBE, replace(PROBE, depth=20), replace(PROBE, system="b"), replace(server, system="c")]
    found = latencies(probes)
    assert [(one.depth, one.machine) for one in found["a"]] == [(20, "laptop"), (100, "laptop")]
    assert [one.machine for one in found["c"]] == ["server"]  # never probed on the other
    one = found["a"][1]
    assert (one.p50_ms, one.p95_ms, one.n, one.disturbed, one.memory_bytes) == (20.0, 30.0, 3, 1, 12)
    assert latencies([replace(PROBE, wall_ms=())]) == latencies([]) == {}


def test_kept_makes_once_per_state() -> None:
    kept: Kept[int] = Kept(2)
    made: list[str] = []

    def make(name: str) -> int:
        made.append(name)
        return len(made)

    assert [kept.get("a", 1, lambda: make("a")), kept.get("a", 1, lambda: make("a"))] == [1, 1]
    assert kept.get("a", 2, lambda: make("a")) == 2
    kept.get("b", 1, lambda: make("b"))
    kept.get("a", 2, lambda: make("a"))
    kept.get("c", 1, lambda: make("c"))  # b was used least lately
    assert (kept.peek("a"), kept.peek("b"), kept.peek("c")) == (2, None, 4)
    assert made == ["a", "a", "b", "c"]


@pytest.mark.parametrize(("weight", "left"), [(10, ["c"]), (11, ["b", "c"]), (100, ["a", "b", "c"])])
def test_kept_by_weight(weight: int, left: list[str]) -> None:
    kept: Kept[int] = Kept(9, most_weight=weight, weigh=lambda value: value)
    for name, value in (("a", 5), ("b", 4), ("c", 7)):
        kept.get(name, 0, lambda value=value: value)  # type: ignore[misc]  # the default binds it
    assert [name for name in "abc" if kept.peek(name) is not None] == left
