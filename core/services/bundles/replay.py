"""Checks a bundle and computes everything in it again, without a database, a model or the collection.

What is checked: every byte against the manifest; that every ranking is a permutation of its candidates by a system of
the bundle whose fingerprint is what its description gives; that the TREC files say the same; that measures, intervals,
tests, groups, sentences and the choice come out as they are written, to 1e-9.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.domain.canonical import Json
from core.domain.errors import ImportFormatError
from core.services.benchmarks.views import Results
from core.services.bundles.archive import read_archive
from core.services.bundles.bundle_files import Files, from_files, trec_files
from core.services.bundles.compared import TOLERANCE, differences, numbers
from core.services.bundles.computed import RESULTS, Computer, computed
from core.services.bundles.snapshot import Ranked, Snapshot
from core.services.choosing.choice import Choice

SHOWN = 5  # differences that a failed check names


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``detail``: what was looked at, or what is wrong."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """``results`` and ``choice``: computed again from the bundle's rankings and judgments."""

    name: str
    snapshot: Snapshot
    results: Results
    choice: Choice
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as it was written."""
        return all(check.passed for check in self.checks)


def replay(path: Path) -> Replay:
    """Check and recompute the bundle at ``path``. ImportFormatError where it cannot be read as one."""
    files = read_archive(path)
    snapshot = from_files(files)
    computer = Computer(snapshot)
    checks = (
        Check(name="files", passed=True, detail=f"{len(files)} files as they were written"),
        _check("systems", _systems(snapshot), f"{len(snapshot.ranked)} fingerprints"),
        _check("rankings", _rankings(snapshot), f"{sum(len(r.rankings) for r in snapshot.ranked):,} permutations"),
        _check("TREC files", _trec(snapshot, files), "the same orders and judgments"),
        _results(files, computed(computer)),
    )
    return Replay(
        name=snapshot.plan.name, snapshot=snapshot, results=computer.results, choice=computer.choice, checks=checks
    )


def _check(name: str, faults: Iterator[str], fine: str) -> Check:
    found = list(faults)
    more = f" ({len(found) - SHOWN:,} more)" if len(found) > SHOWN else ""
    return Check(name=name, passed=not found, detail="; ".join(found[:SHOWN]) + more if found else fine)


def _systems(snapshot: Snapshot) -> Iterator[str]:
    for ranked in snapshot.ranked:
        for query, ranking in ranked.rankings.items():
            if ranking.system != ranked.system.fingerprint:
                yield f"{ranked.system.spec}: the ranking of query {query!r} names another system"
    if [ranked.system.spec for ranked in snapshot.ranked] != list(snapshot.plan.systems):
        yield "the systems are not those of the plan"


def _rankings(snapshot: Snapshot) -> Iterator[str]:
    for ranked in snapshot.ranked:
        yield from _orders(snapshot, ranked)


def _orders(snapshot: Snapshot, ranked: Ranked) -> Iterator[str]:
    for query, ranking in ranked.rankings.items():
        if query not in snapshot.candidates:
            yield f"{ranked.system.spec}: query {query!r} is not in the bundle"
        elif sorted(ranking.order) != sorted(snapshot.candidates[query]):
            yield f"{ranked.system.spec}: the ranking of query {query!r} is no permutation of its candidates"
        elif ranking.candidates != snapshot.lists[query]:
            yield f"{ranked.system.spec}: the ranking of query {query!r} is of another candidate list"


def _trec(snapshot: Snapshot, files: Files) -> Iterator[str]:
    for name, content in trec_files(snapshot).items():
        if name not in files:
            yield f"{name} is missing"
        elif files[name] != content:
            yield f"{name} does not say what the rankings say"


def _results(files: Files, found: Mapping[str, Json]) -> Check:
    if RESULTS not in files:
        raise ImportFormatError(RESULTS, "is missing from the bundle.")
    try:
        written = json.loads(files[RESULTS])
    except (ValueError, RecursionError) as error:
        raise ImportFormatError(RESULTS, f"is no JSON: {error}.") from error
    wrong = (f"{one.place}: written {one.written}, found {one.found}" for one in differences(written, found))
    return _check("results", wrong, f"{numbers(found):,} numbers equal to {TOLERANCE:g}")
