"""The judges that other tests rely on are what they claim to be."""

from collections import Counter

import pytest

from core.domain.requests import Embed, Generate, LabelLogprobs, Likelihood, Rank, Score, ScoreList
from core.strategies.pairwise.comparison import comparison
from core.strategies.prompts import chat, passage
from tests.support.judges import (
    FirstPlaceJudge,
    IntransitiveJudge,
    NoisyJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    candidates,
    uniform,
)

LISTS = candidates(4)
DOCUMENTS = LISTS.documents
PROMPT = chat("Judge.", *(passage(document) for document in DOCUMENTS))
REQUESTS = (
    Score(query="q", document=DOCUMENTS[0]),
    Embed(text="q", role="query"),
    Embed(text="d", role="document", at="tokens", document_id="d1"),
    LabelLogprobs(prompt=PROMPT, labels=("yes", "no")),
    Likelihood(prompt=PROMPT, continuation="a b"),
    Generate(prompt=PROMPT, max_tokens=5),
    ScoreList(query="q", documents=DOCUMENTS),
    Rank(member=0, candidates=LISTS),
)
JUDGES = (
    PerfectJudge(),
    NoisyJudge(),
    TieJudge(),
    FirstPlaceJudge(),
    IntransitiveJudge(),
    RefusingJudge(),
    NonsenseJudge(),
)


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: type(judge).__name__)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_every_request_gets_the_same_answer_of_its_type(judge, request_):
    answer = judge.answer(request_)
    assert type(answer).__name__ == {"LabelLogprobs": "Label"}.get(type(request_).__name__, type(request_).__name__) + (
        "Answer"
    )
    if not isinstance(request_, Embed):
        assert judge.answer(request_) == answer


def test_drawn_numbers_are_spread_and_repeatable():
    numbers = [uniform(1, str(number)) for number in range(1000)]
    assert numbers == [uniform(1, str(number)) for number in range(1000)]
    assert all(0 < number < 1 for number in numbers)
    assert sum(numbers) / 1000 == pytest.approx(0.5, abs=0.03)


def test_noise_is_bradley_terry():
    judge = NoisyJudge(worths={"d0": 0.5, "d1": 0.25}, scale=4.0)
    wins = 0
    for number in range(2000):
        forward, _ = comparison(f"query {number}", DOCUMENTS[0], DOCUMENTS[1])
        a, _, b, _ = judge.answer(forward).logprobs
        wins += a > b
    assert wins / 2000 == pytest.approx(0.7311, abs=0.03)  # sigmoid(4 · 0.25)


def test_the_cycle_has_no_best():
    worths = {"d0": 0.0, "d1": 1 / 3, "d2": 2 / 3}
    judge = IntransitiveJudge(worths=worths)
    wins = Counter()
    for i, j in ((0, 1), (1, 2), (2, 0)):
        forward, backward = comparison("q", DOCUMENTS[i], DOCUMENTS[j])
        a, _, b, _ = judge.answer(forward).logprobs
        c, _, d, _ = judge.answer(backward).logprobs
        assert (a > b) == (d > c)  # whatever the order of the two
        wins[i if a > b else j] += 1
    assert wins == {0: 1, 1: 1, 2: 1}
