"""Boards of a file of votes, without a database: the same slices, fits and words as the boards of a store."""

from __future__ import annotations

from dataclasses import replace

from core.datasets.votes.columns import ColumnBuilder
from core.datasets.votes.contents import Source, VoteFile
from core.domain.errors import InvalidInputError
from core.domain.voting import VoterKind
from core.ratings.outcomes import Outcomes, from_comparisons
from core.services.board.board_making import make_board
from core.services.board.boards import Board, BoardRequest
from core.services.board.slices import Slice, sliced


def file_board(file: VoteFile, request: BoardRequest) -> Board:
    """The board that ``request`` asks of the file; its ``collection`` may be the beginning of one, or empty.

    InvalidInputError where the file has no such votes, votes on several collections and none is chosen, or no times
    though the request names some.
    """
    source = choose_source(file, request.kind, request.collection)
    request = replace(request, collection=source[0])
    found = _slice(file, source, request)
    return make_board(from_comparisons(found.rows), request, file.names, quarantine=found.quarantine).board


def file_outcomes(file: VoteFile, source: Source) -> Outcomes:
    """What counts of one board of the file after its acts, for whoever does something else with it."""
    return from_comparisons(_slice(file, source, BoardRequest(collection=source[0], kind=source[1])).rows)


def choose_source(file: VoteFile, kind: VoterKind, collection: str = "") -> Source:
    """The one board of this kind of voter; ``collection``: the beginning of its name where there are several.

    A file without a single vote has an empty board. InvalidInputError otherwise, with what there is.
    """
    if not file.boards:
        return collection, kind
    fitting = [source for source in file.boards if source[1] is kind and source[0].startswith(collection)]
    if len(fitting) == 1:
        return fitting[0]
    there = ", ".join(f"{len(rows):,} of {of} on {where}" for (where, of), rows in file.boards.items())
    what = f"{kind} on {collection!r}" if collection else str(kind)
    if not fitting:
        raise InvalidInputError(f"{file.name} has no votes of {what}. Rated comparisons in it: {there}.")
    raise InvalidInputError(f"{file.name} has votes of {what} on several collections; choose one. There are: {there}.")


def _slice(file: VoteFile, source: Source, request: BoardRequest) -> Slice:
    moments = (request.since, request.until, request.as_of)
    if not file.timed and any(moment is not None for moment in moments):
        raise InvalidInputError(
            f"{file.name} does not say of every vote when it was cast, so no time can be asked for."
        )
    rows = file.boards.get(source)
    rows = ColumnBuilder().finish() if rows is None else rows
    return sliced(rows, file.decisions, request, file.categories)
