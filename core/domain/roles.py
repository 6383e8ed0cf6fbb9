"""Who may do what. Services ask for an actor; identity is a cookie's, sign-in is a later subject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.errors import NotAllowedError


class Role(StrEnum):
    """VOTER: vote and take back own votes. RESEARCHER: also see boards, systems and votes, run jobs, import, export.
    OPERATOR: also decide on votes (exclude, readmit, correct) and change what is configured by form."""

    VOTER = "voter"
    RESEARCHER = "researcher"
    OPERATOR = "operator"

    def includes(self, other: Role) -> bool:
        """Whether this role may do what ``other`` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: an id (of a voter, or "command line") and a role."""

    id: str
    role: Role

    def must_be(self, role: Role, what: str) -> None:
        """NotAllowedError unless the role suffices. ``what``: the deed as a phrase, "exclude votes"."""
        if not self.role.includes(role):
            raise NotAllowedError(f"Only the role {role} may {what}; yours is {self.role}. Ask an operator.")


COMMAND_LINE = Actor(id="command line", role=Role.OPERATOR)
