"""A snapshot seen as store, collections, candidates, systems and boards, so that the same code computes results and the
choice from a bundle as from a database. Only what these read is here; texts of documents are not in a bundle."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.datasets.votes.columns import ColumnBuilder
from core.datasets.votes.contents import read_votes
from core.datasets.votes.formats import VoteFormat
from core.domain.benchmarks import Probe
from core.domain.collections import Collection, Qrels
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.first_stages import Retriever
from core.domain.jobs import Failure
from core.domain.models import ModelEntry
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.ratings.outcomes import from_comparisons
from core.services.board.board_making import make_board
from core.services.board.boards import Board, BoardRequest
from core.services.board.file_board import file_board
from core.services.bundles.snapshot import Snapshot
from core.services.candidates import set_hash
from core.strategies.resolve import resolve


class SnapshotReader:
    """Implements CollectionReader, without texts of documents."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._queries = {query.id: query for query in snapshot.queries}

    @property
    def fingerprint(self) -> str:
        """Of the collection that was benchmarked."""
        return self._snapshot.collection.fingerprint

    @property
    def language(self) -> str:
        """Of its corpus."""
        return self._snapshot.collection.language

    def documents(self, ids: Sequence[str]) -> tuple[Document, ...]:
        """InvalidInputError: a bundle has none."""
        raise InvalidInputError(f"A bundle holds no texts of documents; {len(ids)} were asked for.")

    def all_documents(self) -> Iterable[Document]:
        """None."""
        return ()

    def queries(self) -> tuple[Query, ...]:
        """Those of the benchmark."""
        return self._snapshot.queries

    def query(self, query_id: str) -> Query:
        """One query; UnknownNameError where absent."""
        if query_id not in self._queries:
            raise UnknownNameError("query", query_id)
        return self._queries[query_id]

    def judgments(self, query_id: str) -> Mapping[str, int]:
        """Document id to grade."""
        return self._snapshot.qrels.get(query_id, {})

    def qrels(self) -> Qrels:
        """All judgments of the benchmark's queries."""
        return self._snapshot.qrels

    def assessments(self, query_id: str) -> Mapping[str, Mapping[str, int]]:  # noqa: ARG002 - part of the port
        """A bundle has the judgments that counted, not who made them."""
        return {}

    def candidates(self, query_id: str) -> CandidateList | None:  # noqa: ARG002 - part of the port
        """None: candidates are in the store's part."""
        return None

    def listed(self) -> Mapping[str, int]:
        """Queries whose lists came with the collection, where the benchmark is about these lists."""
        written = self._snapshot.plan.first_stage.retriever is Retriever.WRITTEN
        return {query: len(ids) for query, ids in self._snapshot.candidates.items()} if written else {}

    def search(self, text: str, limit: int) -> tuple[Document, ...]:  # noqa: ARG002 - part of the port
        """Nothing to find."""
        return ()


class SnapshotCollections:
    """The one collection of the snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        facts = snapshot.collection
        self._reader = SnapshotReader(snapshot)
        self._collection = Collection(
            fingerprint=facts.fingerprint,
            name=facts.name,
            path=Path(),
            origin=facts.origin,
            documents=facts.documents,
            queries=facts.queries,
            judgments=facts.judgments,
            created_at=snapshot.taken_at,
        )

    def get(self, name: str) -> Collection:
        """By name or fingerprint; UnknownNameError for any other."""
        if name not in (self._collection.name, self._collection.fingerprint):
            raise UnknownNameError("collection", name, (self._collection.name,))
        return self._collection

    def reader(self, name: str) -> SnapshotReader:
        """Its reader."""
        self.get(name)
        return self._reader


class SnapshotSystems:
    """The systems of the snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._systems = {ranked.system.spec: ranked.system for ranked in snapshot.ranked}

    def resolve(self, spec: str) -> System:
        """By canonical specification, or one that needs no model (the order without a reranker); UnknownNameError for
        any other."""
        if spec in self._systems:
            return self._systems[spec]
        return resolve(spec, self._no_model)

    def _no_model(self, id: str) -> ModelEntry:
        raise UnknownNameError("model", id, tuple(self._systems))


class SnapshotCandidates:
    """Names of candidate sets."""

    def hash_of(self, hashes: Mapping[str, str]) -> str:
        """As CandidateService names them."""
        return set_hash(hashes)


class SnapshotBoards:
    """The board of the people's votes in the snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._votes = snapshot.votes

    def board(self, request: BoardRequest) -> Board:
        """Rated as the request says; of nobody where the snapshot has no votes."""
        if not self._votes:
            return make_board(from_comparisons(ColumnBuilder().finish()), request, {}).board
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "votes.csv"
            path.write_bytes(self._votes)
            return file_board(read_votes(path, format=VoteFormat.CSV), replace(request, collection=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCandidateList:
    """A candidate list without the texts."""

    document_ids: tuple[str, ...]
    scores: tuple[float, ...] | None


class SnapshotStore:
    """Candidates, rankings, failures and probes of the snapshot; never changes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._rankings = [ranking for ranked in snapshot.ranked for ranking in ranked.rankings.values()]
        self._lists = {
            hash: SnapshotCandidateList(
                document_ids=snapshot.candidates[query], scores=snapshot.candidate_scores[query]
            )
            for query, hash in snapshot.lists.items()
        }

    def revision(self) -> tuple[int, int, int]:
        """Always the same."""
        return (0, 0, len(self._rankings))

    def models(self) -> tuple[ModelEntry, ...]:
        """None registered."""
        return ()

    def candidates_record(self, hash: str) -> SnapshotCandidateList:
        """One list; UnknownNameError where absent."""
        if hash not in self._lists:
            raise UnknownNameError("candidate list", hash)
        return self._lists[hash]

    def candidate_set(self, collection: str, set_name: str) -> dict[str, str]:
        """Query id to hash of the one set there is."""
        mine = (self._snapshot.collection.fingerprint, self._snapshot.set_name)
        return dict(self._snapshot.lists) if (collection, set_name) == mine else {}

    def rankings(self, candidates: Sequence[str], systems: Sequence[str] | None = None) -> tuple[Ranking, ...]:
        """Rankings of these lists, of these systems (None: of all)."""
        lists, wanted = set(candidates), None if systems is None else set(systems)
        return tuple(
            ranking
            for ranking in self._rankings
            if ranking.candidates in lists and (wanted is None or ranking.system in wanted)
        )

    def failures(self, candidates: Sequence[str]) -> tuple[Failure, ...]:
        """Failures for these lists."""
        lists = set(candidates)
        return tuple(
            Failure(system=ranked.system.fingerprint, candidates=self._snapshot.lists[query], message=message)
            for ranked in self._snapshot.ranked
            for query, message in ranked.failures.items()
            if self._snapshot.lists[query] in lists
        )

    def ranked_counts(self, candidates: Sequence[str], systems: Sequence[str]) -> dict[str, tuple[int, int]]:
        """System to how many of these lists it has ranked, and how many it failed on."""
        failed = self.failures(candidates)
        return {
            system: (
                len({ranking.candidates for ranking in self.rankings(candidates, [system])}),
                len({failure.candidates for failure in failed if failure.system == system}),
            )
            for system in systems
        }

    def probes(self, systems: Sequence[str], collection: str | None = None) -> tuple[Probe, ...]:
        """Probes of these systems, as they were ordered."""
        return tuple(
            probe
            for probe in self._snapshot.probes
            if probe.system in systems and collection in (None, probe.collection)
        )
