"""The table of permissions is complete, and what it forbids is refused with a sentence."""

import inspect

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import NotAllowedError
from core.domain.roles import Actor, Role
from core.services.board.boards import BoardRequest
from core.services.permissions import PERMISSIONS, restricted
from core.services.roles import RoleService

VOTER = Actor(id="vera", role=Role.VOTER)
RESEARCHER = Actor(id="rita", role=Role.RESEARCHER)
OPERATOR = Actor(id="olga", role=Role.OPERATOR)


@pytest.mark.parametrize("service", PERMISSIONS, ids=lambda service: service.__name__)
def test_every_public_method_has_a_line(service: type) -> None:
    methods = {name for name, _ in inspect.getmembers(service, inspect.isfunction) if not name.startswith("_")}
    assert set(PERMISSIONS[service]) == methods


def test_a_voter_neither_sees_boards_nor_compares_nor_imports(app: App, small: Collection) -> None:
    seen = app.seen_by(VOTER)
    with pytest.raises(NotAllowedError, match="Only the role researcher may see leaderboards; yours is voter"):
        seen.leaderboard.board(BoardRequest(collection=small.fingerprint))
    with pytest.raises(NotAllowedError, match="compare systems by name"):
        seen.playground.compare  # noqa: B018 - reading it is what is refused
    with pytest.raises(NotAllowedError, match="import collections"):
        seen.collections.import_path  # noqa: B018 - as above
    assert seen.collections.get("small") == small
    assert seen.leaderboard.categories(small.fingerprint)


def test_a_researcher_sees_boards_and_registers_nothing(app: App, small: Collection) -> None:
    seen = app.seen_by(RESEARCHER)
    assert seen.leaderboard.board(BoardRequest(collection=small.fingerprint)).votes == 0
    with pytest.raises(NotAllowedError, match="Only the role operator may register or remove models"):
        seen.systems.unregister("any")


def test_an_operator_has_the_services_themselves(app: App) -> None:
    assert app.seen_by(OPERATOR) is app


def test_a_service_without_a_table_is_not_restricted_by_accident(app: App) -> None:
    with pytest.raises(KeyError, match="RoleService"):
        restricted(RoleService(app.settings.roles), VOTER)
