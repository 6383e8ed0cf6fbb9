"""With ``[roles] everyone = "voter"`` the pages that name systems say who may see them; the arena works."""

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.roles import Actor, Role
from tests.pages.conftest import Open
from tests.support.page_tree import component, sent


@pytest.fixture
def voters_only(app: App, prepared: Collection, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setattr(app.roles, "actor", lambda id, _only_vote: Actor(id=id, role=Role.VOTER))
    return app


@pytest.mark.parametrize("page", ["leaderboard", "playground", "benchmark", "systems", "votes", "home"])
def test_no_page_names_a_system_to_a_voter(voters_only: App, open_page: Open, page: str) -> None:
    at = open_page(page)
    assert "Only the role researcher may" in at.error[0].value
    assert "maxsim" not in sent(at)


def test_the_arena_is_for_everybody(voters_only: App, open_page: Open) -> None:
    at = open_page("arena", collection="small")
    assert not at.error
    assert component(at, "runoff_arena_view")
