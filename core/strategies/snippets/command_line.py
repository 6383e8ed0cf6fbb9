"""The honest way for what takes more than a few lines: Runoff itself, asked by its command line."""

from __future__ import annotations

from core.domain.systems import System
from core.strategies.snippets.script import Snippet

_TEXT = '''"""{spec} through Runoff's own command line: {why}

Run it in Runoff's folder, over a collection that was imported there (python -m core import).
"""

import json
import subprocess
import sys

SYSTEM = {spec!r}


def rerank_all(collection: str, depth: int = 100, out: str = "runs") -> dict[str, list[str]]:
    """Document ids, best first, for every query of the collection; a run of TREC format stays in ``out``."""
    command = [sys.executable, "-m", "core", "rerank", "--collection", collection, "--system", SYSTEM]
    done = subprocess.run([*command, "--depth", str(depth), "--out", out], check=True, stdout=subprocess.PIPE)
    ranked: dict[str, list[str]] = {{}}
    with open(json.loads(done.stdout)["systems"][0]["run"], encoding="utf-8") as lines:
        for line in lines:
            query, _, document, *_ = line.split()
            ranked.setdefault(query, []).append(document)
    return ranked
'''


def by_command_line(system: System, why: str) -> Snippet:
    """``why``: the reason, as a sentence."""
    note = f"This needs Runoff. {why} docs/strategies.md describes the strategy."
    return Snippet(text=_TEXT.format(spec=system.spec, why=why), packages=(), notes=(note,), standalone=False)
