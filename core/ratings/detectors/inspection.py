"""All tests of all voters, each against the fit without that voter, refitted without the flagged.

A voter of honest habit and taste is flagged with a probability of at most ``Rules.level`` over all tests together: each
of the seven has a part of it (Bonferroni). That is an error rate per voter, not a false discovery rate: in a
crowd of honest people every flag is false. Flags are for a person to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.ratings.detectors import behaviour, controls
from core.ratings.detectors.behaviour import Counts
from core.ratings.detectors.controls import Tally
from core.ratings.detectors.decided import Decided, Mask, decided_of
from core.ratings.detectors.evidence import Evidence
from core.ratings.detectors.flags import Family, Flag, Inspection
from core.ratings.detectors.information import no_information
from core.ratings.detectors.left_out import Departures, departures
from core.ratings.detectors.summaries import summaries
from core.ratings.detectors.targeted import targeted
from core.ratings.detectors.variety import Variety, variety_of
from core.ratings.outcomes import Outcomes

PART_OF_MISSED, PART = 0.4, 0.1  # of the level: of CONTROLS_MISSED, the one that finds coins, and of each other test


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """``level``: share of honest voters that may be flagged, over all tests of a voter together.

    ``hurried_s``: a vote sooner than this after the battle appeared counts as hurried. ``rounds``: fits at most.
    """

    level: float = 0.01
    hurried_s: float = 3.0
    rounds: int = 4


def inspect(evidence: Evidence, rules: Rules | None = None) -> Inspection:
    """Flags and figures of every voter. Too little evidence is no flag."""
    rules = rules or Rules()
    facts = _Facts.of(evidence, rules)
    honest = np.ones(len(facts.outcomes.voters), dtype=np.bool_)
    variety, number = Variety(), 0
    while True:
        number += 1
        found = departures(facts.decided, honest, variety.taste)
        variety = variety_of(found, honest)
        flags = _flags(facts, found, variety, honest, rules)
        named = {flag.voter for flag in flags}
        rest = np.array([name not in named for name in facts.outcomes.voters], dtype=np.bool_)
        if number == rules.rounds or bool((rest == honest).all()):
            break
        honest = rest
    families = list(Family)
    flags.sort(key=lambda flag: (flag.voter, families.index(flag.family), flag.p_value))
    return Inspection(flags=tuple(flags), voters=summaries(facts.evidence, found, facts.tally), rounds=number)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Facts:
    """What no round changes."""

    evidence: Evidence
    decided: Decided
    tally: Tally
    ties: Counts
    hurried: Counts

    @property
    def outcomes(self) -> Outcomes:
        return self.evidence.outcomes

    @classmethod
    def of(cls, evidence: Evidence, rules: Rules) -> _Facts:
        outcomes = _with_voters(evidence.outcomes, {record.voter for record in evidence.controls})
        evidence = replace(evidence, outcomes=outcomes)
        return cls(
            evidence=evidence,
            decided=decided_of(outcomes),
            tally=controls.tally(evidence.controls, outcomes.voters),
            ties=behaviour.ties(outcomes),
            hurried=behaviour.hurried(evidence, rules.hurried_s),
        )


def _with_voters(outcomes: Outcomes, further: set[str]) -> Outcomes:
    """The same outcomes with room for voters who have controls only."""
    if further <= set(outcomes.voters):
        return outcomes
    names = tuple(sorted(further.union(outcomes.voters)))
    place = {name: index for index, name in enumerate(names)}
    moved = np.array([place[name] for name in outcomes.voters], dtype=np.int64)
    return replace(outcomes, voters=names, voter=moved[outcomes.voter])


def _flags(facts: _Facts, found: Departures, variety: Variety, honest: Mask, rules: Rules) -> list[Flag]:
    outcomes, level = facts.outcomes, rules.level * PART
    voters = outcomes.voters
    side, lean = behaviour.side_flags(behaviour.sides(outcomes, found.strengths), honest, voters, level)
    return [
        *controls.missed_flags(facts.tally, honest, voters, rules.level * PART_OF_MISSED),
        *controls.side_flags(facts.tally, lean, voters, level),
        *side,
        *behaviour.tie_flags(facts.ties, honest, voters, level),
        *behaviour.hurry_flags(facts.hurried, voters, level, rules.hurried_s),
        *targeted(found, variety, voters, outcomes.systems, level),
        *no_information(found, facts.decided, variety, voters, level),
    ]
