"""What a board is made of: sentences, slices, covariates, side bias, kept columns, kept boards."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from core.domain.comparisons import Comparisons
from core.domain.decisions import Decisions
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from core.domain.voting import VoterKind
from core.ratings.outcomes import build
from core.services.board.board_keeping import BoardKeeper
from core.services.board.boards import BoardRequest
from core.services.board.covariate_columns import covariate_columns
from core.services.board.ranked_lists import RankedLists
from core.services.board.side_bias import side_bias
from core.services.board.slices import sliced
from core.services.board.standing import according_to, listed, ordinal, ranks, sentence
from core.services.votes.vote_columns import VoteColumns


def ahead(k: int, *pairs: tuple[int, int]) -> np.ndarray:
    table = np.zeros((k, k), dtype=bool)
    for row, column in pairs:
        table[row, column] = True
    return table


class TestSentence:
    def test_two_level_both_ahead(self) -> None:
        said = sentence(["X", "Y", "Z"], ahead(3, (0, 2), (1, 2)))
        assert said == "X and Y cannot be told apart; both are ahead of Z."

    def test_a_clear_leader(self) -> None:
        said = sentence(["X", "Y", "Z"], ahead(3, (0, 1), (0, 2)), "people")
        assert said == "X leads: it is ahead of every other system according to people."
        assert sentence(["X", "Y"], ahead(2, (0, 1))) == "X leads: it is ahead of Y."

    def test_nobody_ahead(self) -> None:
        assert sentence(["X", "Y", "Z"], ahead(3), "people") == "X, Y and Z cannot be told apart."

    def test_only_the_leader_is_surely_ahead(self) -> None:
        assert sentence(["X", "Y", "Z"], ahead(3, (0, 2))) == ("X and Y cannot be told apart; X is surely ahead of Z.")
        assert sentence(["X", "Y", "Z", "W"], ahead(4, (0, 2), (0, 3), (1, 3))) == (
            "X and Y cannot be told apart; both are ahead of W, and only X is surely ahead of Z."
        )

    def test_those_level_with_the_leader_may_be_told_apart_among_themselves(self) -> None:
        assert sentence(["X", "Y", "Z"], ahead(3, (1, 2))) == (
            "X is rated highest, but cannot be told apart from Y and Z."
        )

    def test_many_names_are_counted(self) -> None:
        names = [f"s{i}" for i in range(59)]
        assert sentence(names, ahead(59)) == "s0, s1, s2, s3 and 55 others cannot be told apart."
        assert listed(names[:5]) == "s0, s1, s2, s3 and s4"

    def test_who_says_so(self) -> None:
        assert according_to(VoterKind.PERSON, 1, "for these voters") == "the one person who voted"
        assert according_to(VoterKind.PERSON, 3, "for these voters") == "the 3 people who voted"
        assert according_to(VoterKind.PERSON, 30, "") == "people"
        assert according_to(VoterKind.LABELS, 1, "for these voters") == "the relevance labels"

    @pytest.mark.parametrize(
        ("rank", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")]
    )
    def test_ordinals(self, rank: int, said: str) -> None:
        assert ordinal(rank) == said

    def test_rank_sets(self) -> None:
        assert ranks(2, 4) == "between 2nd and 4th"
        assert ranks(1, 1) == "1st"
        assert ranks(None, None) == ""


def rows(votes: list[int], *, voters: list[int] | None = None, at: list[int] | None = None) -> Comparisons:
    n = len(votes)
    zeros = np.zeros(n, dtype=np.int64)
    return Comparisons(
        systems=("A", "B"),
        voters=("ann", "bob"),
        queries=("q",),
        groups=("",),
        left=zeros,
        right=zeros + 1,
        share=np.ones(n),
        both_bad=np.zeros(n, dtype=bool),
        voter=np.array(voters or [0] * n, dtype=np.int64),
        query=zeros,
        group=zeros,
        vote=np.array(votes, dtype=np.int64),
        at=np.array(at or [0] * n, dtype=np.int64),
        depth=zeros + 10,
        slot=zeros + 1,
        seconds=np.full(n, np.nan),
    )


class TestSlices:
    def test_times_are_inclusive_at_the_beginning_and_as_of_only(self) -> None:
        log = rows([1, 2, 3], at=[1000, 2000, 3000])
        two = datetime.fromtimestamp(2, UTC)

        def votes(**asked: datetime) -> list[int]:
            return sliced(log, Decisions(()), BoardRequest(collection="c", **asked), {}).rows.vote.tolist()

        assert votes(since=two) == [2, 3]
        assert votes(until=two) == [1]
        assert votes(as_of=two) == [1, 2]


class Log:
    """A store whose log grows; counts what was read."""

    def __init__(self) -> None:
        self.all: list[Comparisons] = []
        self.asked: list[int] = []

    def comparisons(self, *, collection: str, kind: VoterKind, after: int = 0) -> Comparisons:
        self.asked.append(after)
        fitting = [part for part in self.all if part.vote.min() > after]
        return fitting[0] if fitting else rows([])


class TestColumns:
    def test_only_newer_rows_are_read_and_names_find_their_place(self) -> None:
        log = Log()
        log.all.append(rows([1, 2], voters=[0, 1]))
        columns = VoteColumns(log)
        first = columns.read("c", VoterKind.PERSON)
        later = rows([3], voters=[1])
        log.all.append(
            Comparisons(
                **{
                    **{name: getattr(later, name) for name in Comparisons.__slots__},
                    "systems": ("B", "C"),
                    "voters": ("cid", "ann"),
                }
            )
        )
        both = columns.read("c", VoterKind.PERSON)
        assert log.asked == [0, 2]
        assert both.systems == ("A", "B", "C")
        assert [both.systems[i] for i in both.left] == ["A", "A", "B"]
        assert [both.systems[i] for i in both.right] == ["B", "B", "C"]
        assert [both.voters[i] for i in both.voter] == ["ann", "bob", "ann"]
        assert len(first) == 2
        assert first.vote.tolist() == [1, 2]

    def test_columns_handed_out_stay_as_they_were(self) -> None:
        log = Log()
        columns = VoteColumns(log)
        held = []
        for number in range(1, 40):
            log.all.append(rows([number]))
            held.append(columns.read("c", VoterKind.PERSON))
        assert [len(part) for part in held] == list(range(1, 40))
        assert all(part.vote.tolist() == list(range(1, len(part) + 1)) for part in held)


class Made:
    def __init__(self, number: int, size: int) -> None:
        self.number, self.rows = number, size


class TestKeeper:
    def keeper(self, size: int, make: Callable[[], None] = lambda: None) -> tuple[BoardKeeper[Made], dict[str, int]]:
        counts = {"made": 0, "state": 0, "revision": 0}

        def made(_: BoardRequest) -> Made:
            counts["made"] += 1
            make()
            return Made(counts["made"], size)

        return BoardKeeper(made, lambda _: counts["state"], lambda: counts["revision"], background=100), counts

    def test_a_change_that_does_not_concern_it_makes_nothing(self) -> None:
        keeper, counts = self.keeper(10)
        request = BoardRequest(collection="c")
        keeper.get(request)
        counts["revision"] += 1
        assert keeper.get(request)[0].made.number == 1
        counts["revision"] += 1
        counts["state"] += 1
        assert keeper.get(request)[0].made.number == 2

    def test_a_large_board_is_given_at_once_and_made_in_the_background(self) -> None:
        go = threading.Event()
        go.set()
        keeper, counts = self.keeper(1000, go.wait)
        request = BoardRequest(collection="c")
        keeper.get(request)
        go.clear()
        counts["revision"] += 1
        counts["state"] += 1
        kept, current = keeper.get(request)
        assert (kept.made.number, current) == (1, False)
        assert keeper.get(request)[0].made.number == 1
        go.set()
        keeper.settle()
        kept, current = keeper.get(request)
        assert (kept.made.number, current, counts["made"]) == (2, True, 2)

    def test_views_are_read_once_for_each_board(self) -> None:
        keeper, counts = self.keeper(10)
        request = BoardRequest(collection="c")
        read: list[int] = []

        def view(made: Made) -> int:
            read.append(made.number)
            return made.number

        assert [keeper.view(request, "v", view) for _ in range(3)] == [1, 1, 1]
        counts["revision"] += 1
        counts["state"] += 1
        assert keeper.view(request, "v", view) == 2
        assert read == [1, 2]


def lists() -> RankedLists:
    query = Query(id="q", text="?")
    return RankedLists(
        queries={"q": query},
        lists={"q": "hash"},
        orders={"A": {"q": ("d1", "d2")}, "B": {"q": ("d3", "d1")}},
    )


def load(_: str) -> CandidateList:
    documents = tuple(
        Document(id=f"d{number}", title="", text=" ".join(["word"] * words))
        for number, words in ((1, 4), (2, 12), (3, 28))
    )
    return CandidateList(query=Query(id="q", text="?"), documents=documents, collection="c", first_stage="bm25")


class TestCovariates:
    def test_columns_by_hand(self) -> None:
        outcomes = build(left=["A", "B"], right=["B", "A"], share=[1, 0], voter=["v", "v"], query=["q", "q"])
        design = covariate_columns(("side", "length", "first-stage"), outcomes, lists(), load)
        assert design.values[:, 0].tolist() == [1.0, 1.0]
        # Means of 8 and 16 words: log2 8 - log2 16 = -1.
        assert design.values[:, 1].tolist() == pytest.approx([-1.0, 1.0])
        assert design.values[:, 2].tolist() == pytest.approx([0.0, 0.0])

    def test_a_log_without_rankings_has_no_lengths(self) -> None:
        outcomes = build(left=["A"], right=["B"], share=[1], voter=["v"], query=["q"])
        with pytest.raises(InvalidInputError, match="rankings behind 1 of 1 comparisons are not stored"):
            covariate_columns(("length",), outcomes, RankedLists(), load)


class TestSideBias:
    def test_wilson_under_ten_voters(self) -> None:
        outcomes = build(
            left=["A"] * 10, right=["B"] * 10, share=[1] * 6 + [0] * 2 + [0.5] * 2, voter=["v"] * 10, query=["q"] * 10
        )
        found = side_bias(outcomes)
        assert found is not None
        assert (found.share, found.decided) == (0.75, 8)
        assert (found.low, found.high) == pytest.approx((0.4093, 0.9285), abs=1e-3)  # Wilson 1927, 6 of 8

    def test_voters_that_hang_together_widen_it(self) -> None:
        voters = [f"v{i:02}" for i in range(20) for _ in range(20)]
        together = [float(i % 2) for i in range(20) for _ in range(20)]
        mixed = [float((i + j) % 2) for i in range(20) for j in range(20)]
        widths = []
        for share in (together, mixed):
            found = side_bias(build(left=["A"] * 400, right=["B"] * 400, share=share, voter=voters, query=["q"] * 400))
            assert found is not None
            assert found.share == 0.5
            widths.append(found.high - found.low)
        assert widths[0] > 0.4
        assert widths[1] == pytest.approx(0.0, abs=1e-12)

    def test_nothing_decided(self) -> None:
        assert side_bias(build(left=["A"], right=["B"], share=[0.5], voter=["v"], query=["q"])) is None
