"""What is said of systems that run in a lower precision than fp32, wherever they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.ports import PrecisionStore
from core.domain.precision import FULL, PrecisionCheck
from core.domain.systems import System
from core.services.precision.lowering import lowered_models


def notes(store: PrecisionStore, systems: Sequence[System]) -> dict[str, str]:
    """Specification to a sentence, of the systems with a model in a lower precision; empty where there is none."""
    concerned = [system for system in systems if lowered_models(system)]
    newest = {check.system: check for check in reversed(store.precision_checks())} if concerned else {}
    return {system.spec: _said(system, newest.get(system.fingerprint)) for system in concerned}


def _said(system: System, check: PrecisionCheck | None) -> str:
    if check is not None:
        return check.said
    model = lowered_models(system)[0]
    todo = f'python -m core precision {model.id} --system "{system.spec}"'
    return f"{model.precision}, not measured against {FULL} yet: run {todo}"
