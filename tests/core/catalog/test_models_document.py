"""docs/models.md is true: its table is the data, its tables load, its commands parse, its examples run."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.catalog import Catalog
from core.catalog.checkpoints.all import CHECKPOINTS
from core.catalog.checkpoints.document import filled, table
from core.catalog.kinds import FORMATS, LOCAL_KINDS, OPTIONS
from core.cli.main import main, parser
from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import CancelledError
from core.domain.models import ModelEntry, ModelKind
from core.domain.requests import Answer, Request, Score
from core.models import load as loading
from core.settings import PROJECT, Settings
from core.strategies.resolve import build, resolve
from tests.support.judges import drive
from tests.support.tiny_models import context_for

DOCUMENT = PROJECT / "docs" / "models.md"
TEXT = DOCUMENT.read_text("utf-8")
ENTRY, ADAPTER = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"^python -m core (.*?)(?:\s+#.*)?$", TEXT, re.MULTILINE)


def catalog(home: Path, **fields: Any) -> Catalog:
    tables: dict[str, Any] = {"models": {}, "endpoints": {}}
    for block in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL):
        for section, values in tomllib.loads(block).items():
            assert not set(tables[section]) & set(values), "two examples of one name"
            tables[section] |= values
    return Catalog(Settings(home=home, database_url="sqlite://", **tables), **fields)


def test_the_table_is_the_data() -> None:
    assert filled(TEXT, CHECKPOINTS) == TEXT, "run: python -m core systems --write docs/models.md"


def test_every_checkpoint_has_a_line_with_its_sources_or_the_word_unverified() -> None:
    lines = table(CHECKPOINTS).splitlines()[2:]
    assert len(lines) == len(CHECKPOINTS)
    for checkpoint, line in zip(CHECKPOINTS, lines, strict=True):
        assert line.startswith(f"| `{checkpoint.id}` |")
        shown = (checkpoint.hub_id, checkpoint.kind, checkpoint.formats, checkpoint.size, checkpoint.max_length,
                 checkpoint.licence, checkpoint.languages)  # fmt: skip
        assert line.count("| unverified ") == sum(not fact.verified for fact in shown)
        assert line.count("](") == sum(fact.verified for fact in shown)


def test_the_command_writes_the_table_and_refuses_a_file_without_markers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "models.md"
    file.write_text("before\n<!-- checkpoints -->\nold\n<!-- /checkpoints -->\nafter\n", "utf-8")
    assert main(["systems", "--write", str(file)]) == 0
    assert file.read_text("utf-8") == filled("before\n<!-- checkpoints --><!-- /checkpoints -->\nafter\n", CHECKPOINTS)
    file.write_text("nothing", "utf-8")
    assert main(["systems", "--write", str(file)]) == 2
    assert "must have <!-- checkpoints -->" in capsys.readouterr().err


def test_the_tables_of_the_document_load(tmp_path: Path) -> None:
    made = catalog(tmp_path)
    assert made.entry("house-reranker").capabilities == {Capability.SCORE}
    assert made.entry("our-monot5").formats == ("monot5",)
    assert made.entry("our-colbert").option("query_length") == "32"
    assert made.entry("our-comparator").kind is ModelKind.TRAINED_HEAD
    assert made.entry("our-jina").capabilities == {Capability.EMBED_MARKS}
    assert made.entry("served").formats == ("rank-zephyr",)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_document_are_commands(command: str) -> None:
    parser().parse_args(shlex.split(command))
    for name in re.findall(r"(?:--resolve|--check) ([a-z0-9][^@\s-]*[^@\s]*)", command):
        assert name.partition("@")[0] in {checkpoint.id for checkpoint in CHECKPOINTS}


def test_kinds_settings_and_formats_are_all_named() -> None:
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \|([^|]*)\|$", TEXT, re.MULTILINE))
    assert set(rows) == {str(kind) for kind in LOCAL_KINDS}
    for kind in LOCAL_KINDS:
        assert set(re.findall(r"`([a-z_]+)`", rows[kind])) == OPTIONS[kind]
    named = TEXT.partition("The formats are")[2].partition(".")[0]
    assert re.findall(r"`([a-z0-9-]+)`", named) == list(FORMATS)


def test_the_example_of_an_entry_is_one(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(ENTRY, names)
    made = catalog(tmp_path, checkpoints=(names["HOUSE_MONOT5"],))
    entry = made.entry("house-monot5")
    assert (entry.source, entry.revision, entry.formats) == ("hub:owner/house-monot5", "", ("monot5",))
    assert resolve("monot5:house-monot5", made.entry).models == (entry,)
    assert not made.availability(entry).available


@pytest.fixture
def overlap() -> Iterator[str]:
    """The example as a module of its own."""
    module = types.ModuleType("runoff_documented_adapter")
    exec(ADAPTER, module.__dict__)
    sys.modules[module.__name__] = module
    yield module.__name__
    del sys.modules[module.__name__]


def test_the_example_of_an_adapter_is_loaded_and_ranks(
    overlap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(loading.ADAPTERS, ModelKind.CROSS_ENCODER, overlap)
    entry = ModelEntry(
        id="overlap",
        kind=ModelKind.CROSS_ENCODER,
        source="builtin",
        revision="1",
        capabilities=frozenset({Capability.SCORE}),
    )
    adapter = loading.load(entry, context_for(tmp_path))
    texts = ("a harbour", "where the ferry is not", "the ferry", "", "ferry")
    documents = tuple(Document(id=f"d{number}", text=text) for number, text in enumerate(texts))
    asked: list[int] = []

    class Overlap:
        """Hands the strategy's requests to the adapter."""

        def answer(self, request: Request) -> Answer:
            asked.append(adapter.arrange([request]).full[0])
            assert adapter.shares([request]) == [float(asked[-1])]
            return adapter.answer([request], lambda: False)[0]

    strategy = build(resolve("cross-encoder:overlap", lambda _id: entry))
    lists = CandidateList(query=Query(id="q", text="Where is the ferry"), documents=documents, first_stage="as pasted")
    outcome = drive(strategy, lists, Overlap()).outcome
    assert outcome.order == (1, 2, 4, 0, 3)  # 4, 2 and 1 of the four words; none, in first-stage order
    assert outcome.scores == (0.0, 1.0, 0.5, 0.0, 0.25)
    assert asked == [6, 9, 6, 4, 5]  # words of query and document
    with pytest.raises(CancelledError):
        adapter.answer([Score(query="q", document=documents[0])], lambda: True)
