"""The plain sentences of a board: what is known, and how the numbers were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.voting import VoterKind
from core.ratings.board import Board
from core.ratings.contrasts import standing
from core.ratings.outcomes import Outcomes

WHO = {VoterKind.PERSON: "people", VoterKind.JUDGE: "LLM judges", VoterKind.LABELS: "the relevance labels"}


def summarise(outcomes: Outcomes, fitted: Board, kind: VoterKind, labels: Mapping[str, str]) -> str:
    """Who leads and who cannot be told apart from the leader; what is missing where nobody can be rated."""
    if len(outcomes) == 0:
        return "There are no votes yet." if kind is not VoterKind.LABELS else "There are no labelled rankings yet."
    if fitted.fit is None:
        return f"{_count(len(outcomes), kind)} so far: not enough to rate the systems."
    if fitted.intervals is None:
        return f"{_count(len(outcomes), kind)} so far: ratings without intervals, so nothing is certain."
    found = standing(outcomes, fitted.fit)
    leader = labels[found.leader]
    if not found.level_with:
        return f"{leader} leads: it is ahead of every other system according to {WHO[kind]}."
    together = _list([leader, *(labels[name] for name in found.level_with)])
    if not found.behind:
        return f"{together} cannot be told apart."
    verb = "is" if len(found.behind) == 1 else "are"
    return f"{together} cannot be told apart; {_list([labels[name] for name in found.behind])} {verb} behind {leader}."


def explain(fitted: Board, kind: VoterKind, labels: Mapping[str, str], unfinished: str) -> str:
    """The method in one or two sentences, or why there are no ratings; and what is ``unfinished``."""
    return f"{_method(fitted, kind, labels)} {unfinished}".strip()


def _method(fitted: Board, kind: VoterKind, labels: Mapping[str, str]) -> str:
    if fitted.fit is None:
        reasons = [component.why for component in fitted.identifiability.components if component.why]
        text = " ".join(reasons) or "No two systems have met."
        for fingerprint, label in labels.items():
            text = text.replace(fingerprint, label)
        return f"Ratings are not identifiable. {text}"
    by_labels = kind is VoterKind.LABELS
    source = "On each query the system with the better nDCG@10 wins. " if by_labels else ""
    method = "Bradley-Terry, a tie counts half a win to each side; 400 points are a factor of ten in odds, mean 1000."
    if fitted.intervals is None:
        return f"{source}{method} {fitted.no_intervals}"
    scope = f", {fitted.intervals.scope}" if fitted.intervals.scope and not by_labels else ""
    return f"{source}{method} 95 % intervals clustered by {fitted.intervals.by}{scope}."


def _count(votes: int, kind: VoterKind) -> str:
    word = "comparison" if kind is VoterKind.LABELS else "vote"
    return f"{votes} {word}" if votes == 1 else f"{votes} {word}s"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
