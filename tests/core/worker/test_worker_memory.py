"""Out of memory for real: an allocation that the system refuses halves batches, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from core.settings import PROJECT


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, list]]:
    """What tests.support.short_of_memory printed: per job the sizes tried, orders and failures."""
    command = [sys.executable, "-m", "tests.support.short_of_memory"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_batch_that_the_system_refuses_is_halved_until_it_fits_and_everything_is_answered(told):
    assert told["first"]["tried"] == [32, 16, 8, 8, 16, 8, 8]  # four tokens each; 48 can be had
    assert told["first"]["orders"] == [[f"d{i}" for i in reversed(range(32))]]


@pytest.mark.parametrize("job", ["second", "last"])
def test_later_batches_stay_below_the_ceiling(told, job):
    assert told[job]["tried"] == [8, 8, 8, 8]
    assert told[job]["orders"] == [[f"d{i}" for i in reversed(range(32))]]


def test_a_request_that_does_not_fit_fails_alone_and_says_what_to_do(told):
    assert told["long"]["failed"] == [
        "pointwise: small ran out of memory on a single request; shorten the text or the list"
    ]
    assert told["long"]["orders"] == [[f"d{i}" for i in reversed(range(8))]]
    assert 1 in told["long"]["tried"]
