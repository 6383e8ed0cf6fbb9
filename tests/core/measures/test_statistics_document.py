"""The table of the simulations: one suite's rows brought up to date, the others left as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.statistics._document import document, updated
from benchmarks.statistics.bars import share_bar

ONE = share_bar("first", "a setting", "at most 6 %", 50, 1_000, at_most=0.06)
TWO = replace(ONE, suite="second", setting="another")
THREE = replace(ONE, suite="third")


def test_rows_are_exchanged_in_their_place() -> None:
    text = document([ONE, TWO, THREE], "Seed 1.")
    again = updated(text, [replace(TWO, measured=0.07, reached=False), replace(TWO, setting="new")], "Seed 2.")
    rows = [line for line in again.splitlines() if line.startswith("|")][2:]
    assert [row.split(" | ")[0] for row in rows] == ["| first", "| second", "| second", "| third"]
    assert "| another | at most 6 % | 7.0 % |" in rows[1]
    assert rows[1].endswith("**missed** |")
    assert rows[0] in text
    assert "Run by themselves since: second. Seed 2." in again


def test_new_rows_come_last_and_running_again_changes_nothing_else() -> None:
    text = document([ONE], "Seed 1.")
    once = updated(text, [TWO], "Seed 2.")
    twice = updated(once, [TWO], "Seed 3.")
    assert twice == once.replace("Seed 2.", "Seed 3.")
    assert updated(twice, [THREE], "Seed 4.").count("Run by themselves") == 2
    assert once.splitlines()[-1].startswith("| second |")


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="not the document"):
        updated("# Notes\n", [ONE], "Seed 1.")
