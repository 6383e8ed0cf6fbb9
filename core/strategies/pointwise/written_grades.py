"""A grade that a model writes for each document: read, made an expected value, and mixed with the first stage."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from core.domain.documents import CandidateList
from core.domain.requests import Answer, Generate, GenerateAnswer, Request
from core.strategies.base import Outcome, Step, ask, by_score
from core.strategies.choices import read_grade, thoughts
from core.strategies.first_stage_scores import first_stage_shares
from core.strategies.pointwise.grades import expected_grade
from core.strategies.pointwise.two_labels import UNKNOWN, named


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one text gave: the score in [0, 1], None where there is no grade, and whether it is an expected value."""

    score: float | None
    weighed: bool


def graded(
    candidates: CandidateList, requests: Sequence[Generate], scale: int, mix: float, *, expect_answer: bool
) -> Generator[Sequence[Request], Sequence[Answer], Outcome]:
    """Ask for all grades in one round and rank by them. ``mix``: the weight of the first stage's score."""
    answers = yield from ask(requests, GenerateAnswer)
    readings = [read(answer, scale, expect_answer=expect_answer) for answer in answers]
    prior = first_stage_shares(candidates) if mix else (0.0,) * len(answers)
    scores = tuple(
        UNKNOWN if reading.score is None else (1 - mix) * reading.score + mix * before
        for reading, before in zip(readings, prior, strict=True)
    )
    order = by_score(scores)
    ids = candidates.ids
    told = [(id, thoughts(answer.text)) for id, answer in zip(ids, answers, strict=True)]
    return Outcome(
        order=order,
        scores=scores,
        repairs=_repairs(ids, readings),
        reasoning=tuple(f"{id}: {thought}" for id, thought in told if thought),
        steps=(Step(round=1, note="ranked by grade", order=order),),
    )


def read(answer: GenerateAnswer, scale: int, *, expect_answer: bool) -> Reading:
    """The expected grade where the likeliest tokens are known, else the one that is written."""
    grade = read_grade(answer.text, scale, expect_answer=expect_answer, finished=answer.finished)
    if grade is None:
        return Reading(score=None, weighed=False)
    value = None
    if grade.value.is_integer() and "".join(token.text for token in answer.tokens) == answer.text:
        value = expected_grade(answer.tokens, grade, scale)
    return Reading(score=(grade.value if value is None else value) / scale, weighed=value is not None)


def _repairs(ids: Sequence[str], readings: Sequence[Reading]) -> tuple[str, ...]:
    silent = [id for id, reading in zip(ids, readings, strict=True) if reading.score is None]
    plain = sum(reading.score is not None and not reading.weighed for reading in readings)
    found = []
    if silent:
        found.append(f"{len(silent)} of the answers had no grade; ranked last: {named(silent)}")
    if plain:
        found.append(f"{plain} of the grades count as they are written; their probabilities did not come back")
    return tuple(found)
