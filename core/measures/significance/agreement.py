"""Whether fewer judgments would have led to the same decisions: agreement in significant pairs, not in rank alone.

A pair counts as found where both comparisons call it significant with the same sign, as reversed where both do with
opposite signs, and as unconfirmed where only the reduced judgments call it significant. Kendall's tau of the means
stands beside it; a high tau says little where most pairs are ties (Ferro and Sanderson 2019, SIGIR).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.errors import InvalidInputError
from core.measures.rank_similarity import kendall_tau_b
from core.measures.significance.findings import Significance


@dataclass(frozen=True, slots=True, kw_only=True)
class SignificanceAgreement:
    """Counts of pairs. ``full``, ``reduced``: significant under all and under the reduced judgments.

    ``tau``: Kendall's tau-b of the two vectors of means, None where all systems are level in one of them.
    """

    full: int
    reduced: int
    found: int
    reversed: int
    unconfirmed: int
    tau: float | None

    @property
    def found_share(self) -> float | None:
        """Of the pairs significant under all judgments; None without any."""
        return self.found / self.full if self.full else None

    @property
    def reversed_share(self) -> float | None:
        """Of the pairs significant under all judgments; None without any."""
        return self.reversed / self.full if self.full else None

    @property
    def unconfirmed_share(self) -> float | None:
        """Of the pairs significant under the reduced judgments; None without any."""
        return self.unconfirmed / self.reduced if self.reduced else None


def significance_agreement(full: Significance, reduced: Significance) -> SignificanceAgreement:
    """Both over the same systems in the same order. InvalidInputError where they are not."""
    if full.names != reduced.names:
        raise InvalidInputError("Agreement needs two comparisons of the same systems in the same order.")
    signs = np.array(
        [
            (np.sign(one.difference) * one.significant, np.sign(other.difference) * other.significant)
            for one, other in zip(full.pairs, reduced.pairs, strict=True)
        ]
    ).reshape(-1, 2)
    one, other = signs[:, 0], signs[:, 1]
    return SignificanceAgreement(
        full=int(np.count_nonzero(one)),
        reduced=int(np.count_nonzero(other)),
        found=int(np.count_nonzero(one * other > 0)),
        reversed=int(np.count_nonzero(one * other < 0)),
        unconfirmed=int(np.count_nonzero((one == 0) & (other != 0))),
        tau=_tau(full, reduced),
    )


def _tau(full: Significance, reduced: Significance) -> float | None:
    one, other = np.array(full.means), np.array(reduced.means)
    if len(np.unique(one)) < 2 or len(np.unique(other)) < 2:
        return None
    return kendall_tau_b(one, other)
