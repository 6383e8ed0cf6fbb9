"""Whatever bytes are imported: a collection that can be read back, or an ImportFormatError, and never anything else."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source
from core.datasets.trec import read_run
from core.domain.errors import ImportFormatError
from tests.support.collections_on_disk import small_folder, write_files

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
THOROUGH = settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["a", "b", "", " ", "q1", "\ud800"])
VALUES = SCALARS | st.text(max_size=8) | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS)
KEYS = st.sampled_from(
    ["_id", "text", "title", "metadata", "query", "query_id", "id", "document id", "rank", "grade", "category", "x"]
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=8).map(json.dumps)
CELLS = st.sampled_from(["q1", "q2", "a", "b", "1", "2", "-1", "", " ", '"', '"x"', "\ufeff", "\x00"]) | st.text(
    max_size=4
)


def joined(pieces: st.SearchStrategy[str], separator: str) -> st.SearchStrategy[bytes]:
    lines = st.lists(pieces, max_size=6).map(separator.join)
    return lines.map(lambda text: text.encode("utf-8", "surrogatepass"))


CSV_HEADERS = st.sampled_from(
    [b"query,id,text\n", b"query;id;text;rank;grade\n", b"\xef\xbb\xbfquery,id,text,grade\r\n", b""]
)
CSV = st.tuples(CSV_HEADERS, joined(st.lists(CELLS, min_size=2, max_size=5).map(",".join), "\n")).map(b"".join)
TSV = joined(st.lists(CELLS, min_size=2, max_size=4).map("\t".join), "\n")
JSONL = joined(OBJECTS | st.text(max_size=5), "\n")
FILES = st.one_of(
    st.tuples(st.sampled_from(["corpus.jsonl", "queries.jsonl", "hits.jsonl"]), JSONL | st.binary(max_size=60)),
    st.tuples(st.sampled_from(["qrels/test.tsv", "candidates.tsv", "run.trec"]), TSV | st.binary(max_size=60)),
    st.tuples(st.just("hits.csv"), CSV | st.binary(max_size=60)),
)


def check(file: tuple[str, bytes]) -> None:
    name, content = file
    with tempfile.TemporaryDirectory() as directory:
        root, target = Path(directory) / "source", Path(directory) / "target"
        write_files(root, small_folder() | {name: content})
        path = root if name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv", "candidates.tsv") else root / name
        try:
            if name == "run.trec":
                assert all(read_run(path).values())
                return
            collection, _ = import_source(path, target, name="fuzz")
        except ImportFormatError:
            assert not target.exists() or list(target.iterdir()) == []
            return
        reader = CollectionFile(collection.path)
        assert collection.documents == len(list(reader.all_documents())) > 0
        assert collection.queries == len(reader.queries()) > 0
        assert collection.judgments == sum(len(grades) for grades in reader.qrels().values())
        for query in reader.queries():
            reader.candidates(query.id)
            reader.search(query.text, 3)


@QUICK
@given(FILES)
def test_any_bytes(file: tuple[str, bytes]) -> None:
    check(file)


@pytest.mark.slow
@THOROUGH
@given(FILES)
def test_any_bytes_thoroughly(file: tuple[str, bytes]) -> None:
    check(file)
