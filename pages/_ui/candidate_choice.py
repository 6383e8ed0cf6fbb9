"""Whose candidates the Playground shows, where benchmarks or runs brought others than the usual ones."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from core.services.candidates import DEFAULT_DEPTH, WRITTEN
from pages._ui.urlstate import choose, remember

USUAL = "usual"
NAME = "candidates"  # in the URL


def choose_candidates(app: App, collection: Collection) -> FirstStage | None:
    """A select box where there is something to choose; None: the usual candidates, those of the arena."""
    known = {stage.set_name: stage for stage in app.candidates.stages(collection.fingerprint)}
    usual = _usual(known)
    others = [name for name in known if name != usual]
    if not others:
        remember(NAME, "")
        return None
    narrow, _ = st.columns([1, 2])
    with narrow:
        shown = {USUAL: "those that came with the collection" if usual == WRITTEN else usual}
        chosen = choose("Candidates", [USUAL, *others], name=NAME, shown=lambda name: shown.get(name, name))
    return known.get(chosen)


def is_usual(app: App, collection: str, stage: FirstStage) -> bool:
    """Whether the Playground shows these candidates without being asked for them."""
    return stage.set_name == _usual({known.set_name: known for known in app.candidates.stages(collection)})


def _usual(known: dict[str, FirstStage]) -> str:
    return WRITTEN if WRITTEN in known else FirstStage(depth=DEFAULT_DEPTH).set_name
