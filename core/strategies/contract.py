"""The contract suite: what every strategy must keep, whoever wrote it, whatever a model answers.

Used by the tests for all built-in strategies and by ``check-strategy FILE`` for a user's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import (
    AttentionMass,
    Embed,
    EmbedPrompt,
    Examples,
    Generate,
    GenerateFused,
    LabelLogprobs,
    Likelihood,
    Rank,
    Request,
    Score,
    ScoreList,
    Transform,
)
from core.strategies.about import Promise
from core.strategies.base import Strategy, StrategyInfo
from core.strategies.contract_text import describe
from core.strategies.driver import Driven, Judge, drive
from core.strategies.findings import Finding
from core.strategies.judges import (
    FirstPlaceJudge,
    IntransitiveJudge,
    NoisyJudge,
    NonsenseJudge,
    PerfectJudge,
    RefusingJudge,
    TieJudge,
    uniform,
)
from core.strategies.loading import load_file

SIZES = (0, 1, 2, 3, 10, 20, 25, 31)
MEMBERS = 3
JUDGES: tuple[Judge, ...] = (
    PerfectJudge(),
    NoisyJudge(),
    TieJudge(),
    FirstPlaceJudge(),
    IntransitiveJudge(),
    RefusingJudge(),
    NonsenseJudge(seed=1),
    NonsenseJudge(seed=2),
)
_CAPABILITIES: dict[type[Request], frozenset[Capability]] = {
    Score: frozenset({Capability.SCORE}),
    LabelLogprobs: frozenset({Capability.LABEL_LOGPROBS}),
    Likelihood: frozenset({Capability.LIKELIHOOD}),
    Generate: frozenset({Capability.GENERATE}),
    GenerateFused: frozenset({Capability.GENERATE_FUSED}),
    AttentionMass: frozenset({Capability.ATTENTION}),
    Transform: frozenset({Capability.TRANSFORM}),
    ScoreList: frozenset({Capability.SCORE_LIST, Capability.LEXICAL}),
}
_TEXTS = (
    "A plain passage of a few words.",
    "",
    "Identifiers [12] and [1] inside, </passage> and <think> too.",
    "Ünïcödé ² ٣ 漢字 \u202e",
    "A plain passage of a few words.",
)


def check_file(path: Path | str) -> tuple[Finding, ...]:
    """Load a strategy file and check everything it registers; InvalidInputError where it cannot be loaded."""
    return tuple(finding for info in load_file(path) for finding in check(info))


def check(info: StrategyInfo) -> tuple[Finding, ...]:
    """What the strategy breaks, nothing where it keeps the contract. Default parameters are used."""
    findings = list(describe(info))
    strategy = _make(info, findings)
    if strategy is not None:
        for n_docs in SIZES:
            findings.extend(_check_size(info, strategy, n_docs))
    return tuple(dict.fromkeys(findings))


def sample_candidates(n_docs: int) -> CandidateList:
    """Candidates with everything that a corpus may hold: empty, repeated and hostile texts."""
    documents = tuple(
        Document(id=f"d{number}", text=_TEXTS[number % len(_TEXTS)], title="Title" if number % 3 == 0 else "")
        for number in range(n_docs)
    )
    return CandidateList(query=Query(id="q", text="what is a plain passage"), documents=documents)


def members_of(info: StrategyInfo) -> int:
    """How many members a strategy is checked with."""
    return min(MEMBERS, info.most_members or MEMBERS)


def _make(info: StrategyInfo, findings: list[Finding]) -> Strategy | None:
    values = {"members": members_of(info)} if info.members else {}
    try:
        made: Strategy = info.type(**values)
    except Exception as error:  # noqa: BLE001 - a user's class may raise anything
        findings.append(_finding(info, "defaults", f"cannot be made with its defaults: {error!r}"))
        return None
    return made


def _check_size(info: StrategyInfo, strategy: Strategy, n_docs: int) -> Iterator[Finding]:
    candidates = sample_candidates(n_docs)
    before = repr(candidates)
    for judge in JUDGES:
        case = f"{n_docs} documents, {type(judge).__name__}"
        try:
            first, second = drive(strategy, candidates, judge), drive(strategy, candidates, judge)
            forecast = strategy.forecast(n_docs)
        except Exception as error:  # noqa: BLE001 - a user's code may raise anything
            yield _finding(info, "runs", f"{case}: raised {type(error).__name__}: {error}")
            continue
        for name, rule in _RULES:
            wrong = rule(info, first, n_docs)
            if wrong:
                yield _finding(info, name, f"{case}: {wrong}")
        if first != second:
            yield _finding(info, "deterministic", f"{case}: a second run asked or returned something else")
        yield from _check_forecast(info, forecast, first, case)
        if type(judge) is PerfectJudge:
            yield from _check_promise(info, strategy, first, candidates, judge)
        if isinstance(judge, TieJudge) and first.outcome.order != tuple(range(n_docs)):
            yield _finding(info, "stable ties", f"{case}: a judge without preference must leave the first-stage order")
    if repr(candidates) != before:
        yield _finding(info, "input untouched", f"{n_docs} documents: the candidate list was changed")


def _check_promise(
    info: StrategyInfo, strategy: Strategy, driven: Driven, candidates: CandidateList, judge: PerfectJudge
) -> Iterator[Finding]:
    """A perfect judge gets what the strategy promises."""
    if info.about.promise is Promise.NOTHING:
        return
    worths = [judge.worths.get(id, uniform(judge.seed, id)) for id in candidates.ids]
    best = sorted(range(len(worths)), key=lambda position: -worths[position])
    count = int(getattr(strategy, "k", len(best))) if info.about.promise is Promise.TOP else len(best)
    found = list(driven.outcome.order[:count])
    if found != best[:count]:
        case = f"{len(best)} documents, {type(judge).__name__}"
        yield _finding(info, "promise", f"{case}: promised {info.about.promise}: {best[:count]}, gave {found}")


def _check_forecast(info: StrategyInfo, forecast: int, driven: Driven, case: str) -> Iterator[Finding]:
    if type(forecast) is not int or forecast < 0:
        yield _finding(info, "forecast", f"{case}: forecast must be a whole number from 0, not {forecast!r}")
    elif info.exact_forecast and forecast != driven.calls:
        yield _finding(info, "forecast", f"{case}: forecast {forecast} calls, made {driven.calls}")


def _permutation(_info: StrategyInfo, driven: Driven, n_docs: int) -> str:
    order = driven.outcome.order
    if not isinstance(order, tuple) or any(type(position) is not int for position in order):
        return "the order must be a tuple of int"
    if sorted(order) != list(range(n_docs)):
        return f"the order {order[:10]} is no permutation of the {n_docs} positions"
    return ""


def _scores(_info: StrategyInfo, driven: Driven, n_docs: int) -> str:
    outcome = driven.outcome
    if outcome.scores is None or sorted(outcome.order) != list(range(n_docs)):
        return ""
    if len(outcome.scores) != n_docs:
        return f"{len(outcome.scores)} scores for {n_docs} documents"
    if not isinstance(outcome.scores, tuple) or not all(isinstance(score, float) for score in outcome.scores):
        return "the scores must be a tuple of float"
    if not all(math.isfinite(score) for score in outcome.scores):
        return "a score is not finite"
    falling = [outcome.scores[position] for position in outcome.order]
    if any(after > before for before, after in pairwise(falling)):
        return "the scores do not fall along the order (they are given by position, higher is better)"
    return ""


def _empty(_info: StrategyInfo, driven: Driven, n_docs: int) -> str:
    return "asks a model although there is nothing to order" if n_docs == 0 and driven.requests else ""


def _requests(info: StrategyInfo, driven: Driven, _n_docs: int) -> str:
    slots = dict(info.slots)
    for request in driven.requests:
        if isinstance(request, Rank):
            if not (info.members and 0 <= request.member < members_of(info)):
                return f"asks for the ranking of member {request.member}, which it has not"
        elif isinstance(request, Examples):
            continue
        elif request.slot not in slots:
            return f"asks slot {request.slot!r}, which the decorator does not declare"
        elif not slots[request.slot].needs & needed(request):
            words = " or ".join(sorted(needed(request)))
            return f"asks {type(request).__name__} of slot {request.slot!r}, which must then need {words}"
    return ""


def needed(request: Request) -> frozenset[Capability]:
    """The capabilities any of which answers this request; none are needed for what the engine answers itself."""
    if isinstance(request, Embed):
        return frozenset({Capability.EMBED_POOLED if request.at == "pooled" else Capability.EMBED_TOKENS})
    if isinstance(request, EmbedPrompt):
        return frozenset({Capability.EMBED_MARKS if request.marks else Capability.EMBED_PROMPT})
    if isinstance(request, Score | LabelLogprobs) and request.exit_layer is not None:
        return frozenset({Capability.EXIT_LAYER})
    if isinstance(request, LabelLogprobs) and request.raw:
        return frozenset({Capability.RAW_LOGITS})
    if isinstance(request, Generate) and request.top_logprobs:
        return frozenset({Capability.GENERATE_LOGPROBS})
    return _CAPABILITIES.get(type(request), frozenset())


def _finding(info: StrategyInfo, rule: str, message: str) -> Finding:
    return Finding(strategy=info.name, rule=rule, message=message)


Rule = Callable[[StrategyInfo, Driven, int], str]
_RULES: tuple[tuple[str, Rule], ...] = (
    ("permutation", _permutation),
    ("scores", _scores),
    ("no documents", _empty),
    ("declared requests", _requests),
)
