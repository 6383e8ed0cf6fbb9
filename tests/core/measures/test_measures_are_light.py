"""What the web process imports to measure, to read collections and to mark matches stays light."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "transformers", "scipy", "pandas", "bm25s", "sqlite_utils", "pyarrow")
USE = """
import sys
from core.datasets import importing, sample, trec
from core.measures import intervals, rank_similarity, terms
from core.measures.bounds import bounds
from core.measures.effectiveness import evaluate_ranking
from core.measures.significance.compare import compare
assert "ir_measures" not in sys.modules
terms.matching_spans("ferry", "ferries")
intervals.mean_interval([0.1, 0.2])
rank_similarity.kendall_tau("ab", "ba")
compare([[0.1, 0.2, 0.4], [0.2, 0.2, 0.5]], ["a", "b"])
bounds(["a", "b"], {"b": 1}, "nDCG@10")
evaluate_ranking(["a", "b"], {"b": 1}, ["nDCG@10", "RR", "AP", "RBP", "Judged@10", "RR@10"])
print(*(name for name in HEAVY if name in sys.modules))
"""


def test_no_heavy_library_is_loaded() -> None:
    code = f"HEAVY = {HEAVY!r}\n{USE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
