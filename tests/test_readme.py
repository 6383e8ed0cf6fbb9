"""What the README tells people to type and look at is there."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from core.cli.main import parser

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text("utf-8")
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def shell_lines() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def make_targets() -> set[str]:
    return set(re.findall(r"make ([a-z-]+)", README))


def test_the_two_commands_are_there() -> None:
    assert {"make run", "make test"} <= set(shell_lines())


@pytest.mark.parametrize("target", sorted(make_targets()))
def test_every_make_target_exists(target: str) -> None:
    found = subprocess.run(["make", "-n", target], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("line", [line for line in shell_lines() if "-m core " in line])
def test_every_command_line_is_understood(line: str) -> None:
    words = shlex.split(line)
    options = parser().parse_args(words[words.index("core") + 1 :])
    assert callable(options.run)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links {target}"


def test_the_sample_table_is_of_this_sample() -> None:
    sample = PROJECT / "core/datasets/sample"
    queries = len((sample / "queries.jsonl").read_text("utf-8").splitlines())
    passages = len((sample / "corpus.jsonl").read_text("utf-8").splitlines())
    table = README.split("<!-- sample-table -->")[1].split("<!-- /sample-table -->")[0]
    assert {int(n) for n in re.findall(r"of (\d+) queries", table)} == {queries}
    assert f"{passages} passages written for this project, {queries} queries" in README
    least = [int(n) for n in re.findall(r"\| (\d+) of \d+ queries", table)]
    assert len(least) == 5
    assert min(least) >= 3
    assert max(least) <= queries / 2
