"""Looking commits up on a stand-in hub: kept with the date, pinned, told where it differs, never moved by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.catalog import Catalog
from core.catalog.checkpoints.checkpoint import Checkpoint, Page, Sourced
from core.catalog.hub import hub_client, hub_facts
from core.catalog.places import hub_folder
from core.catalog.resolved import FILE, ResolvedFile
from core.domain.errors import InvalidInputError, ModelUnavailableError, UnknownNameError
from core.domain.models import ModelKind
from core.models.fetch import fetch
from core.services.model_checks import check_models, look_up
from core.settings import Settings
from tests.support.http_server import Server, serving
from tests.support.hub_server import Hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LATER = "89abcdef0123456789abcdef0123456789abcdef"
CARD = Page("https://example.org/card")
KNOWN = Checkpoint(
    id="known",
    title="A checkpoint",
    hub_id=CARD.says("some/model"),
    kind=CARD.says(ModelKind.CROSS_ENCODER),
    max_length=CARD.says(128),
    licence=CARD.says("mit"),
    needs_code=CARD.says(False),
)


@pytest.fixture
def hub() -> Hub:
    files = {"config.json": b"{}", "model.safetensors": b"abcdef", "pytorch_model.bin": b"pickle", "modeling.py": b"x"}
    said: dict[str, object] = {
        "cardData": {"license": "mit"},
        "safetensors": {"parameters": {"F32": 1200}, "total": 1200},
        "config": {"architectures": ["BertForSequenceClassification"]},
    }
    return Hub("some/model", COMMIT, files, said=said)


@pytest.fixture
def server(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(hub) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        monkeypatch.setenv("HF_TOKEN", "hf_test")
        yield running


def catalog(home: Path, *known: Checkpoint, **tables: dict[str, dict[str, object]]) -> Catalog:
    values: dict[str, dict[str, dict[str, object]]] = {"models": {}, "endpoints": {}, **tables}
    return Catalog(Settings(home=home, database_url="sqlite://", **values), checkpoints=known or (KNOWN,))


def test_a_checkpoint_without_a_commit_is_listed_and_says_what_to_do(tmp_path: Path) -> None:
    made = catalog(tmp_path)
    entry = made.entry("known")
    state = made.availability(entry)
    assert (entry.revision, entry.source, entry.max_length) == ("", "hub:some/model", 128)
    assert (state.available, state.reason) == (False, "revision not known yet")
    assert "python -m core systems --resolve known" in state.how
    with pytest.raises(InvalidInputError, match="known has no commit yet"):
        fetch(entry, tmp_path / "cache", lambda _done, _total: None, lambda: False)


def test_what_the_hub_states_is_kept_with_the_date_and_pins_the_entry(server: Server, tmp_path: Path) -> None:
    made = catalog(tmp_path)
    [found] = look_up(made, [])
    assert (found.error, found.differences) == ("", ())
    [asked] = server.seen
    assert asked.path == "/api/models/some/model/revision/main?blobs=true"
    assert asked.headers["authorization"] == "Bearer hf_test"
    kept = ResolvedFile(tmp_path / "cache").all()["known"]
    assert timedelta() <= datetime.now(UTC) - kept.at < timedelta(minutes=1)
    facts = kept.facts
    assert (facts.commit, facts.parameters, facts.licence) == (COMMIT, 1200, "mit")
    assert facts.architectures == ("BertForSequenceClassification",)
    assert (facts.safetensors, facts.own_code) == (True, False)
    assert facts.download_bytes == len(b"{}") + len(b"abcdef")  # neither pickled weights nor code
    entry = made.entry("known")
    assert (entry.revision, entry.parameters) == (COMMIT, 1200)
    assert made.availability(entry).reason == "not downloaded"
    fetch(entry, tmp_path / "cache", lambda _done, _total: None, lambda: False)
    assert made.availability(entry).available
    assert catalog(tmp_path).entry("known") == entry  # after a restart as well


def test_another_process_sees_the_commit_at_once(server: Server, tmp_path: Path) -> None:
    here, there = catalog(tmp_path), catalog(tmp_path)
    assert here.entry("known").revision == ""
    look_up(there, [])
    assert here.entry("known").revision == COMMIT


def test_a_commit_moves_only_when_the_checkpoint_is_named(hub: Hub, server: Server, tmp_path: Path) -> None:
    made = catalog(tmp_path)
    look_up(made, [])
    hub.commit = LATER
    assert look_up(made, []) == ()
    assert made.entry("known").revision == COMMIT
    look_up(made, ["known"])
    assert made.entry("known").revision == LATER


def test_differences_are_told_and_never_taken(hub: Hub, server: Server, tmp_path: Path) -> None:
    made = catalog(tmp_path, replace(KNOWN, size=CARD.says(2400)))
    hub.said["cardData"] = {"license": "cc-by-nc-4.0"}
    [found] = look_up(made, [])
    assert found.differences == (
        "size: 2,400 parameters in the catalogue, 1,200 on the hub",
        "licence: mit in the catalogue, cc-by-nc-4.0 on the hub",
    )
    entry = made.entry("known")
    assert (entry.parameters, entry.licence) == (2400, "mit")
    assert next(one for one in check_models(made) if one.entry.id == "known").differences == found.differences


def test_a_figure_that_a_card_rounds_is_no_difference(server: Server, tmp_path: Path) -> None:
    [found] = look_up(catalog(tmp_path, replace(KNOWN, size=CARD.says(1100))), [])
    assert found.differences == ()


def test_what_nobody_stated_here_is_filled_from_the_hub(server: Server, tmp_path: Path) -> None:
    unverified: Sourced[str] = Sourced(None)
    made = catalog(tmp_path, replace(KNOWN, licence=unverified))
    assert made.entry("known").licence == ""
    look_up(made, [])
    assert made.entry("known").licence == "mit"


def test_pickled_weights_are_refused_until_a_converted_revision_is_named(
    hub: Hub, server: Server, tmp_path: Path
) -> None:
    content = hub.files.pop("model.safetensors")
    made = catalog(tmp_path)
    look_up(made, [])
    state = made.availability(made.entry("known"))
    assert not state.available
    assert "no safetensors weights at this commit" in state.reason
    assert "known@refs/pr/" in state.how
    hub.files["model.safetensors"] = content
    hub.branches["refs/pr/1"] = LATER
    [found] = look_up(made, ["known@refs/pr/1"])
    assert server.seen[-1].path == "/api/models/some/model/revision/refs%2Fpr%2F1?blobs=true"
    assert found.resolved is not None
    assert found.resolved.revision == "refs/pr/1"
    assert made.entry("known").revision == LATER
    assert made.availability(made.entry("known")).reason == "not downloaded"


def test_the_branch_of_the_catalogue_is_looked_up(hub: Hub, server: Server, tmp_path: Path) -> None:
    hub.branches["refs/pr/7"] = LATER
    made = catalog(tmp_path, replace(KNOWN, branch=CARD.says("refs/pr/7")))
    look_up(made, [])
    assert made.entry("known").revision == LATER


def test_code_of_a_checkpoint_is_never_run(server: Server, tmp_path: Path) -> None:
    made = catalog(tmp_path, replace(KNOWN, needs_code=CARD.says(True)))
    look_up(made, [])
    folder = hub_folder(tmp_path / "cache", "some/model", COMMIT)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")
    state = made.availability(made.entry("known"))
    assert (state.available, "never executes" in state.reason) == (False, True)


def test_one_that_fails_does_not_stop_the_others(server: Server, tmp_path: Path) -> None:
    other = replace(KNOWN, id="other", hub_id=CARD.says("some/other"))
    found = {one.id: one for one in look_up(catalog(tmp_path, other, KNOWN), [])}
    assert "Could not look up some/other at main: not found there" in found["other"].error
    assert found["known"].resolved is not None


def test_refusals(hub: Hub, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = catalog(tmp_path)
    with pytest.raises(UnknownNameError, match=r"Unknown well-known checkpoint 'nothing'\. Known: known"):
        look_up(made, ["nothing"])
    hub.said["sha"] = "main"
    with hub_client() as client, pytest.raises(ModelUnavailableError, match="does not answer as a hub"):
        hub_facts(client, "some/model")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    [found] = look_up(made, [])
    assert "the hub cannot be reached" in found.error
    assert not (tmp_path / "cache" / FILE).exists()


def test_a_file_that_cannot_be_read_is_as_good_as_absent(server: Server, tmp_path: Path) -> None:
    made = catalog(tmp_path)
    look_up(made, [])
    file = tmp_path / "cache" / FILE
    table = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**table, "broken": {"commit": 1}}), "utf-8")
    assert set(ResolvedFile(tmp_path / "cache").all()) == {"known"}
    file.write_text("not json", "utf-8")
    assert ResolvedFile(tmp_path / "cache").all() == {}


def test_a_person_may_take_the_name_of_a_checkpoint(server: Server, tmp_path: Path) -> None:
    table = {"source": "hub:me/mine", "revision": LATER, "kind": "embedder"}
    made = catalog(tmp_path, models={"known": table})
    entry = made.entry("known")
    assert (entry.source, entry.kind) == ("hub:me/mine", ModelKind.EMBEDDER)
    assert made.checkpoint(entry) is None
    assert [one.id for one in made.entries()].count("known") == 1
    assert catalog(tmp_path).describe("known", dict(table)).source == "hub:me/mine"
