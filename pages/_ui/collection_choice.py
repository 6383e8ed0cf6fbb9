"""Choosing a collection and a category of its queries; both are in the URL."""

from __future__ import annotations

from core.bootstrap import App
from core.domain.collections import Collection
from pages._ui.urlstate import choose


def choose_collection(app: App) -> Collection:
    """A select box of collections; the choice follows the person from page to page."""
    known = {collection.name: collection for collection in app.collections.all()}
    name = choose("Collection", list(known), name="collection", keep=True)
    return known[name]


def choose_category(app: App, collection: Collection) -> str:
    """A select box of categories where the collection has some; the empty string means all."""
    known = app.leaderboard.categories(collection.fingerprint)
    if not known:
        return ""
    picked = choose("Category", ["", *known], name="category", shown=lambda category: category or "All categories")
    return picked
