"""The p value that decided whether a pair is significant."""

from __future__ import annotations

from core.measures.significance.findings import Correction, PairFinding


def p_value(pair: PairFinding, correction: Correction) -> float:
    """Of the paired randomisation test, adjusted as the results are."""
    return {
        Correction.HOLM: pair.holm_randomisation,
        Correction.TUKEY: pair.p_tukey,
        Correction.NONE: pair.p_randomisation,
    }[correction]
