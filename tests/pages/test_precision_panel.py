"""A model in a lower precision: measured from its page, and told beside its systems everywhere."""

from core.bootstrap import App
from core.catalog.places import hub_folder
from core.domain.collections import Collection
from core.domain.jobs import JobKind
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import component, sent, texts

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SPEC = "cross-encoder:mine"


def register(app: App) -> None:
    values = {"source": "hub:owner/name", "revision": COMMIT, "kind": "cross-encoder", "precision": "bf16"}
    app.systems.register(app.catalog.describe("mine", values))


def measure(at, queries: int):
    at.number_input(key="precision_queries_mine").set_value(queries)
    next(button for button in at.button if button.label == "Measure against fp32").click()
    return at.run()


def test_measured_as_a_job_and_kept(app: App, open_page: Open, small: Collection) -> None:
    register(app)
    at = open_page("systems", show="models", model="mine")
    assert "was not measured yet" in texts(at)
    at = measure(at, 2)
    (job,) = [job for job in app.jobs.recent() if job.kind is JobKind.PRECISION]
    app.jobs.wait(job.id, 30)
    at = open_page("systems", **at.query_params)
    row = next(frame.value for frame in at.dataframe if "Kendall tau" in frame.value.columns).iloc[0]
    (check,) = app.precision.of_model("mine")
    assert (row["System"], row["Precision"], row["Queries"]) == (SPEC, "bf16", 2)
    assert row["Kendall tau"] == f"{check.tau:.3f}"


def test_shows_progress_and_is_cancelled(app: App, engine: FakeEngine, open_page: Open, small: Collection) -> None:
    register(app)
    engine.held = True
    at = measure(open_page("systems", show="models", model="mine"), 2)
    (job,) = app.jobs.active()
    assert "mine in bf16 against fp32: 0 of 4 timed rankings" in sent(at)
    at.button(key=f"cancel-{job.id}").click().run()
    assert app.jobs.get(job.id).state.ended
    assert app.precision.of_model("mine") == ()


def test_a_model_without_weights_here_has_no_precision_to_choose(open_page: Open, small: Collection) -> None:
    assert "Precision" not in [
        heading.value for heading in open_page("systems", show="models", model="lexical").subheader
    ]


def test_told_beside_the_system_wherever_it_is_compared(app: App, open_page: Open, small: Collection) -> None:
    register(app)
    folder = hub_folder(app.settings.cache_dir, "owner/name", COMMIT)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")
    listed = texts(open_page("systems")).replace("\\", "")
    assert "not measured against fp32 yet: run python -m core precision mine" in listed
    job, _ = app.precision.start("mine", queries=2)
    app.jobs.wait(job.id, 30)
    (check,) = app.precision.of_model("mine")
    app.playground.compare(app.candidates.for_query("small", "q0"), ["bm25", SPEC])
    at = open_page("playground", collection="small", query="q0", system=["bm25", SPEC])
    assert check.said in texts(at).replace("\\", "")
    notes = [column["note"] for column in component(at, "runoff_ranking_view")["columns"][1:]]
    assert [note.rpartition(", ")[2] for note in notes] == ["CPU fp32", "CPU bf16"]
    table = at.dataframe[0].value.set_index("System")
    assert table.loc[SPEC, "Ran on"] == "CPU bf16"
    assert table.loc[SPEC, "Answers"] == "12 calls run"
