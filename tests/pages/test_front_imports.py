"""The web process must never import what the engine needs: torch alone costs 470 MB."""

import subprocess
import sys

from core.settings import PROJECT

PAGES = sorted(path.relative_to(PROJECT).with_suffix("") for path in (PROJECT / "pages").rglob("*.py"))
CODE = """
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
heavy = ("torch", "transformers", "sentence_transformers", "plotly.graph_objs._figure")
print([name for name in heavy if name in sys.modules])
"""


def test_no_shared_module_of_the_pages_imports_torch_or_plotly() -> None:
    shared = [str(path).replace("/", ".") for path in PAGES if "_ui" in path.parts and path.name != "__init__"]
    assert len(shared) > 10
    code = CODE.format(modules=[*shared, "core.bootstrap"])
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
