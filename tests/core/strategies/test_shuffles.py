"""Shuffles and first-stage shares: what strategies draw and weigh."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import CandidateList, Document, Query
from core.strategies.first_stage_scores import first_stage_shares
from core.strategies.shuffles import shuffled

QUERY = Query(id="q", text="boats")


@given(st.lists(st.integers(), max_size=30), st.integers(0, 5))
def test_a_shuffle_keeps_everything_and_leaves_the_input_alone(items, seed):
    before = list(items)
    assert sorted(shuffled(items, seed, QUERY)) == sorted(items)
    assert items == before


def test_seed_query_and_purpose_draw_other_orders():
    items = list(range(12))
    drawn = [
        shuffled(items, 0, QUERY),
        shuffled(items, 1, QUERY),
        shuffled(items, 0, Query(id="q", text="ships")),
        shuffled(items, 0, Query(id="r", text="boats")),
        shuffled(items, 0, QUERY, 1),
        shuffled(items, 0, QUERY, 1, 1),
    ]
    assert len(set(map(tuple, drawn))) == len(drawn)
    assert shuffled(items, 0, QUERY) == drawn[0]


def test_every_order_of_three_is_drawn_about_as_often():
    counts: dict[tuple[int, ...], int] = {}
    for seed in range(600):
        drawn = tuple(shuffled(range(3), seed, QUERY))
        counts[drawn] = counts.get(drawn, 0) + 1
    assert len(counts) == 6
    assert all(60 < count < 140 for count in counts.values())  # 100 expected, standard deviation 9


def given_scores(scores):
    documents = tuple(Document(id=f"d{place}", text="x") for place in range(3))
    return CandidateList(query=QUERY, documents=documents, first_stage_scores=scores)


@pytest.mark.parametrize(
    ("scores", "shares"),
    [
        ((9.0, 5.0, 1.0), (1.0, 0.5, 0.0)),
        ((-1.0, -2.0, -5.0), (1.0, 0.75, 0.0)),
        ((2.0, 2.0, 2.0), (0.0, 0.0, 0.0)),
        (None, (1.0, 0.5, 0.0)),
        ((float("nan"), 1.0, 0.0), (1.0, 0.5, 0.0)),
        ((1.7e308, 0.0, -1.7e308), (1.0, 0.5, 0.0)),
    ],
)
def test_shares(scores, shares):
    assert first_stage_shares(given_scores(scores)) == shares
