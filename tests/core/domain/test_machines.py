"""The line that says where a ranking was made, in two words."""

import pytest

from core.domain.machines import short_machine, short_machines, told_apart


@pytest.mark.parametrize(
    ("line", "short"),
    [
        ("cpu, 2 threads, fp32, x86_64, Python 3.11.7, torch 2.13.0", "CPU fp32"),
        ("cuda (NVIDIA H200), 8 threads, bf16, x86_64", "NVIDIA H200 bf16"),
        ("cuda:1 (NVIDIA H200), 8 threads, bf16/fp32, x86_64", "NVIDIA H200 bf16/fp32"),
        ("cpu, 2 threads, x86_64", "CPU"),
        ("cpu, 2 threads, remote, x86_64", "endpoint"),
        ("cpu, 2 threads, fp32/remote, x86_64", "CPU fp32 and endpoint"),
        ("", ""),
    ],
)
def test_short(line: str, short: str) -> None:
    assert short_machine(line) == short


def test_several_are_said_once() -> None:
    assert short_machines(["cpu, 2 threads, fp32", "cpu, 4 threads, fp32", "cpu, 2 threads, bf16", ""]) == (
        "CPU bf16, CPU fp32"
    )


def test_a_line_that_says_nothing_more_is_left_out() -> None:
    lines = ["cpu, 2 threads", "cpu, 2 threads, torch 2.13", "cpu, 4 threads", ""]
    assert told_apart(lines) == ["cpu, 2 threads, torch 2.13", "cpu, 4 threads"]
