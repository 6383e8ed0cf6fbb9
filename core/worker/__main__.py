"""``python -m core.worker FD``: the engine process, started by core.engine.client; FD is its socket."""

from __future__ import annotations

import os
import sys

from core.worker.lifeline import Lifeline

NICENESS = 5  # pages and votes come first where the cores are scarce


def main() -> None:
    """Listen first, then import what is heavy."""
    lifeline = Lifeline(int(sys.argv[1]))
    os.nice(NICENESS)
    from core.worker.service import serve
    from core.worker.wiring import load_file, real_tools

    serve(lifeline, real_tools(), load_file)


if __name__ == "__main__":
    main()
