"""A cross-encoder over 100 documents a query: linear in N, and how far from the products that must be done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.speed.comparing import compared, row_of
from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.floor import Shape, floor
from benchmarks.speed.ours import batches, cross_encoding, nested, pairs_of
from benchmarks.speed.outcome import Outcome, Row
from benchmarks.speed.parity import Scores
from benchmarks.speed.peers import sentence_transformers_peer
from benchmarks.speed.peers.sentence_transformers_peer import ONE_CALL
from benchmarks.speed.timing import Times, Variant, interleave, ratio
from core.domain.documents import CandidateList
from core.domain.requests import ScoreAnswer
from core.models.base import Adapter

NAME = "cross-encoder, 100 documents a query"
WARM, FLOOR, SHORT = "all documents", "matrix products alone", "the first 20 documents"
MOST_OVER_FLOOR, MOST_OVER_LINEAR = 1.2, 1.1


def hundred(context: Context) -> Outcome:
    """The closest peer at its fastest (with --full both ways), then ours against its floor and against itself."""
    shelf = context.shelf
    adapter = shelf.load(shelf.cross_encoder())
    lists = passages().lists(context.size(2, 1), 100)
    ours = cross_encoding(adapter, lists)
    made = sentence_transformers_peer.variants(shelf.folder / "minilm-l6-cross-encoder", lists)
    peers = [peer for peer in made if context.full or peer.name == ONE_CALL]
    rows = compared(NAME, ours, peers, context, {})
    return Outcome(rows=(*rows, *_bounds(context, adapter, lists, shelf.folder)))


def _bounds(context: Context, adapter: Adapter, lists: Sequence[CandidateList], folder: Path) -> list[Row]:
    short = [CandidateList(query=one.query, documents=one.documents[:20], first_stage=one.first_stage) for one in lists]
    whole, fewer = cross_encoding(adapter, lists), cross_encoding(adapter, short)
    lengths = _lengths(adapter, lists)
    must = floor(_shape(folder / "minilm-l6-cross-encoder"), lengths)

    def products() -> Scores:
        must()
        return []

    # Token ids at hand: the floor has no tokenising either.
    variants = [
        Variant(name=WARM, run=whole.run),
        Variant(name=SHORT, run=fewer.run),
        Variant(name=FLOOR, run=products),
    ]
    times = interleave(variants, context.rounds, context.clock)
    tokens = sum(map(sum, lengths)), sum(map(sum, _lengths(adapter, short)))
    return [_floor_row(times), _linear_row(times, tokens)]


def _floor_row(times: dict[str, Times]) -> Row:
    found = ratio(times[FLOOR].whole, times[WARM].whole)
    note = "ours over the measured products of the same rows (F.linear, bmm), last layer for needed rows only"
    row = row_of(NAME, "over the GEMM floor", found, line=MOST_OVER_FLOOR, at_least=False, note=note)
    return replace(row, seconds=found.seconds[::-1])


def _linear_row(times: dict[str, Times], tokens: tuple[int, int]) -> Row:
    per_token = [
        [seconds / count for seconds in times[name].whole] for name, count in zip((WARM, SHORT), tokens, strict=True)
    ]
    found = ratio(per_token[1], per_token[0])
    note = f"time per token at N = 100 over N = 20 ({tokens[0]:,} and {tokens[1]:,} tokens); 1 is linear"
    row = row_of(NAME, "growth with N", found, line=MOST_OVER_LINEAR, at_least=False, note=note)
    return replace(row, seconds=None)


def _lengths(adapter: Adapter, lists: Sequence[CandidateList]) -> list[list[int]]:
    """Tokens of every pair, batch by batch as ours runs them."""
    requests = pairs_of(lists)
    answers = adapter.answer(requests, lambda: False)
    sizes = [answer.usage.prompt_tokens for answer in answers if isinstance(answer, ScoreAnswer)]
    assert len(nested(sizes, lists)) == len(lists)
    return [[sizes[place] for place in places] for places in batches(adapter, requests)]


def _shape(folder: Path) -> Shape:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return Shape(
        layers=config["num_hidden_layers"],
        width=config["hidden_size"],
        heads=config["num_attention_heads"],
        inner=config["intermediate_size"],
    )
