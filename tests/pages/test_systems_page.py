"""Systems: what fits together, what can be loaded and why not, registering a model."""

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.jobs import JobKind, JobState
from core.services.systems import ROSTER
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import sent, texts

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def register(at, **fields: str):
    for key, value in fields.items():
        at.text_input(key=f"register_{key}").set_value(value)
    at.selectbox(key="register_kind").set_value("cross-encoder")
    next(button for button in at.button if button.label == "Register").click()
    return at.run()


def test_exactly_the_offers_are_listed(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("systems")
    table = at.dataframe[0].value
    assert list(table["System"]) == [offer.spec for offer in app.systems.offers()]
    assert set(table[table["In battles"] == "yes"]["System"]) == set(ROSTER)


def test_the_search_narrows(open_page: Open, small: Collection) -> None:
    at = open_page("systems")
    at.text_input(key="system_search").set_value("pairwise").run()
    assert set(at.dataframe[0].value["Family"]) == {"pairwise"}
    at.text_input(key="system_search").set_value("zebra").run()
    assert "No system matches" in texts(at)


def test_models_show_capabilities_revision_licence_and_state(app: App, open_page: Open, small: Collection) -> None:
    table = open_page("systems", show="models").dataframe[0].value.set_index("Model")
    row = table.loc["all-minilm-l6-v2"]
    entry = app.catalog.entry("all-minilm-l6-v2")
    assert row["Can"] == "embed-pooled, embed-tokens"
    assert row["Revision"] == entry.revision[:12]
    assert row["Licence"] == entry.licence
    assert row["State"] == app.catalog.availability(entry).reason


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
