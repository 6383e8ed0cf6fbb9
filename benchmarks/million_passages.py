"""One million passages: import, BM25 index, search, a run over them: python -m benchmarks.million_passages.

The corpus is synthetic: words by Zipf's law over a large vocabulary, lengths as of short web passages, everything from
one seed. It is written once (a minute) and kept in --folder. Every step then runs in a process of its own, whose wall
time and peak resident memory (pages of mapped files included) are told; the last step has two processes, the command
and the engine, which loads no torch for BM25. The table goes to stdout; --write keeps it. --vectors also builds the
HNSW graph over clustered random vectors and compares it with exact search.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.report import machine
from benchmarks.synthetic_passages import MEAN_WORDS, QUERIES, prepared
from benchmarks.vector_graph import graph_step, recall_step
from benchmarks.watched import PROJECT, Row, watched
from core.datasets.collection_file import CollectionFile

DOCUMENT = PROJECT / "docs" / "million-passages.md"
PASSAGES = 1_000_000
DEPTH = 100
NAME = "million"
LIMIT_MB = 1_000  # what import and search may take


def main() -> int:
    """Measure, print, keep; 1 where import or search took more than a gigabyte."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "runoff-million-passages")
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--beside", default="", help="what else ran on the machine, for the report")
    parser.add_argument("--vectors", action="store_true", help="also measure the graph of vectors")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.relative_to(PROJECT)}")
    parser.add_argument("--measure", choices=[*STEPS, *VECTOR_STEPS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = options.folder / str(options.passages)
    if options.measure:
        json.dump({**STEPS, **VECTOR_STEPS}[options.measure](folder), sys.stdout)
        return 0
    load = os.getloadavg()[0]
    prepared(folder, options.passages)
    names = [*STEPS, *(VECTOR_STEPS if options.vectors else ())]
    places = ["--folder", str(options.folder), "--passages", str(options.passages)]
    command = [sys.executable, "-m", "benchmarks.million_passages", *places, "--measure"]
    rows = [watched(name, [*command, name]) for name in names]
    text = report(rows, options.passages, load, options.beside)
    sys.stdout.write(text)
    if options.write:
        DOCUMENT.write_text(text, "utf-8")
    return 0 if all(max(row.peak_mb, row.engine_mb or 0) <= LIMIT_MB for row in rows if row.bounded) else 1


def import_step(folder: Path) -> dict[str, object]:
    """The command ``import``."""
    shutil.rmtree(folder / "home", ignore_errors=True)
    done = _command(folder, "import", str(folder / "source"), "--name", NAME)
    size = sum(path.stat().st_size for path in (folder / "home" / "collections").glob("*.sqlite"))
    return {"note": f"{json.loads(done)['documents']:,} passages, file of {size / 1e6:,.0f} MB"}


def text_step(folder: Path) -> dict[str, object]:
    """Full-text search for browsing."""
    collection = _collection(folder)
    seconds = [_seconds(lambda text=query.text: collection.search(text, 20)) for query in collection.queries()]
    return {"note": f"{len(seconds)} searches, median {_ms(seconds)} ms, longest {max(seconds) * 1000:,.0f} ms"}


def index_step(folder: Path) -> dict[str, object]:
    """The BM25 index, step by step as the engine builds it."""
    from core.retrieval.index_store import opening

    collection = _collection(folder)
    longest, began = 0.0, time.perf_counter()
    for _ in opening(_file(folder), collection.fingerprint, folder / "home" / "cache"):
        longest, began = max(longest, time.perf_counter() - began), time.perf_counter()
    files = list((folder / "home" / "cache" / "indexes" / collection.fingerprint).iterdir())
    size = sum(path.stat().st_size for path in files)
    note = f"{size / 1e6:,.0f} MB of files; longest piece of work {longest * 1000:,.0f} ms"
    return {"note": note, "unbounded": True}


def search_step(folder: Path) -> dict[str, object]:
    """The index opened and 200 queries."""
    from core.retrieval.index_store import open_index

    collection = _collection(folder)
    began = time.perf_counter()
    index = open_index(_file(folder), collection.fingerprint, folder / "home" / "cache")
    opened = time.perf_counter() - began
    seconds = [_seconds(lambda text=query.text: index.top(text, DEPTH)) for query in collection.queries()]
    note = f"opened in {opened:.1f} s; {len(seconds)} queries, top {DEPTH}: median {_ms(seconds)} ms, "
    return {"note": note + f"longest {max(seconds) * 1000:,.0f} ms"}


def run_step(folder: Path) -> dict[str, object]:
    """The command ``rerank``: BM25 candidates of all queries, ranked by the system bm25."""
    done = json.loads(
        _command(
            folder, "rerank", "--collection", NAME, "--system", "bm25", "--depth", str(DEPTH),
            "--out", str(folder / "runs"),
        )
    )  # fmt: skip
    system, candidates = done["systems"][0], done["candidates"]
    recall = candidates["recall_ceiling"]
    note = f"{system['queries']} queries, {system['calls']} calls, recall ceiling {recall:.3f}"
    return {"note": note}


def _command(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "RUNOFF_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "core", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, check=True, text=True
    ).stdout  # fmt: skip


def _file(folder: Path) -> Path:
    return next((folder / "home" / "collections").glob("*.sqlite"))


def _collection(folder: Path) -> CollectionFile:
    return CollectionFile(_file(folder))


STEPS: dict[str, Callable[[Path], dict[str, object]]] = {
    "import": import_step,
    "full-text search": text_step,
    "BM25 index": index_step,
    "BM25 search": search_step,
    "run of bm25": run_step,
}
VECTOR_STEPS: dict[str, Callable[[Path], dict[str, object]]] = {
    "graph of vectors": graph_step,
    "search in the graph": recall_step,
}


def report(rows: list[Row], passages: int, load: float, beside: str) -> str:
    """The page."""
    lines = [
        "# A million passages",
        "",
        "Written by `python -m benchmarks.million_passages --vectors --write`.",
        "",
        f"{passages:,} synthetic passages of {MEAN_WORDS} words on average, {QUERIES} queries of five words. Every "
        "step ran in a new process; the peak is the most resident memory it ever had, pages of mapped files included. "
        f"Import and search have to stay under {LIMIT_MB:,} MB; building an index has its own peak, told here.",
        "",
        "| step | seconds | of processors | peak, MB | of its engine, MB | |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    lines += [
        f"| {row.step} | {row.seconds:,.1f} | {row.cpu_s:,.1f} | {row.peak_mb:,.0f} | "
        f"{'' if row.engine_mb is None else format(row.engine_mb, ',.0f')} | {row.note} |"
        for row in rows
    ]
    lines += ["", f"Load when it began: {load:.1f}. {machine()}"]
    if beside:
        lines += [
            "",
            f"It ran beside other work ({beside}), so the seconds are upper bounds; those of processors are its own.",
        ]
    return "\n".join(lines) + "\n"


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
