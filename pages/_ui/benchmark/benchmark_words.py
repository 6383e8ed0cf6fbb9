"""How a benchmark's parts are written, the same in every view."""

from __future__ import annotations

from core.domain.first_stages import FirstStage, Retriever


def stage_said(stage: FirstStage) -> str:
    """``bm25 top 100``, or that the lists came with the collection."""
    return "the lists that came with the collection" if stage.retriever is Retriever.WRITTEN else stage.set_name


def signed(value: float) -> str:
    """``+0.031``, ``-0.200``, and ``0.000`` without a sign."""
    written = f"{value:+.3f}"
    return "0.000" if float(written) == 0 else written
