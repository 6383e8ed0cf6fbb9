"""The whole table of a benchmark: rows, ceilings, significance and the sentence."""

from __future__ import annotations

from dataclasses import replace

from core.measures.significance.findings import Correction
from core.services.benchmarks.corrections import corrected
from core.services.benchmarks.reading import BenchmarkReader, Look
from core.services.benchmarks.rows import row_significance, rows
from core.services.benchmarks.sentence import NO_LABELS, NOT_YET, sentence
from core.services.benchmarks.sweep import Lists, best_mean
from core.services.benchmarks.views import Results
from core.services.candidate_ceiling import ceiling


def make_results(reader: BenchmarkReader, look: Look) -> Results:
    """Everything, corrected by Holm."""
    found = rows(reader, look)
    plan, labels = look.plan, look.scope.labels
    lists = _candidates(reader, look) if found else {}
    made = Results(
        plan=plan,
        rows=found,
        open=look.open,
        queries=len(look.scope.queries),
        judged_queries=look.scope.judged,
        candidate_hash=look.scope.digest,
        recall_ceiling=ceiling(lists, labels).mean_recall if lists else None,
        measure_ceiling=best_mean(lists, look, plan.measures[0]) if lists else None,
        significance=row_significance(found, plan.measures),
        correction=Correction.HOLM,
        sentence="",
    )
    return replace(made, sentence=_sentence(made))


def _candidates(reader: BenchmarkReader, look: Look) -> Lists:
    """Candidates of the judged queries in any order: what a system ranked everywhere was read already."""
    whole = next((system for system in look.systems if not look.failed[system.fingerprint]), None)
    if whole is None:
        return reader.candidates(look)
    orders = reader.lists(look, whole).orders
    return {query: orders[query] for query in look.scope.labels if query in orders}


def with_correction(found: Results, correction: Correction) -> Results:
    """The same table with another correction; itself where it has that one."""
    if found.correction is correction:
        return found
    significance = {measure: corrected(of, correction) for measure, of in found.significance.items()}
    made = replace(found, significance=significance, correction=correction)
    return replace(made, sentence=_sentence(made))


def _sentence(found: Results) -> str:
    if not found.rows:
        return NOT_YET
    if not found.judged_queries:
        return NO_LABELS
    measure = found.plan.measures[0]
    cells = [row.measures[measure] for row in found.rows]
    return sentence(measure, cells, found.significance[measure], found.plan.baseline)
