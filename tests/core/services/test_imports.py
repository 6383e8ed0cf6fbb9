"""Imports as jobs: a process of their own reads, everything is registered at the end or nothing is."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.bootstrap import App
from core.datasets.importing import Imported
from core.datasets.request import ImportRequest, request_from
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.jobs import Job, JobKind, JobState
from tests.support.collections_on_disk import jsonl, write_files, write_small_beir

SECONDS = 30


def folder(tmp_path: Path, documents: int = 3) -> Path:
    rows = ({"_id": f"d{n}", "text": f"The ferry number {n} leaves at nine in the morning."} for n in range(documents))
    return write_files(
        tmp_path / "source",
        {
            "corpus.jsonl": jsonl(*rows),
            "queries.jsonl": jsonl({"_id": "q1", "text": "ferry"}, {"_id": "q2", "text": "nine"}),
            "qrels/test.tsv": "q1\td0\t1\nq1\tgone\t1\n",
        },
    )


def ended(app: App, job: Job) -> Job:
    found = app.jobs.wait(job.id, SECONDS)
    assert found.state.ended, found
    return found


def left(app: App) -> list[str]:
    return sorted(path.name for path in app.settings.collections_dir.iterdir())


def test_a_job_imports_and_keeps_its_warnings(app: App, tmp_path: Path) -> None:
    source = str(folder(tmp_path))
    job = ended(app, app.imports.start(ImportRequest(source=source, name=" ships ", language="auto")))
    collection = app.collections.get("ships")
    assert (job.kind, job.state, job.title) == (JobKind.IMPORT, JobState.DONE, "Import ships")
    assert job.message == "1 judgments name documents that the corpus does not have; they were kept."
    assert job.done == job.total > 0
    assert (collection.documents, app.collections.reader("ships").language) == (3, "en")
    assert left(app) == [f"{collection.fingerprint}.sqlite"]
    assert app.imports.running() == ()


def test_the_same_as_in_this_process(app: App, tmp_path: Path) -> None:
    path = write_small_beir(tmp_path / "beir")
    ended(app, app.imports.start(ImportRequest(source=str(path), name="one", language="en")))
    with pytest.raises(InvalidInputError, match="already registered as 'one'"):
        app.collections.import_path(path, "two")
    assert left(app) == [f"{app.collections.get('one').fingerprint}.sqlite"]


def test_what_is_wrong_with_a_file_ends_the_job_with_its_place(app: App, tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "corpus.jsonl").write_text('{"_id": "d0", "text": "x"}\n{"_id": "d0"}\n', "utf-8")
    job = ended(app, app.imports.start(ImportRequest(source=str(path), name="ships", language="en")))
    assert (job.state, job.message) == (
        JobState.FAILED,
        "corpus.jsonl, line 2, column text: is missing; a text is needed.",
    )
    assert left(app) == []
    with pytest.raises(UnknownNameError):
        app.collections.get("ships")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": " "}, "Give the collection a name"),
        ({"name": "small"}, "already a collection named 'small'"),
        ({"language": "klingon"}, "Unknown language 'klingon'"),
        ({"format": "zip"}, "Unknown format 'zip'"),
    ],
)
def test_what_can_be_known_is_refused_at_once(app: App, small: Collection, change: dict, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        app.imports.start(ImportRequest(**({"source": "x", "name": "new"} | change)))
    assert app.jobs.recent() == ()


def test_cancelling_kills_the_process_and_leaves_nothing(app: App, tmp_path: Path) -> None:
    path = folder(tmp_path, 100_000)
    job = app.imports.start(ImportRequest(source=str(path), name="ships", language="en"))
    deadline = time.monotonic() + SECONDS
    while app.jobs.get(job.id).done == 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(InvalidInputError, match="An import named 'ships' is running"):
        app.imports.start(ImportRequest(source=str(path), name="ships", language="en"))
    app.jobs.cancel(job.id)
    assert ended(app, job).state is JobState.CANCELLED
    assert left(app) == []
    assert app.collections.all() == ()


def test_the_process_goes_when_its_parent_is_killed(app: App, tmp_path: Path) -> None:
    """A pipe that closes is all that the process hears of a web process that died."""
    path = folder(tmp_path, 100_000)
    aside = tmp_path / ".import-x.sqlite"
    code = (
        "import sys, time; from pathlib import Path; from core.datasets.child_messages import Order;"
        "from core.datasets.request import ImportRequest; from core.datasets.source import ImportLimits;"
        "from core.services.import_process import ImportProcess;"
        f"made = ImportProcess(); request = ImportRequest(source={str(path)!r}, name='x');"
        f"made._send(Order(request=request, aside=Path({str(aside)!r}), limits=ImportLimits()));"
        "print(made._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    deadline = time.monotonic() + SECONDS
    while not aside.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    while _alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not aside.exists()


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_job_whose_process_is_gone_is_cancelled(app: App, tmp_path: Path) -> None:
    job = app.imports.start(ImportRequest(source=str(folder(tmp_path)), name="ships", language="en"))
    ended(app, job)
    lost = app.store.job(job.id)
    app.store.update_job(lost.id, state=JobState.QUEUED, owner="1-gone")
    app.jobs._live.clear()
    app.jobs.resume()
    found = app.jobs.get(job.id)
    assert (found.state, found.message) == (
        JobState.CANCELLED,
        "Interrupted; nothing was imported. Import it again.",
    )


def test_uploads_go_when_the_import_has_ended(app: App) -> None:
    files = {"documents.jsonl": io.BytesIO(jsonl({"id": "a", "text": "one"}, {"id": "b", "text": "two"}).encode())}
    kept = app.imports.receive(files | {"queries.tsv": io.BytesIO(b"q1\tone\n")})
    assert sorted(path.name for path in kept.iterdir()) == ["documents.jsonl", "queries.tsv"]
    request = ImportRequest(
        source=str(kept / "documents.jsonl"),
        queries=str(kept / "queries.tsv"),
        name="up",
        language="en",
        uploaded=str(kept),
    )
    job = ended(app, app.imports.start(request))
    assert job.state is JobState.DONE, job.message
    deadline = time.monotonic() + SECONDS
    while kept.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    app.imports.discard(str(app.settings.home))
    assert app.settings.home.exists()


def test_old_uploads_are_swept(app: App) -> None:
    old, young = app.imports.receive({"a": io.BytesIO(b"x")}), app.imports.receive({"a": io.BytesIO(b"x")})
    day_and_more = time.time() - 25 * 3600
    os.utime(old, (day_and_more, day_and_more))
    app.imports.receive({"a": io.BytesIO(b"x")})
    assert (old.exists(), young.exists()) == (False, True)


def test_runs_become_candidate_sets(app: App, tmp_path: Path) -> None:
    run = tmp_path / "mine.run"
    run.write_text("q1 Q0 d1 1 3.0 x\nq1 Q0 d0 2 2.5 x\nq2 Q0 d2 1 1.0 x\n", "utf-8")
    request = ImportRequest(source=str(folder(tmp_path)), name="ships", language="en", runs=(str(run),))
    found = app.imports.now(request)
    assert found.runs == ("run mine.run top 2",)
    hashes = app.store.candidate_set(found.collection.fingerprint, found.runs[0])
    assert app.candidates.load(hashes["q1"]).ids == ("d1", "d0")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q1 Q0 nowhere 1 3.0 x", "mine.run, column document: query 'q1': Unknown document 'nowhere'"),
        ("q9 Q0 d0 1 3.0 x", "mine.run, column query: the collection has no query 'q9'"),
        ("q1 Q0 d0 1 much x", "mine.run, line 2, column score: must be a finite number, not 'much'"),
        ("q1 Q0 d0", "mine.run, line 2: has 3 columns"),
        ("q1 Q0 d1 2 1.0 x", "mine.run, line 2: query 'q1' has document 'd1' on line 1 already"),
    ],
)
def test_a_run_that_does_not_fit_imports_nothing(app: App, tmp_path: Path, line: str, message: str) -> None:
    run = tmp_path / "mine.run"
    run.write_text(f"q1 Q0 d1 1 3.0 x\n{line}\n", "utf-8")
    with pytest.raises(InvalidInputError) as caught:
        app.imports.now(ImportRequest(source=str(folder(tmp_path)), name="ships", language="en", runs=(str(run),)))
    assert str(caught.value).startswith(message)
    assert left(app) == []
    assert app.collections.all() == ()


def test_a_request_survives_the_job(tmp_path: Path) -> None:
    request = ImportRequest(source="a", name="b", qrels=("c", "d"), runs=("e",), pasted=True)
    assert request_from(request.as_json()) == request


def test_a_collection_taken_meanwhile_leaves_no_file(app: App, small: Collection, tmp_path: Path) -> None:
    from dataclasses import replace

    from core.datasets.importing import import_request
    from core.datasets.source import ImportLimits

    aside = app.settings.collections_dir / ".import-x.sqlite"
    imported: Imported = import_request(
        ImportRequest(source=str(folder(tmp_path)), name="x", language="en"), aside, ImportLimits()
    )
    taken = replace(imported, collection=replace(imported.collection, name="small"))
    with pytest.raises(InvalidInputError, match="'small' is taken"):
        app.collections.register(taken)
    assert left(app) == [f"{small.fingerprint}.sqlite"]
