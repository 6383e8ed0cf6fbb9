"""Runs a system over loaded models without an engine: its generator, its members, its adapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.documents import CandidateList
from core.domain.requests import Answer, RankAnswer, Request
from core.domain.systems import System
from core.models.base import Adapter
from core.strategies.base import Outcome
from core.strategies.driver import Member, drive
from core.strategies.resolve import build


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """The one model of a system as a judge."""

    adapter: Adapter | None

    def answer(self, request: Request) -> Answer:
        assert self.adapter is not None, f"nobody answers {request}"
        return self.adapter.answer([request], lambda: False)[0]


def run_system(system: System, candidates: CandidateList, adapters: Mapping[str, Adapter]) -> Outcome:
    """What the system makes of the list. ``adapters``: model id to the loaded model."""
    model = next((adapters[model.id] for _, model in system.slots), None)
    members = [_member(member, adapters) for member in system.members]
    return drive(build(system), candidates, _Loaded(adapter=model), members=members).outcome


def _member(system: System, adapters: Mapping[str, Adapter]) -> Member:
    def ranked(candidates: CandidateList) -> RankAnswer:
        outcome = run_system(system, candidates, adapters)
        return RankAnswer(order=outcome.order, scores=outcome.scores)

    return ranked
