"""One workload in this process; its outcome as JSON in a file: ``python -m benchmarks.speed.one NAME --out FILE``."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from pathlib import Path

from benchmarks.speed.options import chosen, context_of, parser
from benchmarks.speed.workloads import find


def main() -> int:
    """Measure; the environment has pinned the threads before anything heavy is imported."""
    options = parser((__doc__ or "").splitlines()[0])
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--cores", default="", help="numbers of the cores to stay on")
    found = options.parse_args()
    if found.cores:
        os.sched_setaffinity(0, {int(core) for core in found.cores.split(",")})
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    logging.getLogger("benchmarks.speed").setLevel(logging.INFO)
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    warnings.simplefilter("ignore")  # peers and their tracing warn of what is theirs to mend
    (name,) = chosen(found)
    context = context_of(found)
    from core.models.environment import prepare_environment

    prepare_environment()
    import torch

    torch.set_num_threads(context.threads)
    outcome = find(name)(context)
    found.out.write_text(json.dumps(outcome.as_json()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
