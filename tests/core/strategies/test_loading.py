"""A user's strategy file: loaded, replaced, refused, and never half registered."""

import importlib
import sys

import pytest

import core.strategies
from core.domain.errors import InvalidInputError
from core.strategies.base import FAMILIES, discard, find, registered
from core.strategies.loading import load_file, module_name
from core.strategies.resolve import build, resolve
from tests.support.judges import PerfectJudge, candidates, drive, find_model

SOURCE = '''
from dataclasses import dataclass

from core.strategies.base import Outcome, parameter, strategy


@strategy(name="{name}", version={version}, family="baseline", title="Backwards")
@dataclass(frozen=True, kw_only=True)
class Backwards:
    """Formula: reversed. Cost: none. Paper: none."""

    keep: int = parameter(0, help="First places left alone.", minimum=0)

    def rerank(self, candidates):
        yield from ()
        places = list(range(len(candidates.documents)))
        return Outcome(order=tuple(places[: self.keep] + places[self.keep :][::-1]))

    def forecast(self, n_docs):
        return 0
'''


@pytest.fixture
def write(tmp_path):
    files = []

    def write_file(source, name="mine.py"):
        file = tmp_path / name
        file.write_text(source, "utf-8")
        files.append(file.resolve())
        return file

    yield write_file
    for file in files:
        discard(module_name(file))
        sys.modules.pop(module_name(file), None)


def test_a_file_registers_its_strategy(write):
    (info,) = load_file(write(SOURCE.format(name="backwards", version=1)))
    assert info == find("backwards")
    system = resolve("backwards?keep=1", find_model)
    assert system.spec == "backwards?keep=1"
    assert drive(build(system), candidates(4), PerfectJudge()).outcome.order == (0, 3, 2, 1)


def test_loading_again_replaces(write):
    file = write(SOURCE.format(name="backwards", version=1))
    load_file(str(file))
    load_file(file)
    assert find("backwards").version == 1
    write(SOURCE.format(name="backwards", version=2))
    load_file(file)
    assert find("backwards").version == 2
    write(SOURCE.format(name="sdrawkcab", version=3))
    load_file(file)
    assert find("sdrawkcab").version == 3
    assert "backwards" not in registered()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = (", "mine.py, line 1"),
        ("\n\nraise KeyError('boat')", "mine.py, line 3: KeyError: 'boat'"),
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("import sys\nsys.exit(3)", "mine.py, line 2: SystemExit: 3"),
        ("x = 1", "registers no strategy"),
        (SOURCE.format(name="bm25", version=1), "'bm25' is taken by core.strategies.lexical.bm25"),
        (SOURCE.format(name="odd", version=1).replace('"baseline"', '"novel"'), "Unknown family 'novel'"),
    ],
)
def test_a_file_that_fails_leaves_everything_as_it_was(write, source, words):
    load_file(write(SOURCE.format(name="backwards", version=1)))
    before = registered()
    with pytest.raises(InvalidInputError) as caught:
        load_file(write(source))
    assert words in str(caught.value)
    assert registered() == before


def test_two_files_cannot_have_one_name(write):
    load_file(write(SOURCE.format(name="backwards", version=1)))
    with pytest.raises(InvalidInputError, match="taken"):
        load_file(write(SOURCE.format(name="backwards", version=1), "other.py"))
    assert find("backwards").type.__module__ == module_name(write("", "mine.py").resolve())


def test_files_that_are_none(tmp_path):
    with pytest.raises(InvalidInputError, match="no strategy file"):
        load_file(tmp_path / "absent.py")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InvalidInputError, match=r"ends in \.py"):
        load_file(tmp_path / "notes.txt")


def test_a_new_file_in_the_package_appears_by_itself(tmp_path, monkeypatch):
    file = tmp_path / "brand_new.py"
    file.write_text(SOURCE.format(name="brand-new", version=1), "utf-8")
    monkeypatch.setattr(core.strategies, "__path__", [*core.strategies.__path__, str(tmp_path)])
    try:
        importlib.reload(importlib.import_module("core.strategies.all"))
        assert find("brand-new").type.__module__ == "core.strategies.brand_new"
    finally:
        discard("core.strategies.brand_new")
        sys.modules.pop("core.strategies.brand_new", None)


def test_every_family_is_known():
    assert {info.family for info in registered().values()} <= set(FAMILIES)
