"""The engine for people: who may see it, who may take a model out of memory."""

import pytest

from core.bootstrap import App
from core.domain.errors import NotAllowedError
from core.domain.roles import Actor, Role
from core.domain.work import ResidentModel
from core.services import answer_file
from tests.support.fake_engine import FakeEngine

MODEL = ResidentModel(id="m", memory_bytes=1_000_000, device="cpu", precision="fp32", execution="packed")


def test_a_model_is_given_back(app: App, engine: FakeEngine) -> None:
    engine.models = [MODEL]
    assert app.engine_state.status().models == (MODEL,)
    app.engine_state.unload("other")
    assert app.engine_state.status().resident == ("m",)
    app.engine_state.unload("m")
    assert app.engine_state.status().models == ()


def test_the_cache_is_emptied(app: App) -> None:
    file = app.settings.cache_dir / answer_file.NAME
    file.write_bytes(b"no database")
    assert app.engine_state.empty_cache() == 11
    assert not file.exists()


def test_only_an_operator_takes_something_away(app: App) -> None:
    seen = app.seen_by(Actor(id="rita", role=Role.RESEARCHER))
    assert seen.engine_state.status().state == "ready"
    with pytest.raises(NotAllowedError, match="operator may unload models or empty the answer cache"):
        seen.engine_state.unload("m")
    with pytest.raises(NotAllowedError, match="list systems and models"):
        app.seen_by(Actor(id="vera", role=Role.VOTER)).engine_state.status()
