"""The files beside this package that components are made of."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "assets"
ICON = _FOLDER / "icon.png"


def asset(name: str) -> str:
    """The text of ``assets/<name>``."""
    return (_FOLDER / name).read_text("utf-8")
