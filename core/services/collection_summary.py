"""What a collection holds, counted once: language, fingerprints, judgments, and how far its assessors agree.

Agreement is Krippendorff's alpha for nominal grades (core.ratings.agreement) over pairs of query and document that at
least two assessors judged. Nominal grades make near misses count like far ones, so for graded relevance it is strict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.datasets.collection_file import CollectionFile
from core.ratings.agreement import Alpha, krippendorff_alpha

MOST_CELLS = 1_000_000  # of the table of coincidences (8 MB); beyond, evenly spread pairs stand for all

Assessment = tuple[str, str, str, int]  # query id, assessor, document id, grade


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionSummary:
    """``fingerprints``: of corpus, queries and qrels, empty for an old file. ``grades``: grade to judgments.

    ``judged_documents``: of the corpus, for any query; ``judged_queries``: with at least one judgment. ``assessors``:
    name to number of judgments, empty where they are not told apart; ``agreement`` is None then.
    """

    language: str
    fingerprints: Mapping[str, str]
    grades: Mapping[int, int]
    judged_documents: int
    judged_queries: int
    assessors: Mapping[str, int]
    agreement: Alpha | None


def summarise(reader: CollectionFile) -> CollectionSummary:
    """Read the counts of a collection file; a second or two for a million judgments."""
    assessments = reader.all_assessments()
    documents, queries = reader.judged_counts()
    counts = Counter(assessor for _, assessor, _, _ in assessments)
    return CollectionSummary(
        language=reader.language,
        fingerprints=reader.fingerprints,
        grades=reader.grade_counts(),
        judged_documents=documents,
        judged_queries=queries,
        assessors=dict(sorted(counts.items())),
        agreement=agreement(assessments) if assessments else None,
    )


def agreement(assessments: Sequence[Assessment]) -> Alpha:
    """Alpha of all judgments; of evenly spread pairs where their table would not fit MOST_CELLS."""
    pairs: dict[tuple[str, str], list[int]] = {}
    for query, _, document, grade in assessments:
        pairs.setdefault((query, document), []).append(grade)
    shared = [grades for grades in pairs.values() if len(grades) > 1]
    codes = {grade: code for code, grade in enumerate(sorted({grade for grades in shared for grade in grades}))}
    most = max(1, MOST_CELLS // max(1, len(codes) ** 2))
    shared = shared[:: -(-len(shared) // most) or 1]
    item = np.array([n for n, grades in enumerate(shared) for _ in grades], np.int64)
    value = np.array([codes[grade] for grades in shared for grade in grades], np.int64)
    return krippendorff_alpha(item, value)
