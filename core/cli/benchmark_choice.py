"""Which benchmark a command is about: by name or id, or the newest there is."""

from __future__ import annotations

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.errors import InvalidInputError, UnknownNameError


def chosen_plan(app: App, wanted: str, collection: str = "") -> BenchmarkPlan:
    """The plan of this id, else the newest of this name; the newest of all where ``wanted`` is empty.

    UnknownNameError for a name that no benchmark (of the collection) has; InvalidInputError where there is none.
    """
    plans = app.benchmarks.all(collection or None)
    if not plans:
        raise InvalidInputError("There is no benchmark yet. Run one: python -m core benchmark CONFIG.toml.")
    if not wanted:
        return plans[0]
    for plan in plans:
        if wanted in (plan.id, plan.name):
            return plan
    raise UnknownNameError("benchmark", wanted, tuple(dict.fromkeys(plan.name for plan in plans)))
