"""The code offered for systems that take more than a few lines really runs: it calls the real command line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.strategies.resolve import resolve
from core.strategies.snippets import snippet
from tests.support.collections_on_disk import write_small_beir
from tests.support.command_line import run
from tests.support.judges import find_model


@pytest.mark.thorough
def test_its_command_runs_and_its_output_is_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNOFF_THREADS", "1")
    assert run(capsys, "import", write_small_beir(tmp_path / "beir"), "--name", "small")[0] == 0
    fitted = "score-fusion?calibration=isotonic&of=(bm25,(self-consistency?of=(bm25)&shuffles=3))"
    module: dict[str, object] = {}
    exec(snippet(resolve(fitted, find_model)).text, module)

    def in_this_process(command: list[str], **_options: object) -> SimpleNamespace:
        code, out, err = run(capsys, *command[3:])  # what follows "python -m core"
        assert code == 0, err
        return SimpleNamespace(stdout=out)

    module["subprocess"] = SimpleNamespace(run=in_this_process, PIPE=None)
    ranked = module["rerank_all"]("small", depth=8, out=str(tmp_path / "runs"))  # type: ignore[operator]  # from exec
    assert sorted(ranked) == [f"q{number}" for number in range(6)]
    for number in range(6):
        assert set(ranked[f"q{number}"][:2]) == {f"d{number}", f"d{number + 6}"}  # the two on the query's topic
