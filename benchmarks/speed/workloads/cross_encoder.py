"""A cross-encoder over 20 documents a query: real lengths, then uniform ones, against every peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.speed.comparing import compared
from benchmarks.speed.context import Context
from benchmarks.speed.data import passages, uniform
from benchmarks.speed.memory import parameters_mb
from benchmarks.speed.models import Shelf
from benchmarks.speed.ours import cross_encoding, executed_tokens, pairs_of
from benchmarks.speed.outcome import Outcome, Row
from benchmarks.speed.peers import openvino_peer, plain_loop, rerankers_peer, sentence_transformers_peer
from benchmarks.speed.peers.sentence_transformers_peer import ONE_CALL, PER_QUERY
from benchmarks.speed.timing import Variant
from core.domain.documents import CandidateList

LINES = {PER_QUERY: 2.5, ONE_CALL: 2.0, rerankers_peer.NAME: 2.2}
UNIFORM_WORDS = 128


def twenty(context: Context) -> Outcome:
    """Passages of real lengths; the lines of PERFORMANCE.md."""
    lists = passages().lists(context.size(12, 3), 20)
    return _against_all(context, "cross-encoder, 20 documents a query", lists, LINES)


def uniform_lengths(context: Context) -> Outcome:
    """Passages of one length, where hardly any padding is to be saved: told as it is."""
    lists = uniform(passages().lists(context.size(3, 2), 20), UNIFORM_WORDS)
    return _against_all(context, f"cross-encoder, 20 documents of {UNIFORM_WORDS} words", lists, {})


def _against_all(context: Context, name: str, lists: Sequence[CandidateList], lines: dict[str, float]) -> Outcome:
    shelf = context.shelf
    entry = shelf.cross_encoder()
    adapter = shelf.load(entry)
    ours = cross_encoding(adapter, lists)
    peers, missing = _peers(context, shelf, lists, name)
    rows = compared(name, ours, peers, context, lines)
    tokens = executed_tokens(adapter, pairs_of(lists))
    facts = (
        f"{name}: {len(lists)} queries of {passages().name}, {sum(len(one.documents) for one in lists)} pairs, "
        f"{tokens:,.0f} tokens; {parameters_mb(adapter):.0f} MB of weights; execution {adapter.execution}.",
    )
    return Outcome(rows=(*rows, *missing), facts=facts)


def _peers(
    context: Context, shelf: Shelf, lists: Sequence[CandidateList], name: str
) -> tuple[list[Variant], list[Row]]:
    """Every peer that is installed and starts; a row with the reason for the others."""
    folder = shelf.folder / "minilm-l6-cross-encoder"
    makers: dict[str, Callable[[], list[Variant]]] = {
        "sentence-transformers": lambda: sentence_transformers_peer.variants(folder, lists),
        rerankers_peer.NAME: lambda: [rerankers_peer.variant(folder, lists)],
        openvino_peer.NAME: lambda: [openvino_peer.variant(folder, lists, context.threads)],
        plain_loop.NAME: lambda: [plain_loop.variant(folder, lists)],
    }
    peers: list[Variant] = []
    missing: list[Row] = []
    for peer, make in makers.items():
        try:
            peers += make()
        except Exception as error:  # noqa: BLE001  (anybody's package may fail in any way; the others are still measured)
            cause = (str(error).splitlines() or [""])[0]
            missing.append(
                Row(workload=name, figure=peer, refused=f"does not run: {type(error).__name__}: {cause}"[:200])
            )
    return peers, missing
