"""Choosing whose votes are looked at: a collection or an imported log, and a kind of voter; both are in the URL."""

from __future__ import annotations

from core.bootstrap import App
from core.domain.comparisons import FOREIGN
from core.domain.roles import Actor
from core.domain.voting import VoterKind
from pages._ui.urlstate import choose

KINDS = {str(VoterKind.PERSON): "People", str(VoterKind.JUDGE): "LLM judges"}


def choose_source(app: App, actor: Actor) -> str:
    """A select box of everything that has votes, the fingerprint of the collection or "votes:name"; empty where
    nothing has. In the URL it is written as on the Leaderboard."""
    found = {source.collection: sum(source.counts.values()) for source in app.moderation.sources(actor)}
    if not found:
        return ""
    known = {collection.fingerprint: collection.name for collection in app.collections.all()}
    written = {known.get(source, source): source for source in found}
    shown = {name: f"{titled(name)} ({found[source]:,})" for name, source in written.items()}
    return written[choose("Votes on", list(written), name="collection", shown=shown.__getitem__, keep=True)]


def titled(name: str) -> str:
    """A collection's name, or that of an imported log with a word about it."""
    return f"{name.removeprefix(FOREIGN)} (imported votes)" if name.startswith(FOREIGN) else name[:80]


def choose_kind() -> VoterKind:
    """A select box of the kinds that cast votes."""
    return VoterKind(choose("Voters", list(KINDS), name="by", shown=KINDS.__getitem__))
