"""Choosing whose votes are looked at: a collection or an imported log, and a kind of voter; both are in the URL."""

from __future__ import annotations

from core.bootstrap import App
from core.domain.comparisons import FOREIGN
from core.domain.roles import Actor
from core.domain.voting import VoterKind
from pages._ui.urlstate import choose

KINDS = {str(VoterKind.PERSON): "People", str(VoterKind.JUDGE): "LLM judges"}


def choose_source(app: App, actor: Actor) -> str:
    """A select box of everything that has votes; the fingerprint of the collection, or empty where nothing has."""
    found = {source.collection: sum(source.counts.values()) for source in app.moderation.sources(actor)}
    if not found:
        return ""
    names = {source: source_name(app, source) for source in found}
    by_name = {name: source for source, name in names.items()}
    shown = {name: f"{name} ({found[source]:,})" for name, source in by_name.items()}
    return by_name[choose("Votes on", list(by_name), name="collection", shown=shown.__getitem__, keep=True)]


def source_name(app: App, source: str) -> str:
    """The collection's name, the name an imported log was given, or the beginning of the fingerprint."""
    known = {collection.fingerprint: collection.name for collection in app.collections.all()}
    return known.get(source) or source.removeprefix(FOREIGN)[:80] or "unknown"


def choose_kind() -> VoterKind:
    """A select box of the kinds that cast votes."""
    return VoterKind(choose("Voters", list(KINDS), name="by", shown=KINDS.__getitem__))
