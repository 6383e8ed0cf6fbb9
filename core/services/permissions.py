"""Who may do what, as one table: every public method of the services that show names or change something.

Services that write who did it into the log (moderation, review, vote files) ask for the actor themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from core.domain.roles import Actor, Role
from core.services.benchmarks.results import ResultsService
from core.services.benchmarks.service import BenchmarkService
from core.services.board.leaderboard import LeaderboardService
from core.services.bundles.bundles import BundleService
from core.services.choosing.chooser import ChooserService
from core.services.collections import CollectionService
from core.services.engine_state import EngineStateService
from core.services.imports import ImportService
from core.services.jobs import JobService
from core.services.playground import PlaygroundService
from core.services.precision.checks import PrecisionService
from core.services.predictions import PredictionService
from core.services.strategies import StrategyService
from core.services.systems import SystemService
from core.services.tracing import TracingService

T = TypeVar("T")
Deeds = Mapping[str, tuple[Role, str]]

_ANYBODY = (Role.VOTER, "")
_UNLISTED = (Role.OPERATOR, "do what is not in the table of permissions")
_SEE = (Role.RESEARCHER, "see leaderboards")
_COMPARE = (Role.RESEARCHER, "compare systems by name")
_RUN = (Role.RESEARCHER, "run or cancel jobs")
_MEASURE = (Role.RESEARCHER, "see or run benchmarks")
_IMPORT = (Role.RESEARCHER, "import collections")
_LIST = (Role.RESEARCHER, "list systems and models")
_TAKE = (Role.RESEARCHER, "take benchmarks along")
_REGISTER = (Role.OPERATOR, "register or remove models")
_UNLOAD = (Role.OPERATOR, "unload models or empty the answer cache")

PERMISSIONS: Mapping[type, Deeds] = {
    LeaderboardService: {
        **dict.fromkeys(
            ("board", "direct", "robustness", "history", "switched", "agreement", "combinable", "combination"), _SEE
        ),
        **dict.fromkeys(("sources", "choices"), _SEE),
        "categories": _ANYBODY,
    },
    ResultsService: dict.fromkeys(
        (
            *("of", "differences", "disagreements", "categories", "sweep", "scores", "stability", "low_cost"),
            "combined",
        ),
        _COMPARE,
    ),
    ChooserService: dict.fromkeys(("offered", "choose", "snippet"), _MEASURE),
    BundleService: dict.fromkeys(("write", "report", "trec", "table", "snapshot"), _TAKE),
    PlaygroundService: dict.fromkeys(("forecast", "compare", "view"), _COMPARE),
    TracingService: dict.fromkeys(("start", "running", "of"), _COMPARE),
    BenchmarkService: {
        **dict.fromkeys(("create", "ensure", "remove", "measure_speed", "start", "cancel"), _MEASURE),
        **dict.fromkeys(("all", "get", "queries", "progress", "running", "latest"), _MEASURE),
    },
    CollectionService: {
        **dict.fromkeys(("all", "get", "reader", "ensure_sample"), _ANYBODY),
        **dict.fromkeys(("summary", "sets"), _ANYBODY),
        **dict.fromkeys(("import_path", "check_name", "register"), _IMPORT),
    },
    ImportService: dict.fromkeys(("start", "running", "now", "receive", "discard"), _IMPORT),
    SystemService: {
        **dict.fromkeys(("resolve", "roster", "lineup", "name", "names", "strategies", "offers", "models"), _LIST),
        **dict.fromkeys(("absent", "fitting", "check"), _LIST),
        **dict.fromkeys(("register", "unregister", "look_up"), _REGISTER),
    },
    StrategyService: dict.fromkeys(("all", "get", "candidates", "settings", "curve"), _LIST),
    PredictionService: {"predict": _COMPARE},
    PrecisionService: {
        **dict.fromkeys(("of_model", "notes", "can_be_lowered"), _LIST),
        "start": _RUN,
    },
    EngineStateService: {"status": _LIST, **dict.fromkeys(("unload", "empty_cache"), _UNLOAD)},
    JobService: {
        **dict.fromkeys(("rank", "fetch", "cancel", "wait", "resume"), _RUN),
        **dict.fromkeys(("work", "resumed_by", "abandoned", "take_over", "close"), _UNLISTED),
        **dict.fromkeys(("get", "active", "recent", "waits_for"), _ANYBODY),
    },
}


class _Restricted:
    """A service as one actor may use it."""

    def __init__(self, service: object, actor: Actor) -> None:
        self._service = service
        self._actor = actor

    def __getattr__(self, name: str) -> object:
        role, deed = PERMISSIONS[type(self._service)].get(name, _UNLISTED)
        self._actor.must_be(role, deed)
        return getattr(self._service, name)


def restricted(service: T, actor: Actor) -> T:
    """``service`` for this actor: a method that the role does not include raises NotAllowedError when it is asked for.

    KeyError for a service that is not in the table.
    """
    if type(service) not in PERMISSIONS:
        raise KeyError(type(service).__name__)
    return cast(T, _Restricted(service, actor))
