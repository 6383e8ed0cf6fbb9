"""The pace of a real embedder, which remembers what it has run: it is that of the forward passes, not of the memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.domain.models import ModelKind
from core.domain.requests import Embed
from core.models.encoder_model import CPU_BATCH_TOKENS
from core.worker.batches import BatchRunner
from core.worker.budget import FIRST_TOKENS, Budgets
from core.worker.pool import Pending
from tests.support.judge_adapter import judge_bench, lists_of_sizes, systems_of
from tests.support.tiny_models import TEXTS
from tests.support.tiny_shapes import load_folder, save_shape

GROUP = ("bert", "Embed")


@pytest.fixture
def embedder(tmp_path: Path) -> Any:
    return load_folder(save_shape(tmp_path / "tiny", "bert", ModelKind.EMBEDDER), ModelKind.EMBEDDER)


class Clock:
    """A second between two looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def batch_of(texts: list[str], embedder: Any) -> list[Pending]:
    requests = [Embed(text=text, role="document") for text in texts]
    return [Pending(str(n), request, embedder.entry, GROUP, n) for n, request in enumerate(requests)]


def test_a_batch_is_learnt_with_the_tokens_that_it_ran(embedder: Any) -> None:
    budgets = Budgets()
    runner = BatchRunner(budgets, Clock(), lambda _adapter: False)
    batch = batch_of([f"{text} {text}" for text in TEXTS], embedder)
    lengths = embedder._lengths([pending.request.text for pending in batch])
    executed = runner.run(embedder, batch, lambda: False)
    assert budgets.limit(GROUP, CPU_BATCH_TOKENS) == sum(lengths) // 2  # one second for all; a batch has half of one
    total = sum(executed.seconds)
    assert [seconds / total for seconds in executed.seconds] == pytest.approx([n / sum(lengths) for n in lengths])


def test_a_batch_out_of_memory_of_what_was_run_teaches_nothing(embedder: Any) -> None:
    budgets = Budgets()
    runner = BatchRunner(budgets, Clock(), lambda _adapter: False)
    batch = batch_of(list(TEXTS), embedder)
    embedder.answer([pending.request for pending in batch], lambda: False)
    for _ in range(5):
        assert len(runner.run(embedder, batch, lambda: False).settled) == len(TEXTS)
    assert budgets.limit(GROUP, CPU_BATCH_TOKENS) == FIRST_TOKENS


@pytest.mark.parametrize(
    ("spec", "execution", "bounded"),
    [("yes-no", "packed", True), ("graded-generation", "packed", False), ("yes-no", "endpoint", False)],
)
def test_time_bounds_what_scores_here_and_not_what_writes_or_runs_elsewhere(
    spec: str, execution: str, bounded: bool
) -> None:
    bench = judge_bench(batch_seconds=3.0, execution=execution)
    bench.rank(systems_of(spec), lists_of_sizes([40]))  # forty requests in seconds: half a second has fewer
    before = len(bench.batches)
    bench.rank(systems_of(spec), lists_of_sizes([0, 40]))
    assert (len(bench.batches) - before > 1) is bounded


def test_a_batch_that_did_not_fit_bounds_what_writes() -> None:
    budgets = Budgets()
    assert budgets.whole(GROUP, 4096) == 4096
    budgets.did_not_fit(GROUP, 2000)
    assert budgets.whole(GROUP, 4096) == 1000
