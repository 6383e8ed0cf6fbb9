"""The texts of a trace while it is made: each once, with how often it stands in what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from core.domain.requests import Part
from core.domain.traces import Piece

MOST_CHARS = 100_000  # of one text
OVERHEAD = 60  # characters of a text's record beside it


class PieceTable:
    """``weight``: roughly how many characters the texts take on the wire."""

    def __init__(self) -> None:
        self.weight = 0
        self._places: dict[Part, int] = {}
        self._parts: dict[int, Part] = {}
        self._uses: Counter[int] = Counter()
        self._next = 0

    def place(self, part: Part) -> int:
        """Where the text stands; one use more."""
        known = self._places.get(part)
        if known is None:
            known, self._next = self._next, self._next + 1
            self._places[part], self._parts[known] = known, part
            self.weight += _weight(part)
        self._uses[known] += 1
        return known

    def release(self, places: Iterable[int]) -> None:
        """These uses are over; a text that nothing uses is forgotten."""
        for place in places:
            self._uses[place] -= 1
            if not self._uses[place]:
                part = self._parts.pop(place)
                del self._places[part], self._uses[place]
                self.weight -= _weight(part)

    def pieces(self) -> tuple[dict[int, int], tuple[Piece, ...]]:
        """New place by place, and the texts that are used, in the order of their first use."""
        return {place: new for new, place in enumerate(self._parts)}, tuple(map(_piece, self._parts.values()))


def _weight(part: Part) -> int:
    return min(len(part.text), MOST_CHARS) + OVERHEAD


def _piece(part: Part) -> Piece:
    gone = len(part.text) - MOST_CHARS
    text = part.text if gone <= 0 else f"{part.text[:MOST_CHARS]} [{gone:,} characters left out]"
    return Piece(text=text, kind=part.kind, document=part.document_id)
