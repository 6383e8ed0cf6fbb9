"""Query likelihood, document first: six queries are read after every document, which is run once."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.judging import asked, strategy_of
from benchmarks.speed.language_models import Asked, against_one_at_a_time, loaded
from benchmarks.speed.models import LLM
from benchmarks.speed.outcome import Outcome

QUERIES = 6


def six_queries(context: Context) -> Outcome:
    """The same documents for every query, as when several queries meet one candidate pool."""
    lists = passages().lists(QUERIES, context.size(6, 2))
    shared = [replace(one, documents=lists[0].documents) for one in lists]
    adapter, peer = loaded(context)
    strategy = strategy_of("query-likelihood", context.shelf.bundled(LLM))
    questions = Asked(strategy=strategy, lists=shared, requests=asked(strategy, shared))
    name = f"query likelihood, {QUERIES} queries a document"
    return against_one_at_a_time(name, questions, adapter, peer, context, line=3.0)
