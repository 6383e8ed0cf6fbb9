"""What a board says in words: the sentence above everything, how the numbers were made, what would settle it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.voting import VoterKind
from core.ratings.board import Board as Fitted
from core.ratings.board import Method
from core.ratings.votes_needed import LARGEST, NotKnown, VotesNeeded, votes_needed
from core.services.board.boards import BoardRequest, Quarantine, Settle
from core.services.board.ranked_lists import MEASURE, TIE_MARGIN
from core.services.board.rated_slice import RatedSlice, Scale
from core.services.board.standing import according_to, counted, nothing_yet, sentence

Labels = Mapping[str, str]
NEAREST = 3  # rivals of the leader that are asked how many votes would settle it
FEW = 10  # votes below which nothing is said of how many more would settle it


def summarise(rated: RatedSlice, kind: VoterKind, labels: Labels, quarantine: Quarantine) -> str:
    """Who leads and who cannot be told apart; what is missing where nobody can be rated."""
    if not len(rated.met):
        return _all_waiting(quarantine, kind) if quarantine.votes else nothing_yet(kind)
    said = counted(rated.met.votes, kind)
    if rated.whole is not None:
        return _of_scale(rated.whole, kind, labels) or f"{said} so far: ratings without intervals, nothing is certain."
    if bool((rated.met.share == 0.5).all()):
        return f"{said} so far, ties only: nobody is ahead."
    among = [part for scale in rated.scales if (part := _of_scale(scale, kind, labels, whole=False))]
    if not among:
        return f"{said} so far: not enough to rate the systems."
    return f"{said} so far: no common scale for all systems yet. {' '.join(among)}"


def _all_waiting(quarantine: Quarantine, kind: VoterKind) -> str:
    """There are votes, but none that counts."""
    verb = "waits" if quarantine.votes == 1 else "wait"
    return f"No vote counts yet: {counted(quarantine.votes, kind)} {verb} for a person's decision."


def _of_scale(scale: Scale, kind: VoterKind, labels: Labels, *, whole: bool = True) -> str:
    """The sentence of comparable systems; empty where nothing can be claimed."""
    fitted, sets = scale.fitted, scale.sets
    if fitted.ratings is None:
        return ""
    order = np.argsort(-fitted.ratings, kind="stable")
    names = [labels[fitted.systems[i]] for i in order]
    if sets is None or fitted.intervals is None:
        return _without_claim(names, fitted)
    who = according_to(kind, int(np.count_nonzero(np.bincount(scale.outcomes.voter))), fitted.intervals.scope)
    return sentence(names, sets.separated[np.ix_(order, order)], who, whole=whole)


def _without_claim(names: Sequence[str], fitted: Fitted) -> str:
    """The first by a method that makes no rank sets; empty where there are just no intervals."""
    if fitted.method is Method.WIN_RATE:
        return f"{names[0]} has the highest average win rate; how strong its opponents were is not allowed for."
    if fitted.method is Method.ELO:
        return f"{names[0]} has the highest online Elo rating, which depends on the order of the votes."
    return ""


def explain(rated: RatedSlice, request: BoardRequest, labels: Labels, unfinished: str) -> str:
    """How the ratings were made, or why there are none, and what is not measured yet."""
    return " ".join(part for part in (_explained(rated, request, labels), rated.no_cap, unfinished) if part)


def _explained(rated: RatedSlice, request: BoardRequest, labels: Labels) -> str:
    if not len(rated.met):
        return ""
    source = ""
    if request.kind is VoterKind.LABELS:
        source = (
            f"On each query the system with the better {MEASURE} wins; {TIE_MARGIN} or less apart is a tie, "
            "less than one relevant document gains from tenth to ninth place. "
        )
    fitted = rated.scales[0].fitted
    if fitted.ratings is None:
        return f"{source}{named(fitted.no_ratings, labels)}"
    return f"{source}{_made(fitted, request.kind)}{'' if rated.whole is not None else f' {_apart(rated, labels)}'}"


def _made(fitted: Fitted, kind: VoterKind) -> str:
    """The method, its scale and its intervals."""
    method = f"{fitted.estimand[:1].upper()}{fitted.estimand[1:]}; {fitted.scale}."
    notes = "".join(f" {note}" for note in fitted.notes)
    if fitted.intervals is None:
        return f"{method} {fitted.no_intervals}{notes}"
    scope = f", {fitted.intervals.scope}" if fitted.intervals.scope and kind is not VoterKind.LABELS else ""
    return f"{method} 95 % intervals clustered by {fitted.intervals.by}{scope}.{notes}"


def _apart(rated: RatedSlice, labels: Labels) -> str:
    """Why there is no common scale."""
    reasons = [component.why for component in rated.identifiability.components if component.why]
    return f"There is no common scale. {named(' '.join(reasons), labels)}"


def named(text: str, labels: Labels) -> str:
    """``text`` with fingerprints replaced by what is shown for them."""
    for system, label in labels.items():
        if system != label:
            text = text.replace(system, label)
    return text


def settle(rated: RatedSlice, labels: Labels) -> Settle:
    """Votes until the leader is surely ahead of everybody, asked of its nearest rivals."""
    scale = rated.whole
    if scale is None or scale.sets is None or scale.fitted.model is None:
        return Settle(votes=None, sentence="")
    systems, model = scale.fitted.systems, scale.fitted.model
    order = np.argsort(-model.strengths, kind="stable").tolist()
    rivals = [j for j in order[1:] if not scale.sets.separated[order[0], j]][:NEAREST]
    if not rivals:
        return Settle(votes=0, sentence="First place is settled.")
    if scale.outcomes.votes < FEW:
        return Settle(votes=None, sentence="Too few votes to tell how many more it takes to settle first place.")
    most: VotesNeeded | None = None
    for rival in rivals:
        found = votes_needed(
            scale.outcomes,
            model,
            pair=(systems[order[0]], systems[rival]),
            critical=scale.sets.critical,
            contrasts=scale.errors,
        )
        if isinstance(found, NotKnown):
            return Settle(votes=None, sentence=found.reason)
        if most is None or found.mixed.likely > most.mixed.likely:
            most = found
    return Settle(votes=None, sentence="") if most is None else _settled_by(most, labels)


def _settled_by(needed: VotesNeeded, labels: Labels) -> Settle:
    if needed.mixed.even > LARGEST:
        return Settle(
            votes=None,
            sentence=f"{labels[needed.first]} and {labels[needed.second]} are rated alike: how many votes would settle "
            "first place cannot be said.",
        )
    if needed.mixed.likely > LARGEST:
        return Settle(
            votes=None,
            sentence=f"{labels[needed.first]} and {labels[needed.second]} are so close that even a million more votes "
            "might not settle first place.",
        )
    if needed.settled:
        return Settle(votes=None, sentence="First place is all but settled.")
    word = "vote" if needed.mixed.likely == 1 else "votes"
    direct = (
        f"; {needed.direct.likely:,} would do if all were on {labels[needed.first]} against {labels[needed.second]}"
    )
    return Settle(
        votes=needed.mixed.likely,
        sentence=f"About {needed.mixed.likely:,} more {word} would settle first place.",
        detail=f"With 80 % chance, if the ratings are what they seem; {needed.mixed.even:,} with an even chance"
        f"{direct if needed.direct.likely < needed.mixed.likely else ''}.",
    )


def too_few(rated: RatedSlice, request: BoardRequest) -> str:
    """Where a slice of the log holds too little to rate: what to widen."""
    narrowed = {
        "category": request.category,
        "voter group": request.group,
        "time range": request.since or request.until,
        "list depth": request.depth,
        "moment": request.as_of,
    }
    named_parts = [name for name, value in narrowed.items() if value]
    if rated.whole is not None or not named_parts:
        return ""
    said = counted(rated.met.votes, request.kind) if len(rated.met) else "no votes"
    return f"Too few votes in this slice to rate the systems ({said}). Widen the {' or the '.join(named_parts)}."


def effect_sentence(unit: str, points: float, low: float | None, high: float | None) -> str:
    """What a covariate is worth, and whether it may be nothing."""
    worth = f"{unit[:1].upper()}{unit[1:]} is worth {points:+.0f} points"
    if low is None or high is None:
        return f"{worth}; how sure that is cannot be said from these votes."
    doubt = "; that may be nothing" if low <= 0.0 <= high else ""
    return f"{worth} ({low:+.0f} to {high:+.0f}){doubt}."
