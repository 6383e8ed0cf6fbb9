"""``python -m core.datasets``: one import in a process of its own, so that the web process neither stalls nor grows.

Standard input: one line of JSON ({"request", "aside", "limits"}), then nothing; when it closes, whoever asked has gone
or wants no more, and the process removes what it has built and ends. Standard output: JSON lines, ``{"done", "total"}``
in bytes, ``{"say"}``, and last ``{"imported"}`` or ``{"error"}``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import cast

from core.datasets.child_messages import Order, imported_as_json, order_from
from core.datasets.importing import import_request
from core.domain.canonical import Json
from core.domain.errors import RunoffError

ABANDONED = 3  # exit status


def main() -> int:
    """Do what standard input orders."""
    _import_sqlite_utils()
    ordered = sys.stdin.readline()
    if not ordered.strip():
        return 0  # nobody wants an import after all
    order = order_from(json.loads(ordered))
    threading.Thread(target=_leave_with_parent, args=(order.aside,), daemon=True).start()
    try:
        _write(_done(order))
    except RunoffError as error:
        _write({"error": str(error), "kind": type(error).__name__})
        return 1
    return 0


def _done(order: Order) -> dict[str, Json]:
    imported = import_request(
        order.request,
        order.aside,
        order.limits,
        progress=lambda done, total: _write({"done": done, "total": total}),
        say=lambda text: _write({"say": text}),
    )
    return {"imported": imported_as_json(imported)}


def _import_sqlite_utils() -> None:
    """Without pandas and numpy, which it takes along where they are installed (97 MB, most of a second) and does not
    need here: None in ``sys.modules`` makes an import fail, and sqlite-utils goes on without."""
    hidden = [name for name in ("pandas", "numpy") if name not in sys.modules]
    modules = cast(dict[str, ModuleType | None], sys.modules)
    modules.update(dict.fromkeys(hidden))
    importlib.import_module("sqlite_utils")
    for name in hidden:
        del modules[name]


def _leave_with_parent(aside: Path) -> None:
    sys.stdin.read()
    aside.unlink(missing_ok=True)
    os._exit(ABANDONED)


def _write(message: dict[str, Json]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
