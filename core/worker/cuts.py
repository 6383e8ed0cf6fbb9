"""Cuts name documents; shared and cached answers must not. So a cut travels by position in its request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.domain.requests import Answer, Cut, Request
from core.worker.keys import document_ids


def neutral(answer: Answer, request: Request) -> Answer:
    """``answer`` with every cut naming the position of its document in ``request`` ("" where unknown)."""
    if not answer.usage.cuts:
        return answer
    positions = {id: str(position) for position, id in reversed(list(enumerate(document_ids(request))))}
    return _renamed(answer, lambda id: positions.get(id, ""))


def personal(answer: Answer, request: Request) -> Answer:
    """A neutral ``answer`` with every cut naming the document that ``request`` has at that position."""
    if not answer.usage.cuts:
        return answer
    ids = document_ids(request)
    return _renamed(answer, lambda position: ids[int(position)] if position and int(position) < len(ids) else "")


def _renamed(answer: Answer, name: Callable[[str], str]) -> Answer:
    cuts = tuple(
        Cut(document_id=name(cut.document_id), tokens=int(cut.tokens), kept=int(cut.kept)) for cut in answer.usage.cuts
    )
    return replace(answer, usage=replace(answer.usage, cuts=cuts))
