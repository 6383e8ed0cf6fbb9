"""``python -m core.worker FD``: the engine process, started by core.engine.client; FD is its socket."""

from __future__ import annotations

import sys

from core.worker.lifeline import Lifeline


def main() -> None:
    """Listen first, then import what is heavy."""
    lifeline = Lifeline(int(sys.argv[1]))
    from core.worker.service import serve
    from core.worker.wiring import load_file, real_tools

    serve(lifeline, real_tools(), load_file)


if __name__ == "__main__":
    main()
