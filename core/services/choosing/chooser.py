"""The chooser: limits in, one answer out, with everything that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.errors import InvalidInputError
from core.domain.ports import Store
from core.services.benchmarks.kept import Kept
from core.services.benchmarks.reading import BenchmarkReader
from core.services.benchmarks.views import Results
from core.services.board.boards import Board, BoardRequest
from core.services.choosing.choice import Choice, Cost, Opinion, Option
from core.services.choosing.evidence import Evidence, EvidenceReader
from core.services.choosing.limits import Limits
from core.services.choosing.people import opinion
from core.services.choosing.pricing import price_per_1000
from core.services.choosing.probed import devices, probed_costs
from core.services.choosing.recommending import make_options
from core.services.choosing.relaxing import relaxations
from core.services.choosing.saying import NO_LABELS, NOTHING_COMPLETE, Speaker
from core.services.collections import CollectionService
from core.services.systems import SystemService
from core.settings import Prices
from core.strategies.snippets import Snippet, snippet

KEPT = 8
T = TypeVar("T", str, int)


class ResultsReader(Protocol):
    """Where the results of a benchmark come from."""

    reader: BenchmarkReader

    def of(self, plan: BenchmarkPlan) -> Results: ...


class BoardReader(Protocol):
    """Where people's board comes from."""

    def board(self, request: BoardRequest) -> Board: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What limits can be stated for a benchmark. ``measures``: of quality. ``depths``: the plan's own first.

    ``licences`` and ``languages``: those of the models in the benchmark. ``language``: of the collection.
    """

    measures: tuple[str, ...]
    depths: tuple[int, ...]
    devices: tuple[str, ...]
    licences: tuple[str, ...]
    languages: tuple[str, ...]
    language: str
    currency: str


class ChooserService:
    """Which system to ship."""

    def __init__(
        self,
        store: Store,
        collections: CollectionService,
        systems: SystemService,
        results: ResultsReader,
        boards: BoardReader,
        prices: Prices,
    ) -> None:
        self._store = store
        self._collections = collections
        self._systems = systems
        self._results = results
        self._boards = boards
        self._prices = prices
        self._reader = EvidenceReader(systems, results.reader)
        self._evidence = Kept[Evidence](KEPT)

    def offered(self, plan: BenchmarkPlan) -> Offered:
        """What there is to choose among."""
        results = self._results.of(plan)
        models = {model.id: model for row in results.rows for model in row.system.models}
        licences = {model.licence for model in models.values() if model.licence}
        languages = {language for model in models.values() for language in model.languages}
        return Offered(
            measures=tuple(measure for measure in plan.measures if not measure.startswith("Judged")),
            depths=tuple(dict.fromkeys((plan.first_stage.depth, *sorted(plan.depths, reverse=True)))),
            devices=devices(self._probes(plan, results)),
            licences=tuple(sorted(licences)),
            languages=tuple(sorted(languages)),
            language=self._collections.reader(plan.collection).language,
            currency=self._prices.currency,
        )

    def choose(self, plan: BenchmarkPlan, limits: Limits = Limits()) -> Choice:  # noqa: B008 - frozen
        """The answer. InvalidInputError for a measure, depth or device that the benchmark does not have."""
        results = self._results.of(plan)
        measure = _among("measure", limits.measure or results.measure, plan.measures)
        depth = _among("depth", limits.depth or plan.first_stage.depth, (*plan.depths, plan.first_stage.depth))
        probes = self._probes(plan, results)
        known = devices(probes)
        device = _among("device", limits.device or next(iter(known), ""), known or ("",))
        evidence = self._evidence.get(
            (plan.id, measure, depth),
            (tuple((row.spec, row.failed) for row in results.rows), self._store.revision()),
            lambda: self._reader.read(plan, results, measure, depth),
        )
        costs = self._costs(evidence, probed_costs(probes, device, depth))
        options = make_options(evidence, costs, limits, self._prices.currency)
        empty = Choice(
            plan=plan,
            limits=limits,
            measure=measure,
            device=device,
            devices=known,
            depth=depth,
            queries=evidence.queries,
            currency=self._prices.currency,
            options=options,
            open=evidence.open,
            sentence=NOTHING_COMPLETE if results.judged_queries else NO_LABELS,
        )
        return self._said(empty, evidence) if options else empty

    def snippet(self, spec: str, plan: BenchmarkPlan) -> Snippet:
        """The system as code to copy, for texts in the language of the plan's collection."""
        language = self._collections.reader(plan.collection).language
        return snippet(self._systems.resolve(spec), language=language)

    def _said(self, choice: Choice, evidence: Evidence) -> Choice:
        speaker = Speaker(
            choice.options,
            evidence,
            choice.limits,
            measure=choice.measure,
            device=choice.device,
            currency=choice.currency,
        )
        chosen = choice.recommended
        said = replace(choice, sentence=speaker.answer(), evidence=speaker.evidence(), notes=_notes(choice))
        if chosen is None:
            return said
        return replace(
            said,
            relaxations=relaxations(choice.options, chosen, evidence, choice.measure, choice.currency),
            opinion=self._opinion(choice.plan, chosen),
        )

    def _opinion(self, plan: BenchmarkPlan, chosen: Option) -> Opinion | None:
        return opinion(self._boards.board(BoardRequest(collection=plan.collection)), chosen)

    def _costs(self, evidence: Evidence, probed: Mapping[str, Cost]) -> dict[str, Cost]:
        """Specification to cost, with a price or why there is none."""
        found = {}
        for one in evidence.contenders:
            cost = probed.get(one.system.fingerprint, Cost())
            price = price_per_1000(one.system, cost.mean_ms, one.usage, self._prices)
            found[one.system.spec] = replace(
                cost, price=price.amount, price_unknown=price.unknown, at_most=price.at_most
            )
        return found

    def _probes(self, plan: BenchmarkPlan, results: Results) -> tuple[Probe, ...]:
        """Newest first, of the complete systems."""
        systems = [row.system.fingerprint for row in results.rows]
        return self._store.probes(systems, self._collections.get(plan.collection).fingerprint)


def _among(name: str, value: T, allowed: Sequence[T]) -> T:
    if value not in allowed:
        named = ", ".join(str(one) for one in dict.fromkeys(allowed))
        raise InvalidInputError(f"The benchmark has no {name} {value!r}. Allowed: {named}.")
    return value


def _notes(choice: Choice) -> tuple[str, ...]:
    """What qualifies the numbers."""
    notes = []
    failed = [f"{option.name} failed on {option.failed}" for option in choice.options if option.failed]
    if failed:
        notes.append(f"Queries without a ranking count 0: {', '.join(failed)}.")
    if choice.open:
        notes.append(f"Not complete and so not compared: {', '.join(choice.open)}.")
    machines = {option.cost.machine for option in choice.options if option.cost.machine}
    if len(machines) > 1:
        notes.append(f"Latencies come from {len(machines)} machines or versions: {'; '.join(sorted(machines))}.")
    few = [option.cost.n for option in choice.options if option.cost.n]
    if few and min(few) < 20:
        notes.append(f"With {min(few)} probed queries the p95 is the slowest of them; probe more to be sure.")
    return tuple(notes)
