"""Decision bundles: out, in again, and every change to one found."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.bootstrap import App
from core.datasets.qrels import read_qrels
from core.datasets.trec import read_run
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from core.domain.errors import ImportFormatError, InvalidInputError
from core.services.bundles.archive import MANIFEST, write_archive
from core.services.bundles.bundle_files import from_files, to_files
from core.services.bundles.replay import Replay, replay
from tests.support.benchmarks import finished_plan

QUALITY = {"first-stage": 0.0, "bm25": 0.4, "maxsim": 0.9}


@pytest.fixture
def plan(app: App, small: Collection) -> BenchmarkPlan:
    return finished_plan(app, "small", QUALITY)


@pytest.fixture
def bundle(app: App, plan: BenchmarkPlan, tmp_path: Path) -> Path:
    path = tmp_path / "decision.zip"
    with path.open("wb") as stream:
        app.bundles.write(plan, stream)
    return path


def contents(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}


def rewritten(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The bundle with a change that its manifest knows of, as somebody would make it who wants it to pass."""
    files = contents(bundle)
    change(files)
    with bundle.open("wb") as stream:
        write_archive(stream, files)
    return bundle


def failed(found: Replay) -> list[str]:
    return [check.name for check in found.checks if not check.passed]


def test_snapshot_survives_its_files(app: App, plan: BenchmarkPlan, bundle: Path) -> None:
    snapshot = from_files(contents(bundle))
    assert snapshot.plan == plan
    assert {one.system.spec: len(one.rankings) for one in snapshot.ranked} == dict.fromkeys(QUALITY, 6)
    assert to_files(snapshot) == {
        name: content for name, content in contents(bundle).items() if name in to_files(snapshot)
    }
    results = app.results.of(plan)
    assert [row.spec for row in replay(bundle).results.rows] == [row.spec for row in results.rows]


def test_replay_computes_the_same_numbers_without_the_store(app: App, plan: BenchmarkPlan, bundle: Path) -> None:
    found = replay(bundle)
    assert failed(found) == []
    expected = app.results.of(plan)
    assert found.results.sentence == expected.sentence
    for mine, theirs in zip(found.results.rows, expected.rows, strict=True):
        assert mine.measures == theirs.measures
        assert mine.values == theirs.values
        assert mine.latencies == theirs.latencies
    assert found.results.significance == expected.significance
    assert found.results.candidate_hash == expected.candidate_hash
    assert found.results.recall_ceiling == expected.recall_ceiling


def test_same_benchmark_same_bytes_but_for_the_time(app: App, plan: BenchmarkPlan, bundle: Path) -> None:
    stream = io.BytesIO()
    app.bundles.write(plan, stream)
    again = bundle.with_name("again.zip")
    again.write_bytes(stream.getvalue())
    first, second = contents(bundle), contents(again)
    assert {name for name in first if first[name] != second[name]} <= {"bundle.json", "report.html"}


def test_changed_byte_is_found(bundle: Path) -> None:
    data = bytearray(bundle.read_bytes())
    with zipfile.ZipFile(bundle) as archive:
        entry = archive.getinfo("rankings.jsonl")
    data[entry.header_offset + 60] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(ImportFormatError, match=r"decision\.zip"):
        replay(bundle)


def swapped(files: dict[str, bytes]) -> None:
    lines = files["rankings.jsonl"].decode().splitlines()
    record = json.loads(lines[-6])  # of the best system on the first query, which has labels
    order = record["ranking"]["order"]
    record["ranking"]["order"] = [order[-1], *order[1:-1], order[0]]
    files["rankings.jsonl"] = "\n".join([*lines[:-6], json.dumps(record), *lines[-5:]]).encode()


def improved(files: dict[str, bytes]) -> None:
    found = json.loads(files["results.json"])
    found["systems"][0]["measures"]["nDCG@10"]["mean"] += 1e-6
    files["results.json"] = json.dumps(found).encode()


def regraded(files: dict[str, bytes]) -> None:
    lines = files["queries.jsonl"].decode().splitlines()
    record = json.loads(lines[0])
    record["judgments"] = dict.fromkeys(record["judgments"], 0)
    files["queries.jsonl"] = "\n".join([json.dumps(record), *lines[1:]]).encode()


def strange_document(files: dict[str, bytes]) -> None:
    files["rankings.jsonl"] = files["rankings.jsonl"].replace(b'"order":["', b'"order":["x', 1)


def other_parameters(files: dict[str, bytes]) -> None:
    head = json.loads(files["bundle.json"])
    head["systems"][-1]["version"] += 1
    files["bundle.json"] = json.dumps(head).encode()


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (swapped, {"TREC files", "results"}),
        (improved, {"results"}),
        (regraded, {"TREC files", "results"}),
        (strange_document, {"rankings"}),
        (other_parameters, {"results"}),
    ],
)
def test_tampering_is_found_by_what_it_contradicts(
    bundle: Path, change: Callable[[dict[str, bytes]], None], names: set[str]
) -> None:
    assert names <= set(failed(replay(rewritten(bundle, change))))


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        ({}, "bundle.json"),
        ({"bundle.json": b"{}"}, "is not what a bundle holds"),
        ({"bundle.json": b"[" * 100_000}, "is not what a bundle holds"),
    ],
)
def test_what_is_no_bundle_says_so(tmp_path: Path, files: dict[str, bytes], cause: str) -> None:
    path = tmp_path / "b.zip"
    with path.open("wb") as stream:
        write_archive(stream, files)
    with pytest.raises(ImportFormatError, match=cause):
        replay(path)


def test_files_that_no_manifest_names_are_refused(bundle: Path) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr("../../evil", b"x")
    with pytest.raises(ImportFormatError, match="does not name"):
        replay(bundle)
    bundle.write_bytes(b"no zip")
    with pytest.raises(ImportFormatError, match="is no bundle"):
        replay(bundle)


def test_trec_files_are_what_other_tools_read(app: App, plan: BenchmarkPlan, tmp_path: Path) -> None:
    files = app.bundles.trec(plan)
    assert sorted(files) == sorted(
        ["qrels.txt", "candidates.trec", "runs/01-first-stage.trec", "runs/02-bm25.trec", "runs/03-maxsim.trec"]
    )
    for name, content in files.items():
        (tmp_path / name.replace("/", "-")).write_bytes(content)
    qrels = app.collections.reader("small").qrels()
    assert read_qrels(tmp_path / "qrels.txt") == {query: dict(grades) for query, grades in qrels.items()}
    run = read_run(tmp_path / "runs-03-maxsim.trec")
    snapshot = {one.system.spec: one for one in from_files(to_files(app.bundles.snapshot(plan))).ranked}["maxsim"]
    assert {query: tuple(hit.document for hit in hits) for query, hits in run.items()} == {
        query: ranking.order for query, ranking in snapshot.rankings.items()
    }


def test_report_escapes_what_people_wrote_and_loads_nothing(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", QUALITY, name="<script>alert(1)</script>")
    page = app.bundles.report(plan).decode("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page
    assert "https://" not in page
    assert all(spec in page for spec in QUALITY)
    assert app.results.of(plan).sentence.split()[0] in page


def test_nothing_finished_nothing_to_take_along(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", QUALITY, missing=dict.fromkeys(QUALITY, 1))
    with pytest.raises(InvalidInputError, match="has ranked every query"):
        app.bundles.write(plan, io.BytesIO())


def test_one_query_has_no_interval_and_still_replays(app: App, small: Collection, tmp_path: Path) -> None:
    query = app.collections.reader("small").queries()[0].id
    plan = finished_plan(app, "small", QUALITY, queries=[query])
    path = tmp_path / "one.zip"
    with path.open("wb") as stream:
        app.bundles.write(plan, stream)
    assert failed(replay(path)) == []
    assert b"Infinity" not in contents(path)["results.json"]
    assert b"inf" not in app.bundles.report(plan).split(b"Is the difference real?")[1].split(b"</table>")[0]


def test_an_archive_that_would_fill_the_memory_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with path.open("wb") as stream:
        write_archive(stream, {"rankings.jsonl": bytes(12_000_000)})
    assert path.stat().st_size < 20_000
    with pytest.raises(ImportFormatError, match="more than 200 times its size"):
        replay(path)


def test_a_grade_that_would_fill_the_memory_is_refused(bundle: Path) -> None:
    def raise_grade(files: dict[str, bytes]) -> None:
        files["queries.jsonl"] = files["queries.jsonl"].replace(b'"d0":2', b'"d0":2000000000', 1)

    with pytest.raises(ImportFormatError, match=r"queries.jsonl.*line 1.*grade beyond 1,000"):
        replay(rewritten(bundle, raise_grade))
