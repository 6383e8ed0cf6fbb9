"""Boards and measures of the same systems made one order, by Borda and by Kemeny, since their scales do not mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.ratings.combination import NamedRanking, borda, kemeny, ranking_of
from core.services.board.board_views import Combined, Ordered
from core.services.board.standing import listed

Scores = Mapping[str, float]  # system as shown -> rating or measure, higher is better


def combined(orders: Mapping[str, Scores], left_out: Sequence[str]) -> Combined:
    """``orders``: title to scores; at least two, or nothing is combined. ``left_out``: why others are missing.

    Only systems that all orders hold are compared: an order says nothing of a system that it has not seen.
    """
    common = set.intersection(*(set(scores) for scores in orders.values())) if orders else set()
    absent = sorted({system for scores in orders.values() for system in scores} - common)
    if absent and len(common) > 1:
        left_out = [*left_out, f"Not in every order and so left out: {listed(absent)}."]
    rankings = [
        ranking_of(title, {system: score for system, score in scores.items() if system in common})
        for title, scores in orders.items()
    ]
    shown = tuple(Ordered(title=ranking.name, levels=ranking.levels) for ranking in rankings)
    if len(rankings) < 2 or len(common) < 2:
        return Combined(
            orders=shown,
            borda=(),
            kemeny=(),
            disagreements=0,
            judged=0,
            optimal=False,
            left_out=tuple(left_out),
            sentence="Choose at least two orders that can be made here of two systems or more.",
        )
    points, order = borda(rankings), kemeny(rankings)
    scores = dict(zip(points.systems, points.scores.tolist(), strict=True))
    return Combined(
        orders=shown,
        borda=tuple(sorted(scores.items(), key=lambda item: (-item[1], item[0]))),
        kemeny=order.order,
        disagreements=order.disagreements,
        judged=order.judged,
        optimal=order.optimal,
        left_out=tuple(left_out),
        sentence=_sentence(rankings, points.levels[0], order.order[0], order.disagreements, order.judged),
    )


def _sentence(rankings: Sequence[NamedRanking], top: Sequence[str], first: str, turned: int, judged: int) -> str:
    by_borda = top[0] if len(top) == 1 else listed(top)
    both = first if list(top) == [first] else f"{by_borda} by Borda, {first} by Kemeny"
    word = "order" if len(rankings) == 1 else "orders"
    share = f", {turned / judged:.0%} of them" if judged else ""
    return f"First over {len(rankings)} {word}: {both}. The Kemeny order turns round {turned:,} of their pairs{share}."
