"""Team-draft interleaving: worked by hand, its properties, and that no side is favoured."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.measures.interleaving import FIRST, SECOND, Draft, credit, team_draft

ONE = ("a", "b", "c", "d")
OTHER = ("b", "d", "a", "c")
BY_HAND = {
    # who is next in the first and in the second round -> merged list, teams
    (FIRST, FIRST): ("abcd", (0, 1, 0, 1)),
    (FIRST, SECOND): ("abdc", (0, 1, 1, 0)),
    (SECOND, FIRST): ("bacd", (1, 0, 0, 1)),
    (SECOND, SECOND): ("badc", (1, 0, 1, 0)),
}


def coins(seed: int) -> tuple[int, int]:
    rng = random.Random(seed)
    first, second = (FIRST if rng.random() < 0.5 else SECOND for _ in range(2))
    return first, second


@pytest.mark.parametrize("tossed", BY_HAND)
def test_worked_by_hand(tossed: tuple[int, int]) -> None:
    seed = next(seed for seed in range(100) if coins(seed) == tossed)
    draft = team_draft(ONE, OTHER, depth=10, seed=seed)
    documents, teams = BY_HAND[tossed]
    assert ("".join(draft.documents), draft.teams) == (documents, teams)


def test_the_common_prefix_belongs_to_nobody() -> None:
    draft = team_draft(
        ("p", "q", *ONE), ("p", "q", *OTHER), depth=6, seed=next(s for s in range(100) if not any(coins(s)))
    )
    assert "".join(draft.documents) == "pqabcd"
    assert draft.teams == (None, None, 0, 1, 0, 1)


def test_equal_rankings_have_no_teams() -> None:
    assert team_draft(ONE, ONE, depth=3, seed=1) == Draft(documents=("a", "b", "c"), teams=(None, None, None))


def test_the_same_seed_gives_the_same_list() -> None:
    drafts = {team_draft(ONE, OTHER, depth=4, seed=seed).documents for seed in range(40)}
    assert len(drafts) == 4
    assert team_draft(ONE, OTHER, depth=4, seed=5) == team_draft(ONE, OTHER, depth=4, seed=5)


def test_it_ends_with_the_shorter_ranking() -> None:
    for seed in range(20):
        draft = team_draft(("x",), ("y", "z", "w"), depth=10, seed=seed)
        assert set(draft.documents) in ({"x"}, {"x", "y"})
        assert "x" in draft.documents


@given(
    first=st.permutations(range(12)), second=st.permutations(range(12)), depth=st.integers(1, 15), seed=st.integers(0)
)
def test_each_team_takes_its_best_unused_document_and_teams_are_balanced(
    first: list[int], second: list[int], depth: int, seed: int
) -> None:
    rankings = [[str(n) for n in first], [str(n) for n in second]]
    draft = team_draft(rankings[0], rankings[1], depth=depth, seed=seed)
    assert len(draft.documents) == len(set(draft.documents)) == min(depth, 12)
    used: list[str] = []
    sizes = [0, 0]
    for document, team in zip(draft.documents, draft.teams, strict=True):
        best = [next(d for d in ranking if d not in used) for ranking in rankings]
        if team is None:
            assert best == [document, document]
        else:
            assert document == best[team]
            assert sizes[team] <= sizes[1 - team]  # the smaller team, or either of two equal ones
            sizes[team] += 1
        used.append(document)
    assert abs(sizes[0] - sizes[1]) <= 1


def test_every_rank_is_either_teams_alike() -> None:
    """So a voter who marks at random favours nobody: 4,000 seeds, five standard deviations are 0.04."""
    drafts = [team_draft("abcdefghij", "bajihgfedc", depth=9, seed=seed).teams for seed in range(4000)]
    for rank in range(9):
        assert abs(sum(teams[rank] == FIRST for teams in drafts) / 4000 - 0.5) < 0.04


def test_credit_by_hand() -> None:
    draft = Draft(documents=("p", "a", "b", "c"), teams=(None, 0, 1, 0))
    given_ = credit(draft, ["p", "a", "c", "b"])
    assert (given_.first, given_.second, given_.shared) == (2, 1, 1)
    nothing = credit(draft, [])
    assert (nothing.first, nothing.second, nothing.shared) == (0, 0, 0)


def test_what_is_not_in_the_list_gets_no_credit() -> None:
    with pytest.raises(InvalidInputError, match="'z' is not in the merged list"):
        credit(Draft(documents=("a",), teams=(0,)), ["z"])


def test_a_document_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="twice"):
        team_draft(("a", "a"), ("a", "b"), depth=2, seed=0)
