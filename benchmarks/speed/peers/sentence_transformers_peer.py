"""sentence-transformers' CrossEncoder: one ``predict`` per query, or all pairs in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.ours import nested
from benchmarks.speed.parity import Scores
from benchmarks.speed.timing import Variant
from core.domain.documents import CandidateList

PER_QUERY, ONE_CALL = "sentence-transformers per query", "sentence-transformers in one call"
BATCH = 32  # its default


def variants(folder: Path, lists: Sequence[CandidateList], *, device: str = "cpu", dtype: str = "") -> list[Variant]:
    """Both ways over one loaded model."""
    return variants_of(loaded(folder, device=device, dtype=dtype), lists)


def loaded(folder: Path, *, device: str = "cpu", dtype: str = "") -> Any:  # noqa: ANN401 - its own type
    """Its CrossEncoder."""
    from sentence_transformers import CrossEncoder

    options = {"dtype": dtype} if dtype else {}
    return CrossEncoder(str(folder), device=device, local_files_only=True, model_kwargs=options)


def variants_of(model: Any, lists: Sequence[CandidateList]) -> list[Variant]:  # noqa: ANN401 - its own type
    """Both ways; the activation is left out, as our scores are raw logits."""
    import torch

    raw = torch.nn.Identity()
    groups = [[(one.query.text, document.content) for document in one.documents] for one in lists]
    everything = [pair for group in groups for pair in group]

    def per_query() -> Scores:
        return [model.predict(group, activation_fn=raw, show_progress_bar=False).tolist() for group in groups]

    def one_call() -> Scores:
        return nested(model.predict(everything, activation_fn=raw, show_progress_bar=False).tolist(), lists)

    def tokenise(parts: Sequence[Sequence[tuple[str, str]]]) -> None:
        for part in parts:
            longest_first = sorted(part, key=lambda pair: -len(pair[0]) - len(pair[1]))
            for start in range(0, len(part), BATCH):
                model.preprocess(longest_first[start : start + BATCH])

    def warm_up() -> None:
        model.predict(everything[:BATCH], activation_fn=raw, show_progress_bar=False)

    return [
        Variant(name=PER_QUERY, run=per_query, warm_up=warm_up, tokenise=lambda: tokenise(groups)),
        Variant(name=ONE_CALL, run=one_call, warm_up=warm_up, tokenise=lambda: tokenise([everything])),
    ]
