"""What is said after the vote: the names behind the slots, what others and the labels say, what a control was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.ports import Store
from core.domain.voting import (
    GOLD_BEST,
    GOLD_WORST,
    SHARES,
    Ballot,
    Battle,
    BattleForm,
    Control,
    Verdict,
    Vote,
    VoterKind,
    compared,
)
from core.measures.effectiveness import evaluate_ranking
from core.services.battles.ballots import credit_of
from core.services.battles.slot_orders import Orders, draft_of
from core.services.collections import CollectionService
from core.services.systems import SystemService

MEASURE = "nDCG@10"
GOLD_NAMES = {GOLD_BEST: "the order of the relevance labels", GOLD_WORST: "the same order turned round"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Comparisons of two of these systems on this query by others: how many there are and how many say the same."""

    same: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One document of a merged list: rank from 1, its id, the voter's mark (None: none).

    ``slot``: 0 or 1, whose team brought it; None where both lists begin with it and nobody is credited.
    """

    rank: int
    document: str
    slot: int | None
    useful: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known of a control before the vote.

    ``expected``: the right answer: EQUAL of the same system twice, the better side of a gold battle, the voter's own
    earlier verdict seen from these sides of a swapped repeat. ``met``: whether the vote says so (both kinds of tie are
    right where a tie is expected).
    """

    expected: Verdict
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """What is known after the vote.

    ``names``: of the slots A, B, C, D; systems' specifications, of a gold battle what was done to the list.
    ``verdict``: as recorded, of an interleaved battle computed from the marks. ``order``: slots best first, only with
    ORDERED. ``others``: of two slots, verdicts of other voters on the same pair and query, seen from this battle's
    slots. ``agreement``: with others over all pairs of slots. ``labels``: nDCG@10 per slot where relevance labels
    exist. ``merged``: of an interleaved battle, who brought what. ``credit``: useful documents per team there.
    ``control``: what kind of control this was, and ``known`` what was expected; such a vote is never rated.
    """

    battle: str
    form: BattleForm
    names: tuple[str, ...]
    verdict: Verdict
    order: tuple[tuple[int, ...], ...]
    others: Mapping[Verdict, int]
    agreement: Agreement
    labels: tuple[float, ...] | None
    merged: tuple[Contribution, ...] = ()
    credit: tuple[int, int] | None = None
    control: Control = Control.NONE
    known: Known | None = None

    @property
    def left(self) -> str:
        """Name of slot A."""
        return self.names[0]

    @property
    def right(self) -> str:
        """Name of slot B."""
        return self.names[1]


class Revealer:
    """Makes reveals."""

    def __init__(self, store: Store, collections: CollectionService, systems: SystemService) -> None:
        self._store = store
        self._collections = collections
        self._systems = systems

    def of(self, battle: Battle, ballot: Ballot, orders: Orders) -> Reveal:
        """What is known of a battle after this ballot; ``orders`` are those of its slots."""
        names = self._systems.names() | GOLD_NAMES
        votes = self._store.votes(candidates=battle.candidates, kind=VoterKind.PERSON)
        others = [v for v in votes if v.voter != battle.voter and v.counted and v.control is Control.NONE]
        interleaved = battle.form is BattleForm.INTERLEAVED
        points = credit_of(ballot, battle, orders) if interleaved else None
        return Reveal(
            battle=battle.id,
            form=battle.form,
            names=tuple(names.get(slot, slot[:12]) for slot in battle.slots),
            verdict=ballot.verdict,
            order=ballot.order,
            others=_others(battle, others),
            agreement=_agreement(battle, ballot, others),
            labels=self._labels(battle, orders),
            merged=_contributions(battle, ballot, orders) if interleaved else (),
            credit=None if points is None else (points.first, points.second),
            control=battle.control,
            known=_known(battle, ballot.verdict, votes),
        )

    def _labels(self, battle: Battle, orders: Orders) -> tuple[float, ...] | None:
        labels = self._collections.reader(battle.collection).judgments(battle.query_id)
        if not any(grade > 0 for grade in labels.values()):
            return None
        return tuple(evaluate_ranking(order, labels, (MEASURE,))[MEASURE] for order in orders)


def _others(battle: Battle, votes: Iterable[Vote]) -> Mapping[Verdict, int]:
    """Of two slots: what others said of the same pair on the same list, from this battle's sides."""
    if len(battle.slots) > 2 or battle.left == battle.right:
        return {}
    counts: Counter[Verdict] = Counter()
    for vote in votes:
        for said in compared(vote.slots, vote.verdict, vote.order):
            if {said.left, said.right} == {battle.left, battle.right}:
                seen = _verdict(said.share, vote.verdict)
                counts[seen if said.left == battle.left else seen.mirrored] += 1
    return counts


def _verdict(share: float, whole: Verdict) -> Verdict:
    """The verdict on one pair of a vote whose verdict is ``whole``."""
    if share == 0.5:
        return Verdict.BOTH_BAD if whole is Verdict.BOTH_BAD else Verdict.EQUAL
    return Verdict.LEFT if share == 1.0 else Verdict.RIGHT


def _agreement(battle: Battle, ballot: Ballot, votes: Iterable[Vote]) -> Agreement:
    """Over all pairs of slots; both kinds of tie say the same."""
    mine: dict[tuple[str, str], float] = {}
    for said in compared(battle.slots, ballot.verdict, ballot.order):
        mine[said.left, said.right] = said.share
        mine[said.right, said.left] = 1.0 - said.share
    theirs = [
        (mine[said.left, said.right], said.share)
        for vote in votes
        for said in compared(vote.slots, vote.verdict, vote.order)
        if (said.left, said.right) in mine
    ]
    return Agreement(same=sum(own == other for own, other in theirs), of=len(theirs))


def _contributions(battle: Battle, ballot: Ballot, orders: Orders) -> tuple[Contribution, ...]:
    draft = draft_of(battle, orders)
    marks = {mark.document: mark.useful for mark in ballot.marks}
    return tuple(
        Contribution(rank=rank, document=document, slot=team, useful=marks.get(document))
        for rank, (document, team) in enumerate(zip(draft.documents, draft.teams, strict=True), 1)
    )


def _known(battle: Battle, verdict: Verdict, votes: Iterable[Vote]) -> Known | None:
    """None of an ordinary battle, and of a repeat whose first vote was taken back in the meantime."""
    if battle.control is Control.NONE:
        return None
    if battle.control is Control.SAME_SYSTEM:
        expected = Verdict.EQUAL
    elif battle.control is Control.GOLD:
        expected = Verdict.LEFT if battle.left == GOLD_BEST else Verdict.RIGHT
    else:
        earlier = [vote.cast_verdict or vote.verdict for vote in votes if vote.battle == battle.repeats]
        if not earlier:
            return None
        expected = earlier[0].mirrored
    return Known(expected=expected, met=SHARES[verdict] == SHARES[expected])
