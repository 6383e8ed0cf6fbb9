"""A snapshot of a benchmark, read from the store."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from io import BytesIO

from core.datasets.votes.formats import VoteFormat
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection, CollectionReader
from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry
from core.domain.ports import Store
from core.domain.rankings import Ranking
from core.domain.roles import COMMAND_LINE
from core.domain.systems import System
from core.domain.voting import VoterKind
from core.services.benchmarks.scope import Scope, plan_scope
from core.services.bundles.snapshot import CollectionFacts, Ranked, Snapshot
from core.services.candidates import CandidateService
from core.services.choosing.limits import Limits
from core.services.collections import CollectionService
from core.services.precision.notes import notes
from core.services.systems import SystemService
from core.services.votes.vote_files import VoteFileService
from core.settings import Prices

_LIBRARIES = (
    "torch", "transformers", "sentence-transformers", "tokenizers", "numpy", "bm25s", "ir_measures",
    "pytrec_eval-terrier",
)  # fmt: skip


class Gatherer:
    """Reads snapshots."""

    def __init__(
        self,
        store: Store,
        collections: CollectionService,
        candidates: CandidateService,
        systems: SystemService,
        votes: VoteFileService,
        prices: Prices,
    ) -> None:
        self._store = store
        self._collections = collections
        self._candidates = candidates
        self._systems = systems
        self._votes = votes
        self._prices = prices

    def snapshot(self, plan: BenchmarkPlan, limits: Limits, *, with_votes: bool = True) -> Snapshot:
        """Everything as it stands. ``limits``: of the choice.

        InvalidInputError where a candidate list of the plan is missing.
        """
        collection = self._collections.get(plan.collection)
        reader = self._collections.reader(plan.collection)
        scope = plan_scope(plan, collection.fingerprint, reader, self._store, self._candidates.hash_of)
        if not scope.complete:
            missing = f"{len(scope.queries) - len(scope.lists)} of {len(scope.queries)} candidate lists"
            raise InvalidInputError(f"Benchmark {plan.name!r} lacks {missing}. Run it first.")
        systems = [self._systems.resolve(spec) for spec in plan.systems]
        records = {query: self._store.candidates_record(hash) for query, hash in scope.lists.items()}
        probes = self._store.probes([system.fingerprint for system in systems], collection.fingerprint)
        return Snapshot(
            plan=plan,
            collection=_facts(collection, reader),
            set_name=plan.first_stage.set_name,
            queries=tuple(query for query in scope.queries if query.id in scope.lists),
            qrels={query: scope.labels[query] for query in scope.lists if query in scope.labels},
            lists=scope.lists,
            candidates={query: record.document_ids for query, record in records.items()},
            candidate_scores={query: record.scores for query, record in records.items()},
            ranked=self._ranked(systems, scope),
            probes=probes,
            limits=limits,
            prices=self._prices,
            environment={**environment(), **self._precisions(systems)},
            taken_at=datetime.now(UTC),
            votes=self._counted_votes(collection) if with_votes else b"",
        )

    def _ranked(self, systems: list[System], scope: Scope) -> tuple[Ranked, ...]:
        rankings: dict[str, dict[str, Ranking]] = {system.fingerprint: {} for system in systems}
        for ranking in self._store.rankings(scope.hashes, list(rankings)):
            rankings[ranking.system][ranking.candidates] = ranking
        reasons = {(one.system, one.candidates): one.message for one in self._store.failures(scope.hashes)}
        return tuple(
            Ranked(
                system=_portable(system),
                rankings=_by_query(scope.lists, rankings[system.fingerprint]),
                failures={
                    query: reasons[system.fingerprint, hash]
                    for query, hash in scope.lists.items()
                    if (system.fingerprint, hash) in reasons and hash not in rankings[system.fingerprint]
                },
            )
            for system in systems
        )

    def _precisions(self, systems: Sequence[System]) -> dict[str, str]:
        """Of the systems in a lower precision than fp32."""
        return {f"precision of {spec}": said for spec, said in notes(self._store, systems).items()}

    def _counted_votes(self, collection: Collection) -> bytes:
        known = {source.collection: source.counts for source in self._store.vote_sources()}
        if not known.get(collection.fingerprint, {}).get(VoterKind.PERSON):
            return b""
        stream = BytesIO()
        self._votes.export(
            COMMAND_LINE, VoteFormat.CSV, stream, collection=collection.fingerprint, kind=VoterKind.PERSON
        )
        return stream.getvalue()


def environment() -> dict[str, str]:
    """What this program runs on: Python, system, versions of the libraries that decide numbers."""
    found = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
    }
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _facts(collection: Collection, reader: CollectionReader) -> CollectionFacts:
    return CollectionFacts(
        name=collection.name,
        fingerprint=collection.fingerprint,
        origin=collection.origin,
        language=reader.language,
        documents=collection.documents,
        queries=collection.queries,
        judgments=collection.judgments,
    )


def _by_query(lists: Mapping[str, str], rankings: Mapping[str, Ranking]) -> dict[str, Ranking]:
    return {query: rankings[hash] for query, hash in lists.items() if hash in rankings}


def _portable(system: System) -> System:
    """The system without paths and addresses of this place; its fingerprint stays, since they are not part of it."""
    return replace(
        system,
        slots=tuple((slot, _without_place(model)) for slot, model in system.slots),
        members=tuple(_portable(member) for member in system.members),
    )


def _without_place(model: ModelEntry) -> ModelEntry:
    scheme, _, rest = model.source.partition(":")
    if scheme == "folder":
        return replace(model, source=f"folder:{rest.rstrip('/').rpartition('/')[2]}")
    return replace(model, source="endpoint") if scheme in ("http", "https") else model
