"""Records as JSON and back: what files hold beside the wire to the engine (tests/core/engine has that one)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from core.domain.benchmarks import BenchmarkPlan
from core.domain.codec import CodecError, from_json, to_json
from core.domain.first_stages import FirstStage


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    parts: Mapping[str, tuple[float, ...]]
    at: datetime


HOLDER = Holder(parts={"a": (1.0, 2.5), "b": ()}, at=datetime(2026, 1, 2, 3, 4, 5, 678, UTC))
PLAN = BenchmarkPlan(
    id="p1",
    name="first",
    collection="f" * 64,
    systems=("bm25", "maxsim"),
    first_stage=FirstStage(depth=20),
    depths=(10, 5),
    created_at=HOLDER.at,
)


@pytest.mark.parametrize("value", [HOLDER, PLAN])
def test_records_come_back_equal(value: object) -> None:
    assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize(
    "change",
    [
        {"at": "yesterday"},
        {"at": "2026-01-02T03:04:05"},
        {"at": 3},
        {"parts": [["a", 1]]},
        {"parts": {"a": ["x"]}},
        {"parts": {"a": [None]}},
        {"parts": {"a": [[1.0]]}},
        {"parts": {"a": [10**400]}},
    ],
)
def test_values_of_another_type_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(CodecError):
        from_json(Holder, {**json.loads(json.dumps(to_json(HOLDER))), **change})


def test_numbers_beyond_64_bits_are_refused() -> None:
    with pytest.raises(CodecError, match="64 bits"):
        from_json(FirstStage, {"retriever": "bm25", "depth": 10**400, "source": ""})


def test_keys_must_be_texts() -> None:
    @dataclass(frozen=True)
    class Wrong:
        parts: Mapping[int, str]

    with pytest.raises(CodecError, match="only texts"):
        to_json(Wrong(parts={1: "a"}))
