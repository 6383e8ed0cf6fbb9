"""What can run here now, what is missing for the rest, which strategies fit a model, and what is never resolved."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap import App, start
from core.catalog.memory import weights_bytes
from core.catalog.resolved import HubFacts, resolved_now
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, UnknownNameError
from core.services.model_checks import try_to_load
from core.settings import load_settings
from core.strategies.base import registered
from core.strategies.slots import fits
from tests.support.fake_engine import FakeEngine

COMMIT = "a" * 40
MINE = {"source": "hub:owner/name", "revision": COMMIT, "kind": "cross-encoder"}
FACTS = HubFacts(
    commit=COMMIT,
    parameters=22_713_601,
    licence="apache-2.0",
    architectures=("BertForSequenceClassification",),
    safetensors=True,
    own_code=False,
    download_bytes=91_000_000,
)


def test_only_what_can_run_now_is_offered_and_resolves_to_itself(app: App) -> None:
    offers = app.systems.offers()
    assert all(not offer.reason for offer in offers)
    assert len({offer.spec for offer in offers}) == len(offers)
    for offer in offers:
        assert app.systems.resolve(offer.spec).spec == offer.spec
        assert offer.model is None or app.catalog.availability(offer.model).available


def test_every_strategy_that_a_bundled_model_fits_is_offered_with_it(app: App) -> None:
    offered = {(offer.strategy.name, offer.model.id) for offer in app.systems.offers() if offer.model}
    for model in ("all-minilm-l6-v2", "smollm2-135m-instruct", "lexical"):
        entry = app.catalog.entry(model)
        for name, info in registered().items():
            if len(info.slots) == 1 and not info.members:
                assert ((name, model) in offered) == fits(info, entry), (name, model)


def test_a_strategy_with_an_empty_slot_is_not_offered(app: App) -> None:
    """TSPRank has an embedder by default and a trained head that nobody has."""
    assert "tsprank" not in {offer.strategy.name for offer in app.systems.offers()}


def test_one_s_own_model_that_is_not_here_is_told_apart(app: App) -> None:
    app.systems.register(app.catalog.describe("mine", dict(MINE)))
    assert "mine" not in {offer.model.id for offer in app.systems.offers() if offer.model}
    absent = app.systems.absent()
    assert {offer.model.id for offer in absent if offer.model} == {"mine"}
    assert "cross-encoder:mine" in {offer.spec for offer in absent}
    assert {offer.reason for offer in absent} == {"not downloaded"}


def test_models_begin_with_those_of_this_installation(app: App) -> None:
    app.systems.register(app.catalog.describe("mine", dict(MINE)))
    models = app.systems.models()
    assert [status.entry.id for status in models[:4]] == [
        "lexical",
        "all-minilm-l6-v2",
        "smollm2-135m-instruct",
        "mine",
    ]
    assert [status.registered for status in models[:4]] == [False, False, False, True]
    assert all(status.checkpoint is not None and not status.registered for status in models[4:])
    assert all(status.checkpoint is None for status in models[:4])


def test_a_checkpoint_without_a_commit_is_no_system(app: App) -> None:
    with pytest.raises(InvalidInputError, match=r"ms-marco-minilm-l6-v2: revision not known yet\. Run python -m core"):
        app.systems.resolve("cross-encoder:ms-marco-minilm-l6-v2")
    app.catalog.resolved.keep(
        {"ms-marco-minilm-l6-v2": resolved_now("cross-encoder/ms-marco-MiniLM-L6-v2", "main", FACTS)}
    )
    system = app.systems.resolve("cross-encoder:ms-marco-minilm-l6-v2")
    assert system.models[0].revision == COMMIT
    status = next(one for one in app.systems.models() if one.entry.id == "ms-marco-minilm-l6-v2")
    assert status.resolved is not None
    assert status.availability.reason == "not downloaded"


def test_which_strategies_fit_a_model_and_why_the_others_do_not(app: App) -> None:
    fitting = {fit.strategy.name: fit for fit in app.systems.fitting("all-minilm-l6-v2")}
    assert set(fitting) == {name for name, info in registered().items() if info.slots}
    assert (fitting["bi-encoder"].reason, fitting["bi-encoder"].slot) == ("", "model")
    assert "all-minilm-l6-v2 lacks generate" in fitting["listwise"].reason
    reasons = [bool(fit.reason) for fit in app.systems.fitting("all-minilm-l6-v2")]
    assert reasons == sorted(reasons)
    with pytest.raises(UnknownNameError):
        app.systems.fitting("nothing")


def test_a_check_loads_nothing_and_says_what_is_too_large(app: App, engine: FakeEngine) -> None:
    checks = {one.entry.id: one for one in app.systems.check()}
    assert set(checks) == {entry.id for entry in app.catalog.entries()}
    assert checks["all-minilm-l6-v2"].loads
    large = checks["rank-zephyr-7b-v1-full"]
    assert large.known
    assert not large.loads
    assert large.needed_bytes == weights_bytes(large.entry) == 4 * 7_000_000_000
    if large.free_bytes is not None and large.free_bytes < 28_000_000_000:
        assert any("take 28.0 GB in fp32" in reason for reason in large.reasons)
    assert checks["jina-reranker-v2-base-multilingual"].reasons[0].endswith("which Runoff never executes")
    assert engine.models == []


def test_too_large_is_told_beside_a_model_that_is_there(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.services.model_checks.available_bytes", lambda: 1_000_000)
    check = next(one for one in app.systems.check() if one.entry.id == "all-minilm-l6-v2")
    assert check.reasons == ("its weights take 0.1 GB in fp32, 0.0 GB of memory are free",)
    assert "endpoint" in check.how


def test_a_real_try_goes_through_the_engine(app: App, small: Collection) -> None:
    assert try_to_load(app.engine, app.catalog.entry("all-minilm-l6-v2")) == ""


def test_a_name_of_a_checkpoint_may_be_registered_and_given_back(app: App) -> None:
    app.systems.register(app.catalog.describe("bge-m3", dict(MINE)))
    assert app.catalog.entry("bge-m3").source == "hub:owner/name"
    with pytest.raises(InvalidInputError, match="is taken"):
        app.catalog.describe("bge-m3", dict(MINE))
    app.systems.unregister("bge-m3")
    assert app.catalog.entry("bge-m3").source == "hub:BAAI/bge-m3"


def test_a_model_that_only_writes_is_offered_with_the_parameters_that_make_it_fit(tmp_path: Path) -> None:
    table = '[endpoints.chat]\nkind = "chat-endpoint"\nurl = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
    (tmp_path / "runoff.toml").write_text(table, "utf-8")
    made = start(load_settings({"RUNOFF_HOME": str(tmp_path)}), engine=FakeEngine())
    try:
        specs = [offer.spec for offer in made.systems.offers() if offer.model and offer.model.id == "chat"]
        assert "listwise:chat" in specs
        assert [spec for spec in specs if spec.startswith("prp-heapsort:chat?")]
        assert all(made.systems.resolve(spec).spec == spec for spec in specs)
    finally:
        made.close()
