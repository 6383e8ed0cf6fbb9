"""PRP all-pair: every pair of N documents in both orders, through the project's strategy."""

from __future__ import annotations

from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.judging import asked, strategy_of
from benchmarks.speed.language_models import Asked, against_one_at_a_time, loaded
from benchmarks.speed.models import LLM
from benchmarks.speed.outcome import Outcome

WORDS = 50  # of a passage: 380 prompts of two whole ones would take a core ten minutes a round
ROUNDS = {5: 5, 10: 2, 20: 1}  # of N documents, unless --full


def all_pairs(context: Context) -> Outcome:
    """N = 5, 10, 20."""
    adapter, peer = loaded(context)
    strategy = strategy_of("prp-all-pair", context.shelf.bundled(LLM))
    outcome = Outcome()
    for size, rounds in ROUNDS.items():
        if context.quick and size > 5:
            continue
        lists = passages().lists(1, size, words=WORDS)
        questions = Asked(strategy=strategy, lists=lists, requests=asked(strategy, lists))
        found = against_one_at_a_time(
            f"PRP all-pair, N = {size}",
            questions,
            adapter,
            peer,
            context,
            rounds=context.rounds if context.full else context.at_most(rounds),
            line=2.0,
            fewest=1.8,
            note=f"passages of {WORDS} words",
        )
        outcome = Outcome(rows=outcome.rows + found.rows, facts=outcome.facts + found.facts)
    return outcome
