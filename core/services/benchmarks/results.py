"""Results of benchmarks: who leads, who cannot be told apart, and what is read about it afterwards.

Everything is a function of the stored rankings, probes and judgments; nothing here ranks, makes lists or writes.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.benchmarks import BenchmarkPlan
from core.domain.ports import Store
from core.measures.significance.findings import Correction
from core.services.benchmarks.combining import combined_results
from core.services.benchmarks.kept import Kept
from core.services.benchmarks.label_samples import LabelSamples
from core.services.benchmarks.low_cost import low_cost
from core.services.benchmarks.queries import categories, differences, disagreements
from core.services.benchmarks.reading import BenchmarkReader, Look
from core.services.benchmarks.scores import score_view, scored_documents
from core.services.benchmarks.stability import stability
from core.services.benchmarks.sweep import sweep
from core.services.benchmarks.table import make_results, with_correction
from core.services.benchmarks.views import (
    CategoryRow,
    Disagreement,
    LowCost,
    QueryDifference,
    Results,
    ScoreView,
    Stability,
    SweepPoint,
)
from core.services.board.board_views import Combined
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.systems import SystemService

KEPT = 24
VALUES = 400_000  # by system, measure and query, in all results that are kept: some 50 MB


class ResultsService:
    """What a benchmark has found, as far as it has come."""

    def __init__(
        self, store: Store, collections: CollectionService, candidates: CandidateService, systems: SystemService
    ) -> None:
        self._store = store
        self._collections = collections
        self.reader = BenchmarkReader(store, collections, candidates, systems)
        """What was read and measured; whoever else computes from rankings reads them through it, so that it is once."""
        self._results: Kept[Results] = Kept(KEPT, most_weight=VALUES, weigh=_values)
        self._low_cost: Kept[tuple[LowCost, ...]] = Kept(KEPT)

    def of(self, plan: BenchmarkPlan, *, correction: Correction = Correction.HOLM) -> Results:
        """The table; computed again only when another system is complete or another probe came.

        UnknownNameError where the collection is not here.
        """
        look = self.reader.look(plan)
        return with_correction(self._made(look), correction)

    def differences(self, plan: BenchmarkPlan, first: str, second: str, measure: str) -> tuple[QueryDifference, ...]:
        """Two complete systems (specifications) query by query, largest difference (first minus second) first.

        InvalidInputError for a system that is not complete or a measure that the plan does not have.
        """
        return differences(self.reader, self.reader.look(plan), first, second, measure)

    def disagreements(self, plan: BenchmarkPlan, measure: str) -> tuple[Disagreement, ...]:
        """Every ranked query, those first on which complete systems differ most: by falling spread of the measure,
        then by rising overlap of the orders; without labels by overlap alone. Empty for fewer than two systems.

        InvalidInputError for a measure that the plan does not have.
        """
        return disagreements(self.reader, self.reader.look(plan), measure)

    def categories(self, plan: BenchmarkPlan, measure: str) -> tuple[CategoryRow, ...]:
        """Means over the judged queries of each category, by name; empty where queries have none. Errors as above."""
        return categories(self.reader, self.reader.look(plan), measure)

    def sweep(self, plan: BenchmarkPlan, measure: str) -> tuple[SweepPoint, ...]:
        """What retrieving and reranking fewer candidates gives, by system in the order of the rows, then by depth; only
        depths whose lists the system has ranked. Empty without labels. Errors as above."""
        look = self.reader.look(plan)
        specs = [row.spec for row in self._made(look).rows]
        return tuple(sweep(self.reader, look, self.reader.candidates(look), specs, measure))

    def scores(self, plan: BenchmarkPlan, system: str) -> ScoreView | None:
        """Scores of one complete system over all lists and what a threshold would do; None without scores.

        Of any strategy that has scores: whether they are comparable over queries is for the reader to know, see
        ``core.services.benchmarks.scores``. InvalidInputError for a system that is not complete.
        """
        look = self.reader.look(plan)
        found = look.system(system)
        scored = scored_documents(self._store, found.fingerprint, look.scope.lists, look.scope.labels)
        return None if scored is None else score_view(found.spec, scored)

    def stability(self, plan: BenchmarkPlan) -> tuple[Stability, ...]:
        """Whether orders depend on the order of the input or change when repeated; complete systems in the order of
        the rows, from the shuffled copies that are ranked so far."""
        look = self.reader.look(plan)
        return stability(self.reader, look, [row.spec for row in self._made(look).rows])

    def low_cost(self, plan: BenchmarkPlan, measure: str) -> tuple[LowCost, ...]:
        """Whether 10, 25, 50 or 75 % of the judgments would have said the same; empty for fewer than two complete
        systems or without judgments. Takes seconds the first time. Errors as above."""
        look = self.reader.look(plan)
        look.check_measure(measure)
        return self._low_cost.get((plan, measure), look.state, lambda: self._low_cost_of(look, measure))

    def combined(self, plans: Sequence[BenchmarkPlan], measures: Sequence[str]) -> Combined:
        """One order from several collections and measures, by Borda and Kemeny. A measure that a plan lacks is left out
        and said."""
        found = {}
        for plan in plans:
            name = self._collections.get(plan.collection).name
            title = name if name not in found else f"{name} ({plan.name})"
            found[title] = self.of(plan)
        return combined_results(found, measures)

    def _made(self, look: Look) -> Results:
        return self._results.get(look.plan, look.state, lambda: make_results(self.reader, look))

    def _low_cost_of(self, look: Look, measure: str) -> tuple[LowCost, ...]:
        orders = [self.reader.lists(look, system).orders for system in look.systems]
        samples = LabelSamples(orders, look.scope.labels, measure)
        return low_cost(samples, [system.spec for system in look.systems])


def _values(found: Results) -> int:
    return sum(len(values) for row in found.rows for values in row.values.values())
