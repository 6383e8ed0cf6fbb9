"""Who asks: the id of this browser with the role that the settings give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages._ui.navigation import only_vote
from pages._ui.voter import voter_id

if TYPE_CHECKING:
    from core.bootstrap import App
    from core.domain.roles import Actor


def actor(app: App) -> Actor:
    """Whoever came by a vote link is a voter."""
    return app.roles.actor(voter_id(), only_vote())
