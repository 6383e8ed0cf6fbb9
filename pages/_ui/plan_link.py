"""A link that names a benchmark decides the collection too, whatever was chosen on another page before."""

from __future__ import annotations

from core.bootstrap import App
from core.domain.errors import UnknownNameError
from pages._ui.urlstate import asked, remember


def follow_plan_link(app: App) -> None:
    """Before the collection is chosen; a plan that is not known here changes nothing."""
    wanted = asked("plan")
    if not wanted:
        return
    try:
        plan = app.benchmarks.get(wanted)
    except UnknownNameError:
        return
    remember("collection", app.collections.get(plan.collection).name)
