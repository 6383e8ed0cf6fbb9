"""Whatever bytes stand in TREC files, tables, Parquet and texts: a collection to be read back, or a named error."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_request
from core.datasets.request import ImportRequest
from core.datasets.run_files import read_top
from core.datasets.source import ImportLimits
from core.domain.errors import ImportFormatError
from tests.support.collections_on_disk import write_files

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
THOROUGH = settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
LANGUAGES = ("en", "zh", "de", "code")

_TAGS = ["<DOC>", "</DOC>", "<doc>", "<DOCNO>", "</DOCNO>", "<TEXT>", "</TEXT>", "<TITLE>", "<", ">"]
_TOPIC_TAGS = ["<top>", "</top>", "</topic>", "<num>", "<title>", "<desc>", "<topic number='1'>", "Number: "]
PIECES = st.sampled_from([*_TAGS, *_TOPIC_TAGS, "a", "b", " ", "\n", "&amp;", "&#x", "<!-- -->"])
PIECES |= st.text(max_size=4)
MARKUP = st.lists(PIECES, max_size=14).map("".join)
WELL_FORMED = st.lists(st.tuples(st.sampled_from("abc"), MARKUP), max_size=3).map(
    lambda found: "\n".join(f"<DOC><DOCNO>{id}</DOCNO><TEXT>{text}</TEXT></DOC>" for id, text in found)
)
CELLS = st.sampled_from(["q1", "a", "b", "1", "-1", "0.5", "", " ", '"', "\ufeff", "\x00"]) | st.text(max_size=3)
HEADERS = st.sampled_from(
    ["", "id\ttext", "query-id\tcorpus-id\tscore\tassessor", "query_id\tdoc_id\tgrade", "id\ttitle\ttext"]
)
TSV = st.tuples(
    HEADERS, st.lists(st.lists(CELLS, min_size=1, max_size=5).map("\t".join), max_size=5).map("\n".join)
).map("\n".join)
CSV = TSV.map(lambda text: text.replace("\t", ","))
RUN = st.lists(
    st.tuples(CELLS, st.just("Q0"), CELLS, CELLS, CELLS, st.just("x")).map(" ".join) | st.text(max_size=5), max_size=4
).map("\n".join)
VALUES = st.none() | st.integers(-5, 2**62) | st.text(max_size=4) | st.floats() | st.binary(max_size=3)
COLUMNS = st.dictionaries(
    st.sampled_from(["id", "doc_id", "text", "title", "query", "rank", "grade", "assessor", "x"]),
    st.lists(VALUES, min_size=2, max_size=2),
    max_size=6,
)


def packed(columns: dict[str, list]) -> bytes:
    written = io.BytesIO()
    arrays = {}
    for name, values in columns.items():
        try:
            arrays[name] = arrow.array(values)
        except (arrow.ArrowException, OverflowError):
            arrays[name] = arrow.array([str(value).encode("utf-8", "replace").decode() for value in values])
    parquet.write_table(arrow.table(arrays), written)
    return written.getvalue()


def encoded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    return texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=40)


FILES = st.one_of(
    st.tuples(st.just("docs.trec"), encoded(MARKUP | WELL_FORMED)),
    st.tuples(st.just("topics.txt"), encoded(MARKUP | TSV)),
    st.tuples(st.sampled_from(["docs.tsv", "topics.tsv", "qrels.tsv"]), encoded(TSV)),
    st.tuples(st.sampled_from(["docs.csv", "topics.csv", "qrels.csv"]), encoded(CSV)),
    st.tuples(st.sampled_from(["docs.parquet", "topics.parquet", "qrels.parquet"]), COLUMNS.map(packed)),
    st.tuples(st.just("docs.parquet"), st.binary(max_size=60)),
    st.tuples(st.just("notes.txt"), encoded(st.text(max_size=30))),
    st.tuples(st.just("first.run"), encoded(RUN)),
)


def check(file: tuple[str, bytes], language: str) -> None:
    name, content = file
    with tempfile.TemporaryDirectory() as directory:
        root, target = Path(directory) / "source", Path(directory) / "target"
        whole = {"docs.trec": "<DOC><DOCNO>a</DOCNO>x</DOC>", "topics.txt": "q1\tx\n", "qrels.txt": "q1 0 a 1\n"}
        kind = name.split(".")[0]
        write_files(root, {key: text for key, text in whole.items() if key.split(".")[0] != kind} | {name: content})
        source = root / name if kind == "notes" else root
        try:
            request = ImportRequest(source=str(source), name="fuzz", language=language)
            found = import_request(request, target / "aside.sqlite", ImportLimits())
        except ImportFormatError:
            assert not target.exists() or list(target.iterdir()) == []
            return
        reader = CollectionFile(found.collection.path)
        assert found.collection.documents == len(list(reader.all_documents())) > 0
        assert found.collection.judgments == sum(len(grades) for grades in reader.qrels().values())
        for query in reader.queries():
            reader.search(query.text, 3)
            reader.assessments(query.id)
        for run in found.runs:
            assert all(len(scored) <= run.depth for scored in read_top(run.path, run.depth).values())


@QUICK
@given(FILES, st.sampled_from(LANGUAGES))
def test_any_bytes(file: tuple[str, bytes], language: str) -> None:
    check(file, language)


@pytest.mark.slow
@THOROUGH
@given(FILES, st.sampled_from(LANGUAGES))
def test_any_bytes_thoroughly(file: tuple[str, bytes], language: str) -> None:
    check(file, language)
