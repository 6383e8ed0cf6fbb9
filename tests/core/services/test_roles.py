"""Who has which role."""

import pytest

from core.domain.errors import NotAllowedError
from core.domain.roles import Role
from core.services.roles import RoleService
from core.settings import Roles


def test_on_ones_own_machine_everybody_is_an_operator() -> None:
    assert RoleService(Roles()).actor("ann", only_vote=False).role is Role.OPERATOR


def test_a_vote_link_makes_a_voter_of_everybody() -> None:
    roles = RoleService(Roles(operators=("ann",)))
    actor = roles.actor("ann", only_vote=True)
    assert (actor.id, actor.role) == ("ann", Role.VOTER)
    with pytest.raises(NotAllowedError, match="Only the role operator may exclude votes; yours is voter"):
        actor.must_be(Role.OPERATOR, "exclude votes")


@pytest.mark.parametrize(
    ("everyone", "voter", "role"),
    [
        (Role.VOTER, "ann", Role.OPERATOR),
        (Role.VOTER, "bob", Role.RESEARCHER),
        (Role.VOTER, "cy", Role.VOTER),
        (Role.RESEARCHER, "cy", Role.RESEARCHER),
        (Role.OPERATOR, "bob", Role.OPERATOR),  # a list never takes a role away
    ],
)
def test_the_highest_role_given_counts(everyone: Role, voter: str, role: Role) -> None:
    roles = RoleService(Roles(everyone=everyone, operators=("ann",), researchers=("ann", "bob")))
    assert roles.actor(voter, only_vote=False).role is role
