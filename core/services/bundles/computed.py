"""Everything a bundle states that follows from its rankings, judgments and probes, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from core.domain.canonical import Json, finite
from core.domain.codec import to_json
from core.domain.ports import Store
from core.services.benchmarks.results import ResultsService
from core.services.benchmarks.views import QueryDifference
from core.services.bundles.replayed import (
    SnapshotBoards,
    SnapshotCandidates,
    SnapshotCollections,
    SnapshotStore,
    SnapshotSystems,
)
from core.services.bundles.snapshot import Snapshot
from core.services.candidates import CandidateService
from core.services.choosing.chooser import ChooserService
from core.services.collections import CollectionService
from core.services.systems import SystemService

RESULTS = "results.json"


class Computer:
    """Results and choice of a snapshot alone, by the code that computes them from a store."""

    def __init__(self, snapshot: Snapshot) -> None:
        store = cast(Store, SnapshotStore(snapshot))
        collections = cast(CollectionService, SnapshotCollections(snapshot))
        candidates = cast(CandidateService, SnapshotCandidates())
        systems = cast(SystemService, SnapshotSystems(snapshot))
        boards = SnapshotBoards(snapshot)
        self.snapshot = snapshot
        self.service = ResultsService(store, collections, candidates, systems)
        self.chooser = ChooserService(store, collections, systems, self.service, boards, snapshot.prices)
        self.results = self.service.of(snapshot.plan)
        self.choice = self.chooser.choose(snapshot.plan, snapshot.limits)

    def code(self) -> str:
        """The recommended system as code to copy; empty where none is recommended."""
        chosen = self.choice.recommended
        return "" if chosen is None else self.chooser.snippet(chosen.spec, self.snapshot.plan).text

    def differences(self) -> tuple[QueryDifference, ...]:
        """Of the two best systems, query by query."""
        if len(self.results.rows) < 2 or not self.results.judged_queries:
            return ()
        first, second = self.results.rows[0].spec, self.results.rows[1].spec
        return self.service.differences(self.snapshot.plan, first, second, self.results.measure)


def computed(computer: Computer) -> Mapping[str, Json]:
    """What ``results.json`` holds: every system's measures per query and in the mean, costs, tests, the choice."""
    results = computer.results
    found: Json = {
        "plan": results.plan.id,
        "choice": to_json(computer.choice),
        "sentence": results.sentence,
        "queries": results.queries,
        "judged_queries": list(results.judged_queries),
        "candidate_hash": results.candidate_hash,
        "recall_ceiling": results.recall_ceiling,
        "measure_ceiling": results.measure_ceiling,
        "open": list(results.open),
        "correction": str(results.correction),
        "systems": [
            {
                "specification": row.spec,
                "fingerprint": row.system.fingerprint,
                "queries": row.queries,
                "failed": row.failed,
                "judged": row.judged,
                "measures": {measure: to_json(cell) for measure, cell in row.measures.items()},
                "values": {measure: dict(values) for measure, values in row.values.items()},
                "cost": {
                    "calls": row.calls,
                    "prompt_tokens": row.prompt_tokens,
                    "generated_tokens": row.generated_tokens,
                    "sequential_depth": row.sequential_depth,
                    "tokens_cut": row.tokens_cut,
                    "cut_documents": row.cut_documents,
                    "repairs": row.repairs,
                },
                "latencies": [to_json(latency) for latency in row.latencies],
            }
            for row in results.rows
        ],
        "significance": {measure: to_json(found) for measure, found in results.significance.items()},
    }
    return cast(Mapping[str, Json], finite(found))
