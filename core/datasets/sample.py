"""The built-in sample collection: a folder in BEIR layout with candidates, beside this file."""

from __future__ import annotations

from pathlib import Path

SAMPLE_NAME = "sample"


def sample_folder() -> Path:
    """corpus.jsonl, queries.jsonl (with categories), qrels/test.tsv and candidates.tsv; see ``core.datasets.beir``."""
    return Path(__file__).parent / "sample"
