"""The breaker opens after five failures in a row and closes after a success."""

from __future__ import annotations

import pytest

from core.domain.errors import ModelUnavailableError
from core.models.breaker import Breaker


def test_opens_pauses_and_closes() -> None:
    now = [0.0]
    breaker = Breaker("remote", clock=lambda: now[0])
    for _ in range(4):
        breaker.failed()
    breaker.succeeded()
    for _ in range(4):
        breaker.failed()
    breaker.check()
    breaker.failed()
    with pytest.raises(ModelUnavailableError, match="remote failed 5 times in a row and is left alone for 30 s"):
        breaker.check()
    now[0] = 30.0
    breaker.check()  # one is let through
    breaker.failed()
    with pytest.raises(ModelUnavailableError):
        breaker.check()
    now[0] = 61.0
    breaker.succeeded()
    breaker.check()
