"""Pooling of flat states equals pooling of each text by itself; one text cannot spoil another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.models.pooling import POOLINGS

LENGTHS = [3, 1, 5, 2]
ALONE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "mean": lambda states: states.mean(0),
    "cls": lambda states: states[0],
    "last": lambda states: states[-1],
    "max": lambda states: states.amax(0),
}


def pooled(name: str, states: torch.Tensor, lengths: list[int]) -> torch.Tensor:
    return POOLINGS[name](states, torch.tensor(lengths))


@pytest.mark.parametrize("name", list(POOLINGS))
def test_each_text_by_itself(name: str) -> None:
    states = torch.randn(sum(LENGTHS), 7, generator=torch.Generator().manual_seed(0))
    expected = torch.stack([ALONE[name](part) for part in states.split(LENGTHS)])
    assert torch.allclose(pooled(name, states, LENGTHS), expected, atol=1e-6)


@pytest.mark.parametrize("name", list(POOLINGS))
def test_an_infinite_state_stays_in_its_text(name: str) -> None:
    states = torch.ones(sum(LENGTHS), 2)
    states[1] = float("inf")
    assert torch.equal(pooled(name, states, LENGTHS)[1:], torch.ones(3, 2))


def test_means_of_half_precision_are_taken_in_fp32() -> None:
    states = torch.tensor([[1.0], [1.0 + 2**-7], [1.0]], dtype=torch.bfloat16)
    assert pooled("mean", states, [3]).item() == pytest.approx(1 + 2**-7 / 3, abs=1e-7)
