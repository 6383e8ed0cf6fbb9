"""Benchmarks to take along: decision bundles, reports, TREC files, tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import BinaryIO

from core.datasets.exports.tables import TableFormat, write_table
from core.domain.benchmarks import BenchmarkPlan
from core.domain.errors import InvalidInputError
from core.services.bundles.archive import write_archive
from core.services.bundles.bundle_files import to_files, trec_files
from core.services.bundles.computed import RESULTS, Computer, computed
from core.services.bundles.gather import Gatherer
from core.services.bundles.report import Answer, report_page
from core.services.bundles.snapshot import Snapshot
from core.services.bundles.tables import TableName, measures_table, rankings_table
from core.services.choosing.limits import Limits

REPORT, README = "report.html", "README.txt"
NO_LIMITS = Limits()
_README = """A decision bundle of Runoff: which reranker, on whose evidence.

report.html     the answer as one page; open it in any browser
results.json    every figure, for programs
bundle.json, queries.jsonl, rankings.jsonl   what the figures were computed from
qrels.txt, candidates.trec, runs/            the same for trec_eval and its kin
votes.csv       the counted votes of people on this collection, where there are any

Check it and compute everything again: python -m core replay BUNDLE.zip
Texts of documents are not in it; the texts of the queries are.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundled:
    """``files`` in the bundle and their ``bytes`` before packing."""

    files: int
    bytes: int


class BundleService:
    """Writes what leaves. Nothing here changes anything; a benchmark that runs on meanwhile changes nothing here."""

    def __init__(self, gatherer: Gatherer) -> None:
        self._gatherer = gatherer

    def write(self, plan: BenchmarkPlan, stream: BinaryIO, limits: Limits = NO_LIMITS) -> Bundled:
        """The decision bundle as a zip. ``limits``: of the choice that its report answers.

        InvalidInputError where no system of the plan is complete.
        """
        computer = self._computer(plan, limits)
        files = to_files(computer.snapshot)
        files[RESULTS] = (json.dumps(computed(computer), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
        files[REPORT] = _page(computer)
        files[README] = _README.encode()
        write_archive(stream, files)
        return Bundled(files=len(files), bytes=sum(map(len, files.values())))

    def report(self, plan: BenchmarkPlan, limits: Limits = NO_LIMITS) -> bytes:
        """The report alone, an HTML page in UTF-8; errors as ``write``."""
        return _page(self._computer(plan, limits))

    def trec(self, plan: BenchmarkPlan) -> dict[str, bytes]:
        """File name to content: qrels.txt, candidates.trec, runs/*.trec.

        InvalidInputError where an id holds blanks, which such files cannot.
        """
        files = trec_files(self.snapshot(plan))
        if not files:
            raise InvalidInputError(
                "Ids of queries or documents hold blanks, which TREC files cannot. Export a table instead."
            )
        return files

    def table(self, plan: BenchmarkPlan, name: TableName, format: TableFormat, stream: BinaryIO) -> int:
        """One of the tables; the number of rows."""
        if name is TableName.RANKINGS:
            return write_table(stream, rankings_table(self.snapshot(plan)), format)
        computer = self._computer(plan, NO_LIMITS, with_votes=False)
        return write_table(stream, measures_table(computer.snapshot, computer.results), format)

    def snapshot(self, plan: BenchmarkPlan) -> Snapshot:
        """Everything but the votes, as plain data."""
        return self._gatherer.snapshot(plan, NO_LIMITS, with_votes=False)

    def _computer(self, plan: BenchmarkPlan, limits: Limits, *, with_votes: bool = True) -> Computer:
        computer = Computer(self._gatherer.snapshot(plan, limits, with_votes=with_votes))
        if not computer.results.rows:
            raise InvalidInputError(f"No system of benchmark {plan.name!r} has ranked every query yet. Run it first.")
        return computer


def _page(computer: Computer) -> bytes:
    sentence = " ".join((computer.choice.sentence, *computer.choice.evidence))
    answer = Answer(sentence=sentence, code=computer.code())
    return report_page(computer.snapshot, computer.results, computer.differences(), answer)
