"""The configuration file of a benchmark: everything read, every mistake named with its key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.benchmark_config import KEYS, BenchmarkConfig, drawn_queries, read_benchmark_config
from core.datasets.sample import SAMPLE_NAME
from core.domain.benchmarks import DEFAULT_MEASURES
from core.domain.documents import Query
from core.domain.errors import InvalidInputError
from core.domain.first_stages import FirstStage, Retriever
from core.settings import PROJECT

LEAST = 'collection = "sample"\nsystems = ["bm25"]\n'


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_least_there_must_be(tmp_path: Path) -> None:
    assert read_benchmark_config(written(tmp_path, LEAST)) == BenchmarkConfig(
        collection="sample", systems=("bm25",), stage=FirstStage(depth=100), measures=DEFAULT_MEASURES
    )


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    text = (
        'name = "mine"\ncollection = "harbour"\npath = "../data/harbour"\nfirst_stage = "dense:minilm"\ndepth = 50\n'
        'systems = ["bm25", " maxsim "]\nbaseline = "bm25"\nmeasures = ["AP"]\n'
        'category = "odd"\nsample = 10\nseed = 7\n'
        "depths = [10, 20]\nshuffles = 2\nshuffled_queries = 5\nprobe_queries = 0\n"
        'strategies = ["/opt/mine.py", "own.py"]\n'
    )
    assert read_benchmark_config(written(tmp_path, text)) == BenchmarkConfig(
        collection="harbour",
        path=(tmp_path / ".." / "data" / "harbour").resolve(),
        name="mine",
        systems=("bm25", "maxsim"),
        stage=FirstStage(retriever=Retriever.DENSE, depth=50, source="minilm"),
        baseline="bm25",
        measures=("AP",),
        category="odd",
        sample=10,
        seed=7,
        depths=(10, 20),
        shuffles=2,
        shuffled_queries=5,
        probe_queries=0,
        strategies=(Path("/opt/mine.py"), tmp_path / "own.py"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('systems = ["bm25"]\n', "collection is missing"),
        ('collection = "x"\n', "systems is missing"),
        ('collection = 3\nsystems = ["bm25"]\n', "collection must be text, not 3"),
        (LEAST + "depht = 3\n", "unknown key 'depht'. Allowed: baseline, category, collection, depth"),
        (LEAST + 'depth = "ten"\n', "depth must be a whole number from 1 on, not 'ten'"),
        (LEAST + "depth = 0\n", "depth must be a whole number from 1 on, not 0"),
        (LEAST + "sample = true\n", "sample must be a whole number from 0 on, not True"),
        (LEAST + "sample = 2.5\n", "sample must be a whole number from 0 on, not 2.5"),
        (LEAST + 'depths = [10, "20"]\n', "depths must be a list of whole numbers"),
        (LEAST + 'measures = "AP"\n', "measures must be a list of texts, not 'AP'"),
        (LEAST + 'measures = ["AP", ""]\n', "measures must be a list of texts"),
        (LEAST + 'first_stage = "tfidf"\n', "first_stage: Unknown first stage 'tfidf'. Allowed: bm25, dense"),
        (LEAST + 'queries = ["q1"]\nsample = 3\n', "queries names them all"),
        (LEAST + "[table\n", "not TOML: .*line 3"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=rf"config\.toml: {message}"):
        read_benchmark_config(written(tmp_path, text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"Cannot read .*none\.toml: No such file"):
        read_benchmark_config(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(InvalidInputError, match=r"bytes\.toml: not UTF-8 at byte 8"):
        read_benchmark_config(tmp_path / "bytes.toml")


@given(st.text())
def test_any_text_is_a_configuration_or_an_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("any") / "config.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InvalidInputError):
        read_benchmark_config(file)


QUERIES = [Query(id=f"q{n}", text="x", category="odd" if n % 2 else "even") for n in range(40)]


def config(**fields: object) -> BenchmarkConfig:
    return BenchmarkConfig(collection="c", systems=("bm25",), stage=FirstStage(), **fields)  # type: ignore[arg-type]  # by name


def test_a_sample_is_drawn_by_its_seed_whatever_the_order_of_queries() -> None:
    drawn = drawn_queries(config(sample=5, seed=3), QUERIES)
    assert len(drawn) == 5
    assert set(drawn) == set(drawn_queries(config(sample=5, seed=3), QUERIES[::-1]))
    assert drawn != drawn_queries(config(sample=5, seed=4), QUERIES)
    assert list(drawn) == sorted(drawn, key=[query.id for query in QUERIES].index)
    assert drawn_queries(config(), QUERIES) == ()


def test_a_sample_of_a_category() -> None:
    drawn = drawn_queries(config(sample=20, category="odd"), QUERIES)
    assert drawn == tuple(query.id for query in QUERIES if query.category == "odd")
    with pytest.raises(InvalidInputError, match="sample = 21: 'c' has 20 queries of category 'odd'"):
        drawn_queries(config(sample=21, category="odd"), QUERIES)


def test_the_documentation_names_every_key_and_the_example_can_be_read() -> None:
    text = (PROJECT / "docs" / "benchmark.md").read_text("utf-8")
    table = text[text.index("| key |") :]
    named = {key for row in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert named == KEYS
    example = read_benchmark_config(PROJECT / "docs" / "examples" / "sample.toml")
    assert (example.collection, len(example.systems)) == (SAMPLE_NAME, 6)
