"""Expected reciprocal rank: ERR@k = sum over ranks i <= k of 1 / i * R_i * product over j < i of (1 - R_j).

R = (2^grade - 1) / 2^top is the chance that a document of this grade ends the search; Chapelle, Metzler, Zhang,
Grinspan 2009 (CIKM). By hand, since ir_measures leaves ERR to a Perl script (gdeval.pl of the TREC Web Track); ``top``
is 4 for every collection, as there, so that figures can be compared. Grades below 0 count as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.errors import InvalidInputError

TOP_GRADE = 4


def expected_reciprocal_rank(order: Sequence[str], grades: Mapping[str, int], cutoff: int | None = None) -> float:
    """ERR of document ids in ``order``, best first; what was not judged has grade 0.

    InvalidInputError: a grade above ``TOP_GRADE`` anywhere among ``grades``.
    """
    if (highest := max(grades.values(), default=0)) > TOP_GRADE:
        raise InvalidInputError(f"ERR is defined for grades up to {TOP_GRADE}, not {highest}. Use nDCG instead.")
    value, still_looking = 0.0, 1.0
    for rank, document in enumerate(order[:cutoff], start=1):
        stop = (2 ** max(grades.get(document, 0), 0) - 1) / 2**TOP_GRADE
        value += still_looking * stop / rank
        still_looking *= 1.0 - stop
    return value
