"""Small collections for tests: folders in BEIR layout, and where real data lies when it is there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.datasets.collection_file import CollectionFile
from core.datasets.collection_writer import write_collection
from core.domain.documents import Document, Query
from core.settings import PROJECT

CRANFIELD = PROJECT.parent / "shared" / "data" / "cranfield"
NO_CRANFIELD = "the Cranfield collection is not beside the repository"


def jsonl(*records: Mapping[str, object]) -> str:
    """Records as the lines of a JSONL file."""
    return "".join(json.dumps(record) + "\n" for record in records)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write ``files`` (relative path to content) under ``folder``, which is returned."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def small_folder() -> dict[str, str | bytes]:
    """Three documents, two queries, three judgments."""
    return {
        "corpus.jsonl": jsonl(
            {"_id": "a", "title": "Ferries", "text": "The ferry leaves at nine."},
            {"_id": "b", "title": "", "text": "Backups run every night."},
            {"_id": "c", "title": "Tickets", "text": "Ferry tickets are sold on board the ferry."},
        ),
        "queries.jsonl": jsonl(
            {"_id": "q1", "text": "ferry tickets", "metadata": {"category": "keyword"}},
            {"_id": "q2", "text": "When do backups run?"},
        ),
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\tc\t2\nq1\ta\t1\nq2\tb\t3\n",
    }


def collection_of(directory: Path, documents: Iterable[Document], queries: Iterable[Query] = ()) -> CollectionFile:
    """A collection file with these documents and queries and no judgments."""
    written = write_collection(directory, documents, queries, {}, None, name="test", origin="a test")
    return CollectionFile(written.path)


TOPICS = ("ferry", "dog", "cabin", "refund", "storm", "ticket")


def write_small_beir(folder: Path) -> Path:
    """12 passages, 6 queries in two categories, labels for all but the last query; hostile text in one passage."""
    (folder / "qrels").mkdir(parents=True)
    documents = [
        {"_id": f"d{n}", "title": f"About {topic} {n}", "text": f"The {topic} passage number {n} of the ferry line"}
        for n, topic in enumerate(TOPICS * 2)
    ]
    documents[0]["text"] += " <img src=x onerror=alert(1)> ![pixel](http://tracker.example/p.png) **loud**"
    queries = [
        {"_id": f"q{n}", "text": f"{topic} ferry", "metadata": {"category": "odd" if n % 2 else "even"}}
        for n, topic in enumerate(TOPICS)
    ]
    qrels = ["query-id\tcorpus-id\tscore"] + [f"q{n}\td{n}\t2\nq{n}\td{n + 6}\t1" for n in range(5)]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents), "utf-8")
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries), "utf-8")
    (folder / "qrels" / "test.tsv").write_text("\n".join(qrels) + "\n", "utf-8")
    return folder
