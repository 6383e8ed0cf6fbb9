"""The answer as a sentence, and the sentences that prove it."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.counting import counted
from core.services.board.standing import listed
from core.services.choosing.choice import NO_RERANKER, NO_RERANKER_NAME, Option, State
from core.services.choosing.evidence import Evidence
from core.services.choosing.limits import Axis, Limits
from core.services.choosing.p_values import p_value
from core.services.choosing.words import amount, chance, dearer, gap, megabytes, milliseconds, priced, quality

NO_LABELS = (
    "No choice by measure: none of these queries has relevance labels. Import a collection with judgments, or let "
    "people vote and read the leaderboard."
)
NOTHING_COMPLETE = "No choice yet: no system has ranked every query of this benchmark."
NAMED = 3


class Speaker:
    """Words for one choice."""

    def __init__(
        self, options: Sequence[Option], evidence: Evidence, limits: Limits, *, measure: str, device: str, currency: str
    ) -> None:
        self._options = options
        self._evidence = evidence
        self._axis = limits.axis
        self._measure, self._device, self._currency = measure, device, currency
        self._chosen = next((option for option in options if option.recommended), None)
        self._unknown = [option for option in options if option.state is State.UNKNOWN]

    def answer(self) -> str:
        """The first sentence."""
        chosen = self._chosen
        if chosen is None:
            return "Nothing is within these limits."
        said = f"{self._measure} {quality(chosen.quality)}"
        if chosen.spec != NO_RERANKER:
            return f"Ship {chosen.name}: {', '.join([said, *self._costs(chosen)])}."
        feasible = [option for option in self._options if option.state is State.FEASIBLE and option is not chosen]
        if feasible:
            why = "the best within the limits cannot be told apart from it"
            if feasible[0].quality.mean <= chosen.quality.mean:
                why = "nothing within the limits is better"
            return f"Ship no reranker: {said}, and {why}."
        if self._unknown:
            many = counted(len(self._unknown), "system")
            return f"No choice yet: of {many} it is not known whether they are within the limits. See below what to do."
        if len(self._options) == 1:
            return f"There is no reranker in this benchmark to choose from. Without one: {said}."
        return f"No reranker of this benchmark is within the limits. Without one: {said}."

    def evidence(self) -> tuple[str, ...]:
        """What stands behind it, a sentence each."""
        if self._chosen is None:
            return ()
        chosen = self._chosen
        best = next(option for option in self._options if option.state is State.FEASIBLE)
        said = [self._against_best(chosen, best), self._against_none(chosen), self._found(chosen, best)]
        return tuple(one for one in [*said, self._left_out(chosen)] if one)

    def _costs(self, option: Option) -> list[str]:
        cost, said = option.cost, []
        if cost.p95_ms is not None:
            said.append(f"p95 {milliseconds(cost.p95_ms)} on {self._device}")
        if cost.memory_bytes is not None:
            said.append(megabytes(cost.memory_bytes))
        if cost.price is not None and self._axis is Axis.PRICE:
            said.append(("at most " if cost.at_most else "") + amount(Axis.PRICE, cost.price, self._currency))
        return said

    def _against_best(self, chosen: Option, best: Option) -> str:
        level = [option for option in self._options if option.alike and option is not chosen]
        if chosen is not best:
            more = best.quality.mean - chosen.quality.mean
            head = f"{best.name} is {gap(more)} higher" if more > 0 else f"{best.name} is as good"
            apart = f"but cannot be told apart from it over {self._queries()}{self._p(best, chosen)}"
            rest = [option.name for option in level if option is not best]
            also = f" {_names(rest)} cannot be told apart from {best.name} either." if rest else ""
            return f"{head} {apart} and {self._dearer(best, chosen)}.{also}"
        others = [option for option in self._options if option.state is State.FEASIBLE and option is not chosen]
        if level:
            verb = "is" if len(level) == 1 else "are"
            names = _names([option.name for option in level])
            return f"{names} cannot be told apart from it over {self._queries()} and {verb} no cheaper."
        if [option for option in others if option.spec != NO_RERANKER]:
            return f"Everything else within the limits is significantly worse over {self._queries()}."
        return ""

    def _against_none(self, chosen: Option) -> str:
        if chosen.spec == NO_RERANKER or all(option.spec != NO_RERANKER for option in self._options):
            return ""
        without = next(option for option in self._options if option.spec == NO_RERANKER)
        more = chosen.quality.mean - without.quality.mean
        if self._evidence.apart(chosen.spec, NO_RERANKER):
            verb = "beats" if more > 0 else "is worse than"
            return f"{chosen.name} {verb} {NO_RERANKER_NAME} by {gap(more)}{self._p(chosen, without)}."
        return f"{chosen.name} cannot itself be told apart from {NO_RERANKER_NAME}{self._p(chosen, without)}."

    def _found(self, chosen: Option, best: Option) -> str:
        """What difference to its rival would have shown."""
        level = [option for option in self._options if option.alike and option is not chosen]
        if not level:
            return ""
        other = best if best is not chosen else level[0]
        pair = self._evidence.pair(chosen.spec, other.spec)
        if pair is None:
            return f"With {self._queries()} no difference can be tested."
        if pair.detectable == 0:
            return f"{chosen.name} and {other.name} are equal on every query."
        said = f"A true difference under {gap(pair.detectable)} would probably not have been found"
        if pair.queries_needed is None:
            return f"{said}."
        return f"{said}; to find one as large as seen takes about {counted(pair.queries_needed, 'query', 'queries')}."

    def _left_out(self, chosen: Option) -> str:
        """Systems that might be the answer if more were known."""
        might = [
            option.name
            for option in self._unknown
            if option.quality.mean > chosen.quality.mean or not self._evidence.apart(option.spec, chosen.spec)
        ]
        if not might:
            return ""
        verb = "is" if len(might) == 1 else "are"
        return f"{_names(might)} might be as good or better but {verb} left out until more is known; see the table."

    def _dearer(self, other: Option, chosen: Option) -> str:
        theirs, ours = other.cost.on(self._axis), chosen.cost.on(self._axis)
        if theirs is None or ours is None:  # feasible systems have a cost on the axis
            return "its cost is not known"
        if theirs <= ours:
            return "is no cheaper"
        if ours > 0 and theirs / ours >= 1.05:
            return dearer(self._axis, theirs / ours)
        return priced(self._axis, theirs, self._currency)

    def _p(self, first: Option, second: Option) -> str:
        pair = self._evidence.pair(first.spec, second.spec)
        return "" if pair is None else f" ({chance(p_value(pair, self._evidence.correction))})"

    def _queries(self) -> str:
        return counted(self._evidence.queries, "query", "queries")


def _names(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return listed(list(names))
    return f"{', '.join(names[:NAMED])} and {counted(len(names) - NAMED, 'other')}"
