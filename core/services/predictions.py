"""What a ranking will ask and how long it will take here, before it is run.

Calls, rounds and tokens: from a dry run with a judge in place of the models (core/strategies/dry_run.py). Time: what
a call of this very system has cost here; for one that has never run here its models' seconds per prompt token and per
written token, fitted by least squares to what their rankings have cost, whichever strategy asked. Only rankings of
which nothing came from the answer cache count there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.domain.documents import CandidateList
from core.domain.errors import RunoffError
from core.domain.ports import RankingStore
from core.domain.rankings import ExecutedCost, LogicalCost
from core.domain.systems import System
from core.services.systems import SystemService
from core.strategies.base import find
from core.strategies.dry_run import Load, Prediction, predict
from core.strategies.resolve import build, forecast

PACE_SECONDS = 20.0  # how long what was measured is believed
REMEMBERED = 200  # predictions
MOST_CALLS = 12_000  # that a dry run makes: 1.5 s
HEAD = 20  # documents that stand for a longer list


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds that a model takes here per token it reads and, where it was seen to write, per token it writes."""

    per_prompt_token: float
    per_written_token: float | None
    rankings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """``exact``: calls and rounds are no estimate. ``most_generated``: tokens that may be written at most, and the
    time is that of writing them all. ``seconds``: None where one of the models has not been measured here."""

    calls: int
    exact: bool
    rounds: int
    prompt_tokens: int
    most_generated: int
    seconds: float | None


class PredictionService:
    """Predicts; remembers dry runs and paces."""

    def __init__(self, rankings: RankingStore, systems: SystemService) -> None:
        self._rankings, self._systems = rankings, systems
        self._dry: dict[tuple[str, str], Prediction] = {}
        self._paces: dict[str, tuple[float, Pace | None]] = {}
        self._alone: dict[str, str | None] = {}

    def predict(self, system: System, candidates: CandidateList) -> Predicted:
        """Of one ranking; raises what the strategies raise."""
        key = system.fingerprint, candidates.hash
        if key not in self._dry:
            if len(self._dry) >= REMEMBERED:
                self._dry.clear()
            self._dry[key] = dry_run(system, candidates)
        dry = self._dry[key]
        total = dry.total
        return Predicted(
            calls=total.calls,
            exact=is_exact(system) and not dry.most,
            rounds=dry.rounds,
            prompt_tokens=total.prompt_tokens,
            most_generated=total.most_generated,
            seconds=self._seconds(system, dry),
        )

    def _seconds(self, system: System, dry: Prediction) -> float | None:
        own = self._rankings.seconds_per_call([system.fingerprint]).get(system.fingerprint)
        if own is not None:
            return own * dry.total.calls
        parts = [seconds_of(self._pace(model), load) for model, load in dry.models]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    def _pace(self, model: str) -> Pace | None:
        known = self._paces.get(model)
        if known is None or time.monotonic() - known[0] > PACE_SECONDS:
            systems = [key for key, spec in self._systems.names().items() if self._only_model(key, spec) == model]
            known = self._paces[model] = (time.monotonic(), fitted(self._rankings.sampled_costs(systems)))
        return known[1]

    def _only_model(self, fingerprint: str, spec: str) -> str | None:
        """The one model of a system that was run here; None where it has several, or means nothing any more."""
        if fingerprint not in self._alone:
            try:
                models = {model.id for model in self._systems.resolve(spec).models}
            except RunoffError:
                models = set()
            self._alone[fingerprint] = models.pop() if len(models) == 1 else None
        return self._alone[fingerprint]


def dry_run(system: System, candidates: CandidateList) -> Prediction:
    """What the ranking asks. Of more than ``MOST_CALLS`` only the calls are the forecast's: what one of them reads, and
    how many wait for one another, is that of the head of the list."""
    calls = forecast(system, len(candidates.documents))
    if calls <= MOST_CALLS:
        return predict(system, candidates, build)
    scores = candidates.first_stage_scores
    head = replace(
        candidates,
        documents=candidates.documents[:HEAD],
        first_stage_scores=None if scores is None else scores[:HEAD],
    )
    dry = predict(system, head, build)
    times = calls / max(1, dry.total.calls)
    models = tuple(
        (
            model,
            Load(
                calls=round(load.calls * times),
                characters=round(load.characters * times),
                most_generated=round(load.most_generated * times),
            ),
        )
        for model, load in dry.models
    )
    return Prediction(rounds=max(1, round(dry.rounds * times)), models=models, most=True)


def is_exact(system: System) -> bool:
    """Whether the calls of a system and of all its members can be told exactly."""
    return find(system.strategy).exact_forecast and all(is_exact(member) for member in system.members)


def seconds_of(pace: Pace | None, load: Load) -> float | None:
    """The time of a load; None where the model was not measured, or not seen to write and has to."""
    if pace is None or (load.most_generated and pace.per_written_token is None):
        return None
    return pace.per_prompt_token * load.prompt_tokens + (pace.per_written_token or 0.0) * load.most_generated


def fitted(costs: Sequence[tuple[LogicalCost, ExecutedCost]]) -> Pace | None:
    """The pace that fits what was measured; None where nothing was, or all of it came from the answer cache.

    Seconds = a · prompt tokens + b · written tokens, a and b not below zero: where the fit would make one of them
    negative, it is 0 and the other is the plain ratio.
    """
    whole = [(c, e) for c, e in costs if c.prompt_tokens and e.calls == c.calls and not e.cache_hits]
    if not whole:
        return None
    read = np.array([cost.prompt_tokens for cost, _ in whole], dtype=float)
    written = np.array([cost.generated_tokens for cost, _ in whole], dtype=float)
    seconds = np.array([executed.seconds for _, executed in whole])
    if not written.any():
        return Pace(per_prompt_token=float(seconds.sum() / read.sum()), per_written_token=None, rankings=len(whole))
    (a, b), *_ = np.linalg.lstsq(np.stack([read, written], axis=1), seconds, rcond=None)
    if b < 0:
        a, b = seconds.sum() / read.sum(), 0.0
    elif a < 0:
        a, b = 0.0, seconds.sum() / written.sum()
    return Pace(per_prompt_token=float(a), per_written_token=float(b), rankings=len(whole))
