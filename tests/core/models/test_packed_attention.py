"""Attention of packed passes against softmax with a brute-force mask, and the variable-length kernel's arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.models.packed import attention, varlen
from core.models.packed.attention import UnsupportedAttentionError, attend
from core.models.packed.passes import packing
from core.models.packed.plan import Plan, Segment, side_by_side
from core.models.packed.varlen import keys_of, layout_of, usable

CPU = torch.device("cpu")
ALONE = side_by_side([[1] * 5, [2], [3] * 9])
# two texts below one trunk, the second with a branching of its own; then a text by itself
TRIE = Plan(
    ids=np.arange(30),
    segments=(
        Segment(0, 7), Segment(7, 10, 0, 7), Segment(10, 16, 0, 7), Segment(16, 20, 2, 13), Segment(20, 26, 2, 13),
        Segment(26, 30),
    ),
)  # fmt: skip
HEADS, WIDTH = 4, 8


def test_positions_and_contexts_by_hand() -> None:
    assert ALONE.positions.tolist() == [0, 1, 2, 3, 4, 0, *range(9)]
    assert ALONE.contexts == ((), (), ())
    assert TRIE.contexts == ((), ((0, 7),), ((0, 7),), ((0, 7), (10, 16)), ((0, 7), (10, 16)), ())
    assert TRIE.positions.tolist() == [*range(7), 7, 8, 9, *range(7, 13), *range(13, 17), *range(13, 19), *range(4)]
    assert replace(ALONE, wanted=np.array([0, 4, 14])).needs == ((0, 2), (2, 2), (2, 3))
    chain = Plan(ids=np.arange(6), segments=(Segment(0, 2), Segment(2, 4, 0, 2), Segment(4, 6, 1, 4)))
    assert chain.contexts == ((), ((0, 2),), ((0, 4),))


def states(plan: Plan, groups: int = 1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    heads = (HEADS, HEADS // groups, HEADS // groups)
    query, key, value = (torch.randn(1, h, len(plan.ids), WIDTH, generator=source) for h in heads)
    return query, key, value


def seen_by(plan: Plan, causal: bool, window: int | None) -> torch.Tensor:
    """(n_tokens, n_tokens): whether the row's token may see the column's; token by token, from the definition."""
    owner = [place for place, s in enumerate(plan.segments) for _ in range(s.start, s.end)]
    allowed = torch.zeros(len(plan.ids), len(plan.ids), dtype=torch.bool)
    for row, segment in enumerate(owner):
        family = {segment}
        while plan.segments[segment].parent >= 0:
            segment = plan.segments[segment].parent
            family.add(segment)
        for column, other in enumerate(owner):
            distance = int(plan.positions[row] - plan.positions[column])
            near = window is None or abs(distance) < window
            allowed[row, column] = other in family and near and (distance >= 0 or not causal)
    return allowed


def brute(plan: Plan, *, causal: bool, window: int | None, groups: int = 1, softcap: float | None = None):
    query, key, value = states(plan, groups)
    key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    scores = query @ key.transpose(2, 3) * 0.5
    if softcap is not None:
        scores = softcap * torch.tanh(scores / softcap)
    scores = scores.masked_fill(~seen_by(plan, causal, window), float("-inf"))
    return (scores.softmax(-1) @ value).transpose(1, 2)


CASES = [
    (plan, causal, window, groups, softcap)
    for plan, causal in ((ALONE, False), (ALONE, True), (TRIE, True))
    for window in (None, 1, 4, 100)
    for groups, softcap in ((1, None), (2, None), (4, 1.5))
]


@pytest.mark.parametrize(("plan", "causal", "window", "groups", "softcap"), CASES)
def test_every_token_sees_what_it_may(
    plan: Plan, causal: bool, window: int | None, groups: int, softcap: float | None
) -> None:
    expected = brute(plan, causal=causal, window=window, groups=groups, softcap=softcap)
    options = {"scaling": 0.5, "sliding_window": window, "softcap": softcap, "is_causal": causal}
    query, key, value = states(plan, groups)
    with packing(plan, CPU, selects=False):
        found, _ = attend(torch.nn.Identity(), query, key, value, None, **options)
    assert (found - expected).abs().max() < 1e-5
    rows = np.array([0, 3, 4, len(plan.ids) - 1])
    with packing(replace(plan, wanted=rows), CPU, selects=True) as under_way:
        under_way.selecting = True
        found, _ = attend(torch.nn.Identity(), query, key, value, None, **options)
    assert (found[:, rows] - expected[:, rows]).abs().max() < 1e-5


def reference(query, key, value, cu_seq_q, cu_seq_k, max_q, max_k, *, scale, window_size, enable_gqa):
    """varlen_attn from its documentation, one sequence and one pair of tokens at a time."""
    assert enable_gqa == (query.shape[1] != key.shape[1])
    groups = query.shape[1] // key.shape[1]
    left, right = window_size
    output = torch.full(query.shape, float("nan"))
    for q0, q1, k0, k1 in zip(cu_seq_q[:-1], cu_seq_q[1:], cu_seq_k[:-1], cu_seq_k[1:], strict=True):
        assert q1 - q0 <= max_q
        assert k1 - k0 <= max_k
        for row in range(int(q0), int(q1)):
            place = int(row - q1 + k1)  # of the row's own key: aligned at the bottom right
            first = int(k0) if left < 0 else max(int(k0), place - left)
            last = int(k1) if right < 0 else min(int(k1), place + right + 1)
            for head in range(query.shape[1]):
                weights = (key[first:last, head // groups] @ query[row, head] * scale).softmax(0)
                output[row, head] = weights @ value[first:last, head // groups]
    return output


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Callable[..., torch.Tensor]:
    monkeypatch.setattr(varlen, "kernel", lambda: reference)
    return reference


@pytest.mark.parametrize(("plan", "causal", "window", "groups", "softcap"), CASES)
@pytest.mark.usefixtures("kernel")
def test_the_variable_length_kernel_is_asked_for_the_same(
    plan: Plan, causal: bool, window: int | None, groups: int, softcap: float | None
) -> None:
    if softcap is not None:
        return  # it has none, see usable
    found = varlen.attend(layout_of(plan, CPU), *states(plan, groups), causal=causal, window=window, scaling=0.5)
    assert (found - brute(plan, causal=causal, window=window, groups=groups)).abs().max() < 1e-5


def test_a_pass_goes_through_the_kernel_where_it_can(kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(varlen, "kernel", lambda: lambda *given, **named: asked.append(1) or kernel(*given, **named))
    monkeypatch.setattr(varlen, "usable", lambda *_: True)
    with packing(TRIE, CPU, selects=False) as under_way:
        for _layer in range(2):
            options = {"scaling": 0.5, "sliding_window": 4, "is_causal": True}
            found, _ = attend(torch.nn.Identity(), *states(TRIE, 2), None, **options)
            laid = under_way.layout(CPU)
        assert under_way.layout(CPU) is laid
    assert asked == [1, 1]
    assert (found - brute(TRIE, causal=True, window=4, groups=2)).abs().max() < 1e-5


def test_the_kernel_needs_a_gpu_and_half_precision() -> None:
    assert not usable(ALONE, *states(ALONE))
    assert not usable(ALONE, *(part.half() for part in states(ALONE)))
    assert keys_of(ALONE) == 15
    assert keys_of(TRIE) == 30 + 7 + 7 + 13 + 13
    assert layout_of(ALONE, CPU).gather is None


@pytest.mark.parametrize("options", [{"s_aux": torch.zeros(4)}, {"position_bias": 1}, {"dropout": 0.1}])
def test_unknown_wishes_are_refused(options: dict[str, object]) -> None:
    with packing(ALONE, CPU, selects=False), pytest.raises(UnsupportedAttentionError, match=next(iter(options))):
        attend(torch.nn.Identity(), *states(ALONE), None, **options)


def test_masks_other_shapes_and_two_directions_over_a_trie_are_refused() -> None:
    module = torch.nn.Identity()
    with packing(ALONE, CPU, selects=False):
        with pytest.raises(UnsupportedAttentionError, match="mask of its own"):
            attend(module, *states(ALONE), torch.zeros(1))
        with pytest.raises(UnsupportedAttentionError, match="15 packed tokens"):
            attend(module, *states(TRIE), None)
    with packing(TRIE, CPU, selects=False), pytest.raises(UnsupportedAttentionError, match="both directions"):
        attend(module, *states(TRIE), None)
    assert attention.NAME == "runoff_packed"
