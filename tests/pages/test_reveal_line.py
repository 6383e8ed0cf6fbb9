"""The calm line after a vote, word by word."""

from __future__ import annotations

import pytest

from core.domain.voting import BattleForm, Control, Verdict
from core.services.battles.reveals import Agreement, Contribution, Known, Reveal
from pages._ui.arena.reveal_line import sentence
from pages._ui.wording import listed


def reveal(**values: object) -> Reveal:
    base = {
        "battle": "b", "form": BattleForm.SIDE_BY_SIDE, "names": ("bm25", "maxsim"), "verdict": Verdict.LEFT,
        "order": (), "others": {}, "agreement": Agreement(same=0, of=0), "labels": None,
    }  # fmt: skip
    return Reveal(**{**base, **values})


def test_it_counts_the_others() -> None:
    said = sentence(reveal(others={Verdict.LEFT: 7, Verdict.EQUAL: 2}))
    assert said == "You said A is better. A was `bm25`, B was `maxsim`. You agree with 7 of 9 others."


@pytest.mark.parametrize(
    ("labels", "said"), [((0.8, 0.5), "prefer A"), ((0.5, 0.8), "prefer B"), ((0.5, 0.5), "see no difference")]
)
def test_after_a_first_vote_it_asks_the_labels(labels: tuple[float, float], said: str) -> None:
    assert said in sentence(reveal(verdict=Verdict.EQUAL, labels=labels))


def test_of_several_lists_it_names_every_slot_in_order() -> None:
    made = reveal(
        form=BattleForm.BEST_TO_WORST, names=("w", "x", "y", "z"), verdict=Verdict.ORDERED,
        order=((2,), (0, 1), (3,)), agreement=Agreement(same=5, of=6),
    )  # fmt: skip
    assert sentence(made) == (
        "You said: 1\\. C `y`, 2\\. A `w` and B `x`, 3\\. D `z`. Others agree on 5 of 6 comparisons of two of these."
    )


@pytest.mark.parametrize(
    ("credit", "slots", "said"),
    [
        ((3, 1), (0, 0, 0, 1), "you credited `bm25` 3, `maxsim` 1."),
        ((1, 0), (0, None, None), "you credited `bm25` 1, `maxsim` 0 (and 2 that both begin with)."),
        ((0, 0), (None,), "you credited `bm25` 0, `maxsim` 0 (and 1 that both begin with)."),
        ((0, 0), (), "you found nothing useful in it."),
    ],
)
def test_of_a_merged_list_it_says_who_was_credited(
    credit: tuple[int, int], slots: tuple[int | None, ...], said: str
) -> None:
    useful = tuple(
        Contribution(rank=rank, document=f"d{rank}", slot=slot, useful=True) for rank, slot in enumerate(slots, 1)
    )
    rest = (Contribution(rank=9, document="d9", slot=None, useful=None),)
    made = reveal(form=BattleForm.INTERLEAVED, credit=credit, merged=useful + rest)
    assert sentence(made).startswith(f"The list was made of `bm25` and `maxsim`; {said}")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"control": Control.SAME_SYSTEM, "names": ("bm25", "bm25")},
            "You said A is better. This was a check, which no board counts: both lists were the same one, of `bm25`.",
        ),
        (
            {"control": Control.SWAPPED, "known": Known(expected=Verdict.LEFT, met=True)},
            "You said A is better. This was a check, which no board counts: you have judged these two lists before "
            "with the sides swapped, and said the same. A was `bm25`, B was `maxsim`.",
        ),
        (
            {"control": Control.SWAPPED, "known": Known(expected=Verdict.EQUAL, met=False)},
            "You said A is better. This was a check, which no board counts: you have judged these two lists before "
            "with the sides swapped; as they stand now, you said then: equally good. A was `bm25`, B was `maxsim`.",
        ),
        (
            {"control": Control.GOLD, "known": Known(expected=Verdict.RIGHT, met=False)},
            "You said A is better. This was a check with a known answer, which no board counts. A was `bm25`, "
            "B was `maxsim`. The answer is: B is better.",
        ),
    ],
)
def test_of_a_check_it_says_what_it_was(values: dict[str, object], said: str) -> None:
    assert sentence(reveal(**values)) == said


def test_names_are_shown_as_they_are_written() -> None:
    assert "A was ``x`![a](http://b)``," in sentence(reveal(names=("x`![a](http://b)", "y")))


def test_a_list_in_words() -> None:
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
