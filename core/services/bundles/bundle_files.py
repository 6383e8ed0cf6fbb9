"""A snapshot as named files, and back: JSON records, TREC files beside them for other tools.

| file | holds |
|---|---|
| bundle.json | plan, collection, systems, probes, environment |
| queries.jsonl, rankings.jsonl | a line each: query with candidates and judgments; what came of a system on it |
| qrels.txt, candidates.trec, runs/NN-SYSTEM.trec | the same for trec_eval and others; left out where ids hold blanks |
| votes.csv | the counted votes of people, where there are any |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.datasets.exports.qrels import qrels_lines
from core.datasets.row import MAX_GRADE
from core.datasets.trec import run_lines
from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.canonical import Json, canonical_json
from core.domain.codec import CodecError, from_json, to_json
from core.domain.documents import Query
from core.domain.errors import ImportFormatError, InvalidInputError
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.services.bundles.snapshot import CollectionFacts, Ranked, Snapshot
from core.services.choosing.limits import Limits
from core.settings import Prices

Files = Mapping[str, bytes]
T = TypeVar("T")
HEAD, QUERIES, RANKINGS, VOTES = "bundle.json", "queries.jsonl", "rankings.jsonl", "votes.csv"
_SAFE = re.compile(r"[^A-Za-z0-9.,=_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What belongs to the whole snapshot."""

    plan: BenchmarkPlan
    collection: CollectionFacts
    set_name: str
    systems: tuple[System, ...]
    probes: tuple[Probe, ...]
    limits: Limits
    prices: Prices
    environment: Mapping[str, str]
    taken_at: datetime
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One query with its frozen candidates and its judgments."""

    query: Query
    hash: str
    candidates: tuple[str, ...]
    scores: tuple[float, ...] | None
    judgments: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one system on one query: a ranking, or the reason why there is none."""

    query: str
    system: str
    ranking: Ranking | None
    failure: str


def to_files(snapshot: Snapshot) -> dict[str, bytes]:
    """Name to content; the same snapshot gives the same bytes."""
    head = Head(
        plan=snapshot.plan,
        collection=snapshot.collection,
        set_name=snapshot.set_name,
        systems=tuple(ranked.system for ranked in snapshot.ranked),
        probes=snapshot.probes,
        limits=snapshot.limits,
        prices=snapshot.prices,
        environment=snapshot.environment,
        taken_at=snapshot.taken_at,
        notes=snapshot.notes,
    )
    files = {
        HEAD: (json.dumps(to_json(head), indent=1, ensure_ascii=False) + "\n").encode("utf-8"),
        QUERIES: _lines(to_json(listed) for listed in _listed(snapshot)),
        RANKINGS: _lines(to_json(tried) for tried in _tried(snapshot)),
    }
    if snapshot.votes:
        files[VOTES] = snapshot.votes
    return files | trec_files(snapshot)


def from_files(files: Files) -> Snapshot:
    """The snapshot in the files; ImportFormatError names the file and line that cannot be read."""
    head = _record(Head, HEAD, _content(files, HEAD))
    listed = list(_records(Listed, QUERIES, files))
    for number, one in enumerate(listed, start=1):
        if any(abs(grade) > MAX_GRADE for grade in one.judgments.values()):
            raise ImportFormatError(QUERIES, f"has a grade beyond {MAX_GRADE:,}, which no import takes.", line=number)
    tried = list(_records(Tried, RANKINGS, files))
    return Snapshot(
        plan=head.plan,
        collection=head.collection,
        set_name=head.set_name,
        queries=tuple(one.query for one in listed),
        qrels={one.query.id: one.judgments for one in listed if one.judgments},
        lists={one.query.id: one.hash for one in listed},
        candidates={one.query.id: one.candidates for one in listed},
        candidate_scores={one.query.id: one.scores for one in listed},
        ranked=tuple(_ranked(system, tried) for system in head.systems),
        probes=head.probes,
        limits=head.limits,
        prices=head.prices,
        environment=head.environment,
        taken_at=head.taken_at,
        votes=files.get(VOTES, b""),
        notes=head.notes,
    )


def run_name(number: int, spec: str) -> str:
    """The file of a system's run: its specification with anything a file system may refuse replaced."""
    return f"runs/{number:02d}-{_SAFE.sub('_', spec).strip('_')[:120]}.trec"


def _listed(snapshot: Snapshot) -> Iterator[Listed]:
    for query in snapshot.queries:
        yield Listed(
            query=query,
            hash=snapshot.lists[query.id],
            candidates=snapshot.candidates[query.id],
            scores=snapshot.candidate_scores[query.id],
            judgments=snapshot.qrels.get(query.id, {}),
        )


def _tried(snapshot: Snapshot) -> Iterator[Tried]:
    for ranked in snapshot.ranked:
        for query in snapshot.queries:
            ranking, failure = ranked.rankings.get(query.id), ranked.failures.get(query.id, "")
            if ranking is not None or failure:
                system = ranked.system.fingerprint
                yield Tried(query=query.id, system=system, ranking=ranking, failure=failure)


def _ranked(system: System, tried: Iterable[Tried]) -> Ranked:
    mine = [one for one in tried if one.system == system.fingerprint]
    return Ranked(
        system=system,
        rankings={one.query: one.ranking for one in mine if one.ranking is not None},
        failures={one.query: one.failure for one in mine if one.ranking is None},
    )


def trec_files(snapshot: Snapshot) -> dict[str, bytes]:
    """For other tools; none where an id cannot stand in such a file."""
    try:
        found = {
            "qrels.txt": _text(qrels_lines(snapshot.qrels)),
            "candidates.trec": _text(
                run_lines(snapshot.candidates, tag="candidates", scores=snapshot.candidate_scores)
            ),
        }
        for number, ranked in enumerate(snapshot.ranked, start=1):
            orders = {query: ranking.order for query, ranking in ranked.rankings.items()}
            scores = {query: ranking.scores for query, ranking in ranked.rankings.items()}
            name = run_name(number, ranked.system.spec)
            found[name] = _text(run_lines(orders, tag=ranked.system.spec, scores=scores))
    except InvalidInputError:
        return {}
    return found


def _text(lines: Iterable[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode("utf-8")


def _lines(records: Iterable[Json]) -> bytes:
    return _text(canonical_json(record) for record in records)


def _content(files: Files, name: str) -> bytes:
    if name not in files:
        raise ImportFormatError(name, "is missing from the bundle.")
    return files[name]


def _records(kind: type[T], name: str, files: Files) -> Iterator[T]:
    for number, line in enumerate(_content(files, name).splitlines(), start=1):
        yield _record(kind, name, line, number)


def _with_later_fields(record: Any) -> Any:  # noqa: ANN401  (parsed JSON)
    """What bundles of earlier programs hold, with the fields that rankings have since got."""
    if isinstance(record, dict) and isinstance(record.get("ranking"), dict):
        return {**record, "ranking": {"reasoning": [], "keep": None, **record["ranking"]}}
    return record


def _record(kind: type[T], name: str, data: bytes, line: int | None = None) -> T:
    try:
        return from_json(kind, _with_later_fields(json.loads(data)))
    except (CodecError, ValueError, RecursionError) as error:
        raise ImportFormatError(name, f"is not what a bundle holds: {error}.", line=line) from error
