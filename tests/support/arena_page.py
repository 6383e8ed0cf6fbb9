"""The arena through AppTest: which battle is on the page, and what a browser's component would report."""

from __future__ import annotations

import json

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from tests.support.page_tree import component, component_proto

READ = 0.03  # longer than the shortest reading time of these tests
VIEW = "runoff_arena_view"


def battle_of(at: AppTest) -> str:
    """The id of the battle on the page, taken from the key of its Skip button."""
    return next(button.key for button in at.button if button.key.startswith("skip-")).removeprefix("skip-")


def report(at: AppTest, *, turn: str = "", **said: object) -> AppTest:
    """With the next run the lists report what the voter ``said`` of the battle on the page (or of another turn)."""
    proto = component_proto(at, VIEW)
    data = component(at, VIEW)
    empty = {"marks": {}, "reasons": [], "places": [None] * len(data["lists"])}
    state = json.dumps({"said": {"turn": turn or data["turn"], **empty, **said}})
    collect = at._tree.get_widget_states

    def collected() -> WidgetStates:
        states = collect()
        states.widgets.append(WidgetState(id=proto.id, json_value=state))
        return states

    at._tree.get_widget_states = collected
    return at


def titles(at: AppTest) -> list[str]:
    """Of the distinct documents on the page, in the order of their positions."""
    return [document["title"] for document in component(at, VIEW)["documents"]]
