"""Dry runs: what is predicted is what the strategies ask, counted by hand."""

from dataclasses import replace

import pytest

from core.strategies.base import find
from core.strategies.dry_run import CHARACTERS_PER_TOKEN, Load, predict
from core.strategies.resolve import build, forecast, resolve
from tests.support.judges import candidates, find_model


def dry(spec: str, n_docs: int):
    return predict(resolve(spec, find_model), candidates(n_docs), build)


@pytest.mark.parametrize(
    ("spec", "n_docs", "calls", "rounds"),
    [
        ("first-stage", 20, 0, 0),
        ("bm25", 20, 1, 1),
        ("bi-encoder", 20, 21, 1),
        ("yes-no", 20, 20, 1),
        ("prp-all-pair", 6, 30, 1),
        ("listwise", 100, 9, 9),  # 1 + (100 - 20) / 10
        ("rrf?of=(bm25,bi-encoder)", 20, 22, 1),  # both members in one round
        ("cascade?of=(bi-encoder,query-likelihood)&keep=5", 20, 26, 2),  # 21, then 5
        ("rrf?of=(bm25,listwise)", 40, 4, 3),  # the deeper member decides: 3 windows
        ("yes-no", 1, 0, 0),
    ],
)
def test_calls_and_rounds_are_those_counted_by_hand(spec, n_docs, calls, rounds):
    found = dry(spec, n_docs)
    assert (found.total.calls, found.rounds) == (calls, rounds)


@pytest.mark.parametrize("spec", ["yes-no", "query-likelihood", "prp-all-pair", "maxsim", "listwise?window=4&step=2"])
@pytest.mark.parametrize("n_docs", [2, 7, 12])
def test_the_calls_are_the_forecast_where_that_is_exact(spec, n_docs):
    system = resolve(spec, find_model)
    assert find(system.strategy).exact_forecast
    assert dry(spec, n_docs).total.calls == forecast(system, n_docs)


def test_loads_are_told_by_model():
    models = dict(dry("cascade?of=(bi-encoder,query-likelihood)&keep=5", 20).models)
    assert {name: load.calls for name, load in models.items()} == {"all-minilm-l6-v2": 21, "smollm2-135m-instruct": 5}


def test_characters_are_those_of_the_texts():
    lists = candidates(3)
    (name, load), *_ = dry("bi-encoder", 3).models
    assert name == "all-minilm-l6-v2"
    assert load.characters == len(lists.query.text) + sum(len(document.content) for document in lists.documents)
    assert load.prompt_tokens == -(-load.characters // CHARACTERS_PER_TOKEN)


def test_tokens_that_may_be_written_are_the_limits_of_all_calls():
    assert dry("listwise?max_tokens=50", 40).total.most_generated == 3 * 50
    assert dry("yes-no", 40).total.most_generated == 0


def test_loads_add_up():
    one = Load(calls=1, characters=10, most_generated=3)
    assert one + one == Load(calls=2, characters=20, most_generated=6)


EXAMPLES = (
    ("relevance-threshold?of=(yes-no)&examples=12&depth=9", 12 * 9 + 20),
    ("score-fusion?of=(yes-no,query-likelihood)&calibration=platt&examples=15", 2 * (15 * 20 + 20)),
)


@pytest.mark.parametrize(("spec", "calls"), EXAMPLES)
def test_members_rank_as_many_judged_examples_as_are_asked_for(spec, calls):
    system = resolve(spec, find_model)
    lists = replace(candidates(20), collection="0" * 64)
    found = predict(system, lists, build)
    assert found.total.calls == calls == forecast(system, 20)
    assert found.rounds == 1
    assert found.most  # the collection may have fewer
    alone = predict(resolve(spec, find_model), candidates(20), build)
    assert alone.total.calls == 20 * len(system.members)  # a pasted list has no judged examples
    assert not alone.most


def test_examples_are_reckoned_as_long_as_the_candidates():
    system = resolve("relevance-threshold?of=(yes-no)&examples=3&depth=20", find_model)
    lists = candidates(20)
    once = predict(system, lists, build).total.characters
    assert predict(system, replace(lists, collection="0" * 64), build).total.characters == 4 * once
