"""What people's votes say of the recommended system: told beside the choice, never mixed into it."""

from __future__ import annotations

from core.domain.counting import counted
from core.services.board.boards import Board, Entry
from core.services.board.standing import ranks
from core.services.choosing.choice import Opinion, Option


def opinion(board: Board, recommended: Option) -> Opinion | None:
    """None where nobody has voted."""
    if not board.votes:
        return None
    who = f"{counted(board.votes, 'vote')} of {counted(board.voters, 'person', 'people')}"
    entry = next((one for one in board.entries if recommended.spec in one.systems), None)
    if entry is None or not entry.votes:
        return Opinion(votes=board.votes, agrees=None, sentence=f"{who} say nothing of {recommended.name} yet.")
    if not board.identifiable or entry.first_rank is None or entry.last_rank is None:
        said = f"{who} do not suffice yet to say where people rank {recommended.name}."
        return Opinion(votes=board.votes, agrees=None, sentence=said)
    place = ranks(entry.first_rank, entry.last_rank)
    said = f"{who} rank {recommended.name} {place} of {len(board.entries)}"
    if entry.first_rank == 1:
        return Opinion(votes=board.votes, agrees=True, sentence=f"{said}: by their taste it may be the best, too.")
    ahead = [one.name for one in board.entries if one.rating is not None and one is not entry]
    first = f": {ahead[0]} leads" if ahead and _leads(board, ahead[0]) else ""
    return Opinion(votes=board.votes, agrees=False, sentence=f"{said}{first}. People and labels disagree; look why.")


def _leads(board: Board, name: str) -> bool:
    found: Entry = next(one for one in board.entries if one.name == name)
    return found.first_rank == 1
