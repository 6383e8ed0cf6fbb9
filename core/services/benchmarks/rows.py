"""The rows of the table: measures, cost and latency of every complete system, best first."""

from __future__ import annotations

from collections.abc import Sequence

from core.measures.significance.findings import Significance
from core.services.benchmarks.corrections import significance
from core.services.benchmarks.latencies import latencies
from core.services.benchmarks.reading import BenchmarkReader, Look
from core.services.benchmarks.views import Row


def rows(reader: BenchmarkReader, look: Look) -> tuple[Row, ...]:
    """Complete systems by falling mean of the first measure, equal ones by specification; in the order of the plan
    where nothing is judged."""
    timed = latencies(look.probes)
    made = []
    for system in look.systems:
        values, means = reader.values(look, system), reader.lists(look, system).means
        made.append(
            Row(
                system=system,
                queries=len(look.scope.lists),
                failed=look.failed[system.fingerprint],
                measures={measure: found.cell for measure, found in values.measures.items()},
                values={
                    measure: dict(zip(look.scope.judged, found.values.tolist(), strict=True))
                    for measure, found in values.measures.items()
                },
                judged=values.judged,
                calls=means.calls,
                prompt_tokens=means.prompt_tokens,
                generated_tokens=means.generated_tokens,
                sequential_depth=means.sequential_depth,
                tokens_cut=means.tokens_cut,
                cut_documents=means.cut_documents,
                repairs=means.repairs,
                latencies=timed.get(system.fingerprint, ()),
                machines=means.machines,
            )
        )
    if not look.scope.labels:
        return tuple(made)
    first = look.plan.measures[0]
    return tuple(sorted(made, key=lambda row: (-row.measures[first].mean, row.spec)))


def row_significance(found: Sequence[Row], measures: Sequence[str]) -> dict[str, Significance]:
    """Of every measure over the rows, in their order; empty without rows or judged queries."""
    names = [row.spec for row in found]
    return {
        measure: significance(names, [list(row.values[measure].values()) for row in found])
        for measure in measures
        if found and found[0].values.get(measure)
    }
