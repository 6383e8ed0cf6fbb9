"""One job of every family of rerankers, for the measurements in processes of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.speed.data import passages
from benchmarks.speed.judging import asked, strategy_of
from benchmarks.speed.memory import MEGABYTE, PEER, Jobs, Point, Prepare, parameters_mb
from benchmarks.speed.models import EMBEDDER, LLM, Shelf
from benchmarks.speed.ours import answer, pairs_of
from core.domain.documents import CandidateList
from core.domain.models import ModelEntry
from core.domain.requests import Request
from core.models.environment import transformers

CROSS_ENCODER, LONG_CROSS_ENCODER = "cross-encoder", "cross-encoder, whole passages"
WORDS = 40  # of a passage where the number of passages is what varies
SPECS = {
    CROSS_ENCODER: "",
    LONG_CROSS_ENCODER: "",
    "embedder": "bi-encoder",
    "LLM yes/no": "yes-no",
    "query likelihood": "query-likelihood",
    "PRP all-pair": "prp-all-pair",
}


def prepared(family: str, variant: str, points: Sequence[Point], threads: int, folder: Path) -> Prepare:
    """Imports what the jobs need; what it gives back loads the model when it is called."""
    import torch

    torch.set_num_threads(threads)
    transformers()
    import core.models.causal_lm
    import core.models.cross_encoder
    import core.models.embedder  # noqa: F401  (imports are not what is measured)

    shelf = Shelf(folder, threads)
    lists = [_lists(family, depth, queries) for depth, queries in points]
    if variant == PEER:
        return _peer(shelf, lists)
    entry = _entry(family, shelf)
    shelf.folder_of(entry)
    requests = [_requests(family, chosen, entry) for chosen in lists]

    def prepare() -> tuple[Jobs, float]:
        adapter = shelf.load(entry)

        def job(groups: Sequence[Sequence[Request]]) -> None:
            adapter.forget()
            for group in groups:
                answer(adapter, group)

        return [partial(job, groups) for groups in requests], parameters_mb(adapter)

    return prepare


def _lists(family: str, depth: int, queries: int) -> list[CandidateList]:
    words = None if family == LONG_CROSS_ENCODER else WORDS
    if queries == 1:
        return [passages().deep(depth, words=words)]
    return passages().lists(queries, depth, words=words)


def _entry(family: str, shelf: Shelf) -> ModelEntry:
    if family in (CROSS_ENCODER, LONG_CROSS_ENCODER):
        return shelf.cross_encoder()
    return shelf.bundled(EMBEDDER if family == "embedder" else LLM)


def _requests(family: str, lists: Sequence[CandidateList], entry: ModelEntry) -> list[list[Request]]:
    """What is asked, in groups of one type each."""
    if not SPECS[family]:
        return [pairs_of(lists)]
    requests = [request for group in asked(strategy_of(SPECS[family], entry), lists) for request in group]
    kinds = {type(request) for request in requests}
    return [[request for request in requests if type(request) is kind] for kind in kinds]


def _peer(shelf: Shelf, lists: Sequence[Sequence[CandidateList]]) -> Prepare:
    """sentence-transformers' CrossEncoder, all pairs in one call."""
    import sentence_transformers  # noqa: F401  (imports are not what is measured)

    from benchmarks.speed.peers import sentence_transformers_peer as peer

    shelf.cross_encoder()
    folder = shelf.folder / "minilm-l6-cross-encoder"

    def prepare() -> tuple[Jobs, float]:
        model = peer.loaded(folder)
        return [peer.variants_of(model, chosen)[1].run for chosen in lists], _size(folder)

    return prepare


def _size(folder: Path) -> float:
    return (folder / "model.safetensors").stat().st_size / MEGABYTE
