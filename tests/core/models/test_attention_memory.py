"""What in-context reranking of real passages needs beside the weights, measured in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import PROJECT, load_settings

CRANFIELD = PROJECT.parent / "shared" / "data" / "cranfield"
PASSAGES = 20
MOST_BYTES = 500_000_000
STATUS = Path("/proc/self/status")

CHILD = """
import json, sys
from pathlib import Path
from core.catalog.builtin import BUILTIN
from core.domain.documents import CandidateList, Document, Query
from core.models.base import LoadContext
from core.models.load import load
from core.strategies.attention.icr import InContextReranking

cache, corpus, queries, count = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
rows = sorted(map(json.loads, corpus.read_text("utf-8").splitlines()), key=lambda row: -len(row["text"]))
documents = tuple(Document(id=row["_id"], text=row["text"], title=row.get("title", "")) for row in rows[:count])
query = json.loads(queries.read_text("utf-8").splitlines()[0])
entry = next(entry for entry in BUILTIN if entry.id == "smollm2-135m-instruct")
adapter = load(entry, LoadContext(device="cpu", threads=1, cache_dir=cache))

def kilobytes(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))

candidates = CandidateList(query=Query(id="q", text=query["text"]), documents=documents)
steps = InContextReranking().rerank(candidates)
requests = next(steps)
Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew from here
loaded = kilobytes("VmRSS")
answers = adapter.answer(requests, lambda: False)
peak = kilobytes("VmHWM")
try:
    steps.send(answers)
except StopIteration as done:
    order = done.value.order
print(json.dumps({
    "loaded": loaded, "above": 1024 * (peak - loaded), "order": order, "execution": adapter.execution,
    "tokens": [answer.usage.prompt_tokens for answer in answers], "run": sum(adapter.shares(requests)),
    "cuts": [len(answer.usage.cuts) for answer in answers],
}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not CRANFIELD.is_dir(), reason=f"the Cranfield passages are not in {CRANFIELD}")
@pytest.mark.skipif(not STATUS.is_file(), reason="the peak of a process is read from /proc, which only Linux has")
def test_twenty_real_passages_need_little_beside_the_weights(tmp_path: Path) -> None:
    cache = load_settings().cache_dir
    cache = cache if (cache / "converted").is_dir() else tmp_path
    files = [CRANFIELD / "corpus.jsonl", CRANFIELD / "queries.jsonl"]
    command = [sys.executable, "-c", CHILD, str(cache), *map(str, files), str(PASSAGES)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=PROJECT, env=env, timeout=600)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["execution"] == "packed"
    assert sorted(found["order"]) == list(range(PASSAGES))
    assert min(found["tokens"]) > 4_000
    assert found["run"] < 1.05 * max(found["tokens"])  # both queries in one pass over the passages
    assert found["cuts"] == [0, 0]
    assert 0 < found["above"] < MOST_BYTES, found
