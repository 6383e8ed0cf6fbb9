"""Errors on a page: one line that a person can act on, with an incident id that is also in the log."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from core.domain.errors import RunoffError
from pages._ui.escape import plain

# Below "core", where the application's log file listens.
log = logging.getLogger("core.pages")


def incident(error: BaseException) -> str:
    """Log ``error`` with its traceback and return the short id under which it is found there."""
    name = uuid.uuid4().hex[:8]
    level = logging.WARNING if isinstance(error, RunoffError) else logging.ERROR
    log.log(level, "incident %s: %s", name, error, exc_info=error)
    return name


def show(error: RunoffError) -> None:
    """One line for an expected failure."""
    st.error(f"{plain(str(error))}  \n:small[Incident {incident(error)}]")


@contextmanager
def told() -> Iterator[None]:
    """A failure inside becomes one line with an incident id, never a traceback; what follows the block still runs."""
    try:
        yield
    except RunoffError as error:
        show(error)
    except Exception as error:  # noqa: BLE001  (the boundary to the reader; everything is in the log)
        st.error(f"This part of the page could not be drawn. The log says why under incident {incident(error)}.")


def attempt(action: Callable[..., object], *args: object) -> None:
    """``action(*args)`` as the callback of a button; a failure is told at the top of the page."""
    with told():
        action(*args)
