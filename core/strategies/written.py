"""What a judge in place of a model writes: an opinion on documents in the form that a request wants."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence

import numpy as np

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import Example, Examples, ExamplesAnswer, Transform, TransformAnswer, Wanted, WrittenToken

EXAMPLE_DOCUMENTS = 6
_LEAST = 1e-9


def text(wanted: Wanted, order: Sequence[int], worths: Sequence[float]) -> str:
    """The answer. ``order``: places of the documents, best first; ``worths``: (n_docs,) in (0, 1)."""
    names = wanted.names or tuple(f"[{place + 1}]" for place in range(len(worths)))
    named = [names[place] for place in order]
    match wanted.kind:
        case "worst-first":
            said = " ".join(reversed(named))
        case "best":
            said = named[0] if named else ""
        case "worst":
            said = named[-1] if named else ""
        case "top":
            said = ", ".join(named[: wanted.count])
        case "grade":
            said = str(_grade(worths[0], wanted.scale)) if worths else ""
        case "grades":
            said = json.dumps(
                {name: _grade(worth, wanted.scale) for name, worth in zip(names, worths, strict=True)},
            )
        case _:
            said = " > ".join(named)
    return wanted.frame.replace("{}", said)


def tokens(wanted: Wanted, said: str, worths: Sequence[float]) -> tuple[WrittenToken, ...]:
    """The text as tokens of one character class each; a grade with the odds of its neighbours, so that its expected
    value is the worth itself."""
    pieces = _pieces(said)
    if wanted.kind != "grade" or not worths:
        return tuple(WrittenToken(text=piece, top=((piece, 0.0),)) for piece in pieces)
    grade = str(_grade(worths[0], wanted.scale))
    place = max((i for i, piece in enumerate(pieces) if piece == grade), default=-1)
    low = min(wanted.scale - 1, max(0, math.floor(worths[0] * wanted.scale)))
    high = min(1.0, max(0.0, worths[0] * wanted.scale - low))
    odds = ((str(low), math.log(max(1 - high, _LEAST))), (str(low + 1), math.log(max(high, _LEAST))))
    return tuple(
        WrittenToken(text=piece, top=odds if i == place else ((piece, 0.0),)) for i, piece in enumerate(pieces)
    )


def are_grades(labels: Sequence[str]) -> bool:
    """Whether all labels are numbers and there are more than two different ones."""
    words = {label.strip() for label in labels}
    return len(words) > 2 and all(word.isascii() and word.isdigit() for word in words)


def grade_logprobs(labels: Sequence[str], worth: float) -> tuple[float, ...]:
    """Log-probabilities of grades whose expected value is ``worth`` times the highest."""
    values = [int(label) for label in labels]
    distinct = sorted(set(values))
    wanted = distinct[0] + worth * (distinct[-1] - distinct[0])
    low = max(value for value in distinct if value <= wanted)
    high = min((value for value in distinct if value > wanted), default=low)
    share = (wanted - low) / (high - low) if high > low else 0.0
    mass = dict.fromkeys(distinct, _LEAST) | {high: max(share, _LEAST)} | {low: max(1 - share, _LEAST)}
    return tuple(math.log(mass[value] / values.count(value)) for value in values)


def transformed(request: Transform) -> TransformAnswer:
    """Of several vectors (n, dim) the matrix (n, n) that is 1 where the second follows the first in the order of their
    first numbers, falling; of one vector (1, 1, 0), a map that leaves order alone."""
    firsts = [vector[0] for vector in request.vectors]
    if len(firsts) < 2:
        return TransformAnswer(values=np.array([1, 1, 0], dtype=np.float32))
    order = sorted(range(len(firsts)), key=lambda place: -firsts[place])
    values = np.zeros((len(firsts), len(firsts)), dtype=np.float32)
    values[order[:-1], order[1:]] = 1
    return TransformAnswer(values=values)


def examples(request: Examples, worth: Callable[[str], float]) -> ExamplesAnswer:
    """Made-up judged queries: grade 1 for documents of a worth above one half."""
    found: list[Example] = []
    for number in range(min(request.count, 8)):
        documents = tuple(
            Document(id=f"x{number}-{place}", text=f"example {number} passage {place}")
            for place in range(min(request.depth, EXAMPLE_DOCUMENTS))
        )
        query = Query(id=f"x{number}", text=f"example query {number}")
        grades = tuple(int(worth(document.id) > 0.5) for document in documents)
        lists = CandidateList(query=query, documents=documents, collection=request.candidates.collection)
        found.append(Example(candidates=lists, grades=grades))
    return ExamplesAnswer(examples=tuple(found))


def _grade(worth: float, scale: int) -> int:
    return min(scale, max(0, round(worth * scale)))


def _pieces(said: str) -> list[str]:
    """Runs of digits, and single other characters."""
    pieces: list[str] = []
    for character in said:
        if pieces and character.isdigit() and pieces[-1][-1].isdigit():
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
