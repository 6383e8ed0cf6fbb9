"""``python -m core ...`` in this process: what it returned, printed and complained of."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of one command; nothing that was printed before it."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err
