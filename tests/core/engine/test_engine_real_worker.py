"""The engine as it is shipped: real wiring, real strategies, the lexical model and the first stage."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from core.catalog.catalog import Catalog
from core.datasets.importing import import_source
from core.domain.documents import CandidateList, Document, Query
from core.domain.work import Ended, Ranked, RankWork, Retrieved, RetrieveWork
from core.engine.client import EngineClient
from core.settings import Settings
from core.strategies.resolve import resolve

CORPUS = {
    "boat": "The night boat leaves the harbour at eleven.",
    "dog": "Dogs stay on a lead on every boat.",
    "tape": "Tapes are kept in the vault for a year.",
}


def run(client, work):
    events, done = [], threading.Event()

    def listener(event):
        events.append(event)
        if isinstance(event, Ended):
            done.set()

    client.submit(work, listener)
    assert done.wait(60)
    assert events[-1] == Ended(job=work.job)
    return events


def folder(path: Path) -> Path:
    (path / "qrels").mkdir(parents=True)
    rows = [json.dumps({"_id": id, "title": "", "text": text}) for id, text in CORPUS.items()]
    (path / "corpus.jsonl").write_text("\n".join(rows) + "\n")
    (path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "when does the night boat leave"}) + "\n")
    (path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tboat\t1\n")
    return path


def test_first_stage_then_rerank_then_everything_from_the_cache(tmp_path):
    settings = Settings(home=tmp_path / "home", database_url="sqlite://", threads=1, models={}, endpoints={})
    catalog = Catalog(settings, lambda: ())
    collection, _ = import_source(folder(tmp_path / "beir"), tmp_path / "collections", name="small")
    systems = tuple(resolve(spec, catalog.entry) for spec in ("first-stage", "bm25"))
    query = Query(id="q", text="when does the night boat leave")
    client = EngineClient(settings)
    try:
        events = run(
            client,
            RetrieveWork(job="r", collection=collection.fingerprint, path=collection.path, queries=(query,), depth=2),
        )
        (found,) = [event.candidates for event in events if isinstance(event, Retrieved)]
        assert found.ids[0] == "boat"
        pasted = CandidateList(
            query=query, documents=tuple(Document(id=id, text=text) for id, text in reversed(CORPUS.items()))
        )
        tasks = tuple((s, c) for s in range(2) for c in range(2))
        collections = ((collection.fingerprint, collection.path),)
        orders = []
        for job in ("first", "second"):
            work = RankWork(job=job, systems=systems, lists=(found, pasted), tasks=tasks, collections=collections)
            rankings = [event.ranking for event in run(client, work) if isinstance(event, Ranked)]
            assert len(rankings) == 4
            orders.append({(r.system, r.candidates): r.order for r in rankings})
            executed = sum(ranking.executed.calls for ranking in rankings)
            assert executed == (2 if job == "first" else 0)
        assert orders[0] == orders[1]
        assert orders[0][(systems[1].fingerprint, pasted.hash)][0] == "boat"
        assert orders[0][(systems[0].fingerprint, pasted.hash)] == ("tape", "dog", "boat")
        assert "lexical" in client.status().resident
    finally:
        client.close()
