"""Which role somebody has: from the table [roles] of the settings; whoever came by a vote link is a voter."""

from __future__ import annotations

from core.domain.roles import Actor, Role
from core.settings import Roles


class RoleService:
    """Turns an identity (a cookie's, for now) into an actor; services then ask the actor."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    def actor(self, voter_id: str, only_vote: bool) -> Actor:
        """``only_vote``: the session came by a vote link. Otherwise the highest role that the settings give."""
        if only_vote:
            return Actor(id=voter_id, role=Role.VOTER)
        given = [self._roles.everyone]
        if voter_id in self._roles.researchers:
            given.append(Role.RESEARCHER)
        if voter_id in self._roles.operators:
            given.append(Role.OPERATOR)
        return Actor(id=voter_id, role=max(given, key=list(Role).index))
