"""``strategies``: the table, one strategy, and the documentation."""

from core.cli.main import main
from core.strategies.base import registered


def test_every_strategy_has_a_line(capsys):
    assert main(["strategies"]) == 0
    out = capsys.readouterr().out
    built_in = [name for name, info in registered().items() if info.type.__module__.startswith("core.strategies.")]
    assert len(built_in) > 60
    assert all(f"{name} " in out for name in built_in)


def test_one_strategy_with_its_parameters(capsys):
    assert main(["strategies", "prp-heapsort"]) == 0
    out = capsys.readouterr().out
    assert "arXiv:2306.17563" in out
    assert "`k` (10)" in out


def test_an_unknown_one_is_an_error_that_names_the_known(capsys):
    assert main(["strategies", "prp-heapsrot"]) == 2
    assert "prp-heapsort" in capsys.readouterr().err


def test_the_document_is_filled_and_another_file_is_left_alone(tmp_path, capsys):
    file = tmp_path / "page.md"
    marks = "<!-- strategies: {} -->\n<!-- /strategies: {} -->\n"
    file.write_text("before\n" + marks.format("table", "table") + marks.format("sections", "sections"), "utf-8")
    assert main(["strategies", "--write", str(file)]) == 0
    text = file.read_text("utf-8")
    assert text.startswith("before\n")
    assert "## `prp-heapsort`" in text
    other = tmp_path / "other.md"
    other.write_text("no markers", "utf-8")
    assert main(["strategies", "--write", str(other)]) == 2
    assert other.read_text("utf-8") == "no markers"
    assert "missing" in capsys.readouterr().err
