"""``python -m tests.support.fake_worker FD``: a real engine process over the small models of engine_fakes."""

from __future__ import annotations

import sys

from core.worker.lifeline import Lifeline


def main() -> None:
    lifeline = Lifeline(int(sys.argv[1]))
    from core.strategies.loading import load_file
    from core.worker.service import serve
    from tests.support.engine_fakes import small_tools

    serve(lifeline, small_tools(), load_file)


if __name__ == "__main__":
    main()
