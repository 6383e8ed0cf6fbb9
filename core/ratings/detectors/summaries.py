"""The figures of every voter that stand beside the flags."""

from __future__ import annotations

import math

import numpy as np

from core.ratings.detectors.behaviour import first_of_vote
from core.ratings.detectors.controls import DECIDED, GOLD, SAME, TIED, Tally
from core.ratings.detectors.decided import sums
from core.ratings.detectors.evidence import TIE, Evidence
from core.ratings.detectors.flags import VoterSummary
from core.ratings.detectors.left_out import Departures
from core.ratings.outcomes import Floats, Integers, Outcomes


def summaries(evidence: Evidence, found: Departures, tally: Tally) -> tuple[VoterSummary, ...]:
    """Of everybody with a vote or a control, by name."""
    outcomes = evidence.outcomes
    votes = np.bincount(outcomes.voter[first_of_vote(outcomes)], minlength=len(outcomes.voters))
    decided = np.bincount(outcomes.voter[outcomes.share != TIE], minlength=len(outcomes.voters))
    left, ties, seconds = _left_shares(outcomes), _tie_shares(outcomes), _medians(evidence)
    agreement, expected = (_over(sums, decided) for sums in (found.favoured, found.favoured_expected))
    right = tally.trials - tally.missed
    repeated, consistent = (counts[:, [DECIDED, TIED]].sum(axis=1) for counts in (tally.trials, right))
    known = np.flatnonzero((votes > 0) | (tally.trials.sum(axis=1) > 0))
    return tuple(
        VoterSummary(
            voter=outcomes.voters[v],
            votes=int(votes[v]),
            left_share=float(left[v]),
            tie_share=float(ties[v]),
            agreement=float(agreement[v]),
            expected_agreement=float(expected[v]),
            gold_right=int(right[v, GOLD]),
            gold_total=int(tally.trials[v, GOLD]),
            repeats_consistent=int(consistent[v]),
            repeats_total=int(repeated[v]),
            same_tied=int(right[v, SAME]),
            same_total=int(tally.trials[v, SAME]),
            median_seconds=float(seconds[v]),
        )
        for v in known.tolist()
    )


def _left_shares(outcomes: Outcomes) -> Floats:
    rows = np.flatnonzero((outcomes.share != TIE) & (outcomes.slot == 1))
    voter, size = outcomes.voter[rows], len(outcomes.voters)
    taken = sums(voter, outcomes.share[rows], size)
    return _over(taken, np.bincount(voter, minlength=size))


def _tie_shares(outcomes: Outcomes) -> Floats:
    size = len(outcomes.voters)
    ties = np.bincount(outcomes.voter[outcomes.share == TIE], minlength=size)
    return _over(ties.astype(np.float64), np.bincount(outcomes.voter, minlength=size))


def _medians(evidence: Evidence) -> Floats:
    """(V,) median seconds of the votes that were measured."""
    outcomes = evidence.outcomes
    rows = first_of_vote(outcomes)
    rows = rows[~np.isnan(evidence.seconds[rows])]
    rows = rows[np.lexsort((evidence.seconds[rows], outcomes.voter[rows]))]
    ends = np.searchsorted(outcomes.voter[rows], np.arange(len(outcomes.voters) + 1))
    medians = np.full(len(outcomes.voters), math.nan)
    some = np.flatnonzero(np.diff(ends))
    start, count = ends[some], np.diff(ends)[some]
    ordered = evidence.seconds[rows]
    medians[some] = 0.5 * (ordered[start + (count - 1) // 2] + ordered[start + count // 2])
    return medians


def _over(sums: Floats, counts: Integers) -> Floats:
    shares = np.full(len(sums), math.nan)
    np.divide(sums, counts, out=shares, where=counts > 0)
    return shares
