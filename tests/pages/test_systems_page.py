"""Systems: what runs here and what is missing, which models can be loaded and why not, registering a model."""

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.catalog.checkpoints.all import CHECKPOINTS
from core.catalog.resolved import HubFacts, resolved_now
from core.domain.collections import Collection
from core.domain.jobs import JobKind, JobState
from core.services.systems import ROSTER
from core.strategies.base import registered
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import sent, texts

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def register(at: AppTest, kind: str = "cross-encoder", **fields: str) -> AppTest:
    if at.selectbox(key="register_kind").value != kind:
        at.selectbox(key="register_kind").set_value(kind).run()
    for key, value in fields.items():
        at.text_input(key=f"register_{key}").set_value(value)
    next(button for button in at.button if button.label == "Register").click()
    return at.run()


def test_what_runs_is_listed_once_per_model_and_every_other_strategy_once(
    app: App, open_page: Open, small: Collection
) -> None:
    table = open_page("systems").dataframe[0].value
    offered = [offer.spec for offer in app.systems.offers()]
    runs = table[table["Runs here"] == "yes"]
    assert set(offered) <= set(runs["System"])
    assert set(table[table["In battles"] == "yes"]["System"]) == set(ROSTER)
    missing = table[table["Runs here"] != "yes"]
    assert list(missing["Strategy"]) == list(dict.fromkeys(missing["Strategy"]))
    assert set(table["Strategy"]) == {info.title for info in registered().values()}
    assert not set(missing["Strategy"]) & {offer.strategy.title for offer in app.systems.offers()}
    assert all(missing["Runs here"])


def test_the_search_narrows(open_page: Open, small: Collection) -> None:
    at = open_page("systems")
    at.text_input(key="system_search").set_value("pairwise").run()
    assert set(at.dataframe[0].value["Family"]) == {"pairwise"}
    at.text_input(key="system_search").set_value("zebra").run()
    assert "No system matches" in texts(at)


def test_the_models_of_this_installation_come_first_and_alone(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("systems", show="models")
    table = at.dataframe[0].value.set_index("Model")
    assert list(table.index) == ["lexical", "all-minilm-l6-v2", "smollm2-135m-instruct"]
    assert set(table["Here"]) == {"yes"}
    entry = app.catalog.entry("all-minilm-l6-v2")
    shown = texts(open_page("systems", show="models", model="all-minilm-l6-v2"))
    assert f"Can be loaded: {app.catalog.availability(entry).reason}" in shown
    assert entry.revision in shown
    assert "embed\\-pooled" in shown or "embed-pooled" in shown
    assert "22.7 million parameters" in shown
    assert "`bi-encoder`" in shown.split("Strategies that fit")[1]


def test_well_known_checkpoints_are_searched_and_filtered(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("systems", show="models", models="known")
    listed = [known for known in CHECKPOINTS if known.hub_id.verified and known.kind.verified]
    assert list(at.dataframe[0].value["Model"]) == [known.id for known in listed]
    assert "ERank 14B" in texts(at)
    at.text_input(key="model_search").set_value("monot5").run()
    found = at.dataframe[0].value
    assert set(found["Kind"]) == {"seq2seq"}
    assert all("monot5" in name for name in found["Model"])
    at.text_input(key="model_search").set_value("").run()
    at.selectbox(key="model_size").set_value("over 5 B").run()
    assert all(at.dataframe[0].value["Size"] > 5e9)
    at.selectbox(key="model_size").set_value("unverified").run()
    assert at.dataframe[0].value["Size"].isna().all()
    at.selectbox(key="model_size").set_value("Any").run()
    at.selectbox(key="model_licence").set_value("apache-2.0").run()
    assert set(at.dataframe[0].value["Licence"]) == {"apache-2.0"}
    at.text_input(key="model_search").set_value("zebra").run()
    assert "No model matches" in texts(at)


def test_a_checkpoint_says_where_each_fact_was_read_and_what_is_unverified(
    app: App, open_page: Open, small: Collection
) -> None:
    shown = texts(open_page("systems", show="models", model="monot5-base-msmarco-10k"))
    assert "Cannot be loaded: revision not known yet" in shown
    assert "**Licence** *unverified*" in shown
    assert "(https://huggingface.co/castorini/monot5-base-msmarco-10k)" in shown
    assert "`bi-encoder`" not in shown.split("Strategies that fit")[1].splitlines()[0]


def test_a_looked_up_checkpoint_can_be_downloaded(app: App, open_page: Open, small: Collection) -> None:
    facts = HubFacts(
        commit=COMMIT,
        parameters=19_164_673,
        licence="gpl-3.0",
        architectures=("BertForSequenceClassification",),
        safetensors=True,
        own_code=False,
        download_bytes=77_000_000,
    )
    found = resolved_now("cross-encoder/ms-marco-MiniLM-L4-v2", "main", facts)
    app.catalog.resolved.keep({"ms-marco-minilm-l4-v2": found})
    at = open_page("systems", show="models", model="ms-marco-minilm-l4-v2")
    shown = texts(at)
    assert "Cannot be loaded: not downloaded" in shown
    assert "The hub says otherwise" in shown
    assert "gpl" in shown
    assert at.button(key="fetch-ms-marco-minilm-l4-v2").label == "Download (77 MB)"
    at.button(key="fetch-ms-marco-minilm-l4-v2").click().run()
    assert next(iter(app.jobs.recent())).kind is JobKind.FETCH


def test_a_look_up_that_fails_is_told(
    app: App, open_page: Open, small: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    at = open_page("systems", show="models", model="ms-marco-minilm-l4-v2")
    assert not [button for button in at.button if button.key == "fetch-ms-marco-minilm-l4-v2"]
    at.button(key="look-up-ms-marco-minilm-l4-v2").click().run()
    assert "the hub cannot be reached" in " ".join(error.value for error in at.error)


def test_the_form_offers_the_new_kinds_with_their_settings(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("systems", show="register")
    at.selectbox(key="register_kind").set_value("multi-vector").run()
    assert "One vector per token" in texts(at)
    at.number_input(key="register_query_length").set_value(32)
    at.multiselect(key="register_formats").set_value(["colbert"])
    at = register(at, "multi-vector", name="col", hub="owner/name", revision=COMMIT)
    entry = app.catalog.entry("col")
    assert (str(entry.kind), entry.formats, entry.option("query_length")) == ("multi-vector", ("colbert",), "32")
    assert "Registered col" in texts(at)


def test_label_zero_is_a_label(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("systems", show="register")
    at.selectbox(key="register_kind").set_value("cross-encoder").run()
    at.number_input(key="register_positive_label").set_value(0)
    register(at, name="mine", hub="owner/name", revision=COMMIT)
    assert app.catalog.entry("mine").option("positive_label") == "0"


def test_a_hub_model_is_registered_and_says_why_it_cannot_be_loaded(
    app: App, open_page: Open, small: Collection
) -> None:
    at = register(open_page("systems", show="register"), name="mine", hub="owner/name", revision=COMMIT)
    assert "Registered mine" in texts(at)
    assert app.catalog.entry("mine").revision == COMMIT
    shown = texts(open_page("systems", show="models", model="mine"))
    assert "Cannot be loaded: not downloaded" in shown


def test_a_branch_is_not_a_pinned_revision(app: App, open_page: Open, small: Collection) -> None:
    at = register(open_page("systems", show="register"), name="mine", hub="owner/name", revision="main")
    assert "40 hexadecimal digits" in at.error[0].value
    assert "mine" not in {entry.id for entry in app.catalog.entries()}


def test_a_download_shows_progress_survives_a_reload_and_can_be_cancelled(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    register(open_page("systems", show="register"), name="mine", hub="owner/name", revision=COMMIT)
    engine.held = True
    at = open_page("systems", show="models", model="mine")
    at.button(key="fetch-mine").click().run()
    (job,) = app.jobs.active()
    assert job.kind is JobKind.FETCH
    reloaded = open_page("systems", **at.query_params)
    assert "Download mine: starting" in sent(reloaded)
    reloaded.button(key=f"cancel-{job.id}").click().run()
    assert app.jobs.get(job.id).state is JobState.CANCELLED


def test_a_registered_model_can_be_removed(app: App, open_page: Open, small: Collection) -> None:
    register(open_page("systems", show="register"), name="mine", hub="owner/name", revision=COMMIT)
    open_page("systems", show="models", model="mine").button(key="remove-mine").click().run()
    assert "mine" not in {entry.id for entry in app.catalog.entries()}
