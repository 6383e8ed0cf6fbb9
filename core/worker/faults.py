"""The result of a request that could not be answered."""

from __future__ import annotations

import logging
import traceback
import uuid
from dataclasses import dataclass

from core.domain.errors import RunoffError
from core.domain.requests import Answer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why there is no answer. ``non_finite``: how many values of it were NaN or infinite."""

    message: str
    non_finite: int = 0


Result = Answer | Fault


def fault_of(error: BaseException, doing: str) -> Fault:
    """An expected error keeps its message; any other gets an incident id that is also in the log."""
    if isinstance(error, RunoffError):
        return Fault(message=str(error))
    incident = uuid.uuid4().hex[:8]
    log.error("Incident %s while %s", incident, doing, exc_info=error)
    text = str(error).strip().splitlines()
    cause = f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
    return Fault(message=f"failed while {doing}: {cause} (incident {incident}, see logs/engine.log)")


def let_go(error: BaseException) -> None:
    """Free what the frames of an error hold, causes included: tensors of a batch that ran out of memory."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
