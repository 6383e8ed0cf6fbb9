"""Systems that were run, their rankings and failures (domain.ports.RankingStore)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, Select, Table, delete, select

from core.domain.canonical import Json
from core.domain.errors import InvalidInputError
from core.domain.jobs import Failure
from core.domain.rankings import ExecutedCost, LogicalCost, Ranking
from core.domain.requests import Cut
from core.domain.systems import System
from db.models import entry_json
from db.part import StorePart, in_chunks, keep_first, replace
from db.schema import failures, rankings, systems

_SAMPLE = 200  # rankings of a system that its pace is read from


class SqlRankings(StorePart):
    """Implements domain.ports.RankingStore."""

    def save_system(self, system: System) -> None:
        """Keep the description of a system by fingerprint; harmless when known."""
        row = {"fingerprint": system.fingerprint, "spec": system.spec, "description": system_json(system)}
        with self.database.read() as connection:
            known = select(systems.c.spec).where(systems.c.fingerprint == system.fingerprint)
            if connection.execute(known).first() is not None:
                return
        with self.database.write("system NOT saved") as connection:
            keep_first(connection, systems, [row])

    def system_specs(self) -> dict[str, str]:
        """Fingerprint to canonical specification of every system ever saved."""
        with self.database.read() as connection:
            rows = connection.execute(select(systems.c.fingerprint, systems.c.spec).order_by(systems.c.fingerprint))
            return {row.fingerprint: row.spec for row in rows}

    def save_ranking(self, ranking: Ranking) -> None:
        """Keep; the first ranking of (system, candidates) stays. Clears an earlier failure.

        InvalidInputError for scores that are not finite or not one per document, and for a cut beyond the documents.
        """
        _check(ranking)
        failed = delete(failures).where(
            failures.c.candidates == ranking.candidates, failures.c.system == ranking.system
        )
        with self.database.write("ranking NOT saved") as connection:
            keep_first(connection, rankings, [_ranking_row(ranking)])
            connection.execute(failed)

    def save_failure(self, failure: Failure) -> None:
        """Keep the latest reason why there is no ranking; nothing where there is one."""
        ranked = select(rankings.c.system).where(
            rankings.c.candidates == failure.candidates, rankings.c.system == failure.system
        )
        with self.database.write("failure NOT saved") as connection:
            if connection.execute(ranked).first() is None:
                replace(connection, failures, [asdict(failure)])

    def rankings(self, candidates: Sequence[str], systems: Sequence[str] | None = None) -> tuple[Ranking, ...]:
        """Rankings of these lists, of these systems (None: of all); in the order of the lists, then by system."""
        found = (_ranking(row) for row in self._of_lists(rankings, candidates, systems))
        place = {hash: index for index, hash in enumerate(candidates)}
        return tuple(sorted(found, key=lambda ranking: (place[ranking.candidates], ranking.system)))

    def failures(self, candidates: Sequence[str]) -> tuple[Failure, ...]:
        """Failures for these lists; in the order of the lists, then by system."""
        place = {hash: index for index, hash in enumerate(candidates)}
        rows = self._of_lists(failures, candidates)
        found = (Failure(system=row.system, candidates=row.candidates, message=row.message) for row in rows)
        return tuple(sorted(found, key=lambda failure: (place[failure.candidates], failure.system)))

    def seconds_per_call(self, systems: Sequence[str]) -> dict[str, float]:
        """Mean executed seconds per executed call of each system, from some of its rankings that called a model."""
        found: dict[str, float] = {}
        with self.database.read() as connection:
            for system in systems:
                sampled = select(rankings.c.executed).where(rankings.c.system == system).limit(_SAMPLE)
                costs = [ExecutedCost(**value) for value in connection.execute(sampled).scalars()]
                calls = sum(cost.calls for cost in costs)
                if calls:
                    found[system] = sum(cost.seconds for cost in costs) / calls
        return found

    def sampled_costs(self, systems: Sequence[str]) -> tuple[tuple[LogicalCost, ExecutedCost], ...]:
        """Costs of some rankings of these systems, of each at most two hundred."""
        found: list[tuple[LogicalCost, ExecutedCost]] = []
        columns = (rankings.c.logical, rankings.c.executed)
        with self.database.read() as connection:
            for system in systems:
                for row in connection.execute(select(*columns).where(rankings.c.system == system).limit(_SAMPLE)):
                    found.append((LogicalCost(**row.logical), ExecutedCost(**row.executed)))
        return tuple(found)

    def _of_lists(
        self, table: Table, candidates: Sequence[str], systems: Sequence[str] | None = None
    ) -> Iterator[Row[Any]]:
        with self.database.read() as connection:
            for chunk in in_chunks(candidates):
                wanted: Select[Any] = select(table).where(table.c.candidates.in_(chunk))
                if systems is not None:
                    wanted = wanted.where(table.c.system.in_(sorted(set(systems))))
                yield from connection.execute(wanted)


def system_json(system: System) -> Json:
    """Everything that was resolved for a system."""
    return {
        "spec": system.spec,
        "strategy": system.strategy,
        "version": system.version,
        "parameters": [list(pair) for pair in system.parameters],
        "slots": [[slot, entry_json(model)] for slot, model in system.slots],
        "members": [system_json(member) for member in system.members],
    }


def _check(ranking: Ranking) -> None:
    if ranking.keep is not None and not 0 <= ranking.keep <= len(ranking.order):
        raise InvalidInputError(
            f"{ranking.system}: it would keep {ranking.keep} of {len(ranking.order)} documents; "
            "the ranking was not saved."
        )
    if ranking.scores is None:
        return
    broken = sum(not math.isfinite(score) for score in ranking.scores)
    if broken:
        raise InvalidInputError(f"{ranking.system}: {broken} non-finite scores; the ranking was not saved.")
    if len(ranking.scores) != len(ranking.order):
        raise InvalidInputError(
            f"{ranking.system}: {len(ranking.scores)} scores for {len(ranking.order)} documents; "
            "the ranking was not saved."
        )


def _ranking_row(ranking: Ranking) -> dict[str, object]:
    return {
        "candidates": ranking.candidates,
        "system": ranking.system,
        "order": ranking.order,
        "scores": ranking.scores,
        "repairs": ranking.repairs,
        "reasoning": ranking.reasoning or None,
        "keep": ranking.keep,
        "cuts": [[cut.document_id, cut.tokens, cut.kept] for cut in ranking.cuts],
        "logical": asdict(ranking.logical),
        "executed": asdict(ranking.executed),
        "machine": ranking.machine,
    }


def _ranking(row: Row[Any]) -> Ranking:
    return Ranking(
        system=row.system,
        candidates=row.candidates,
        order=tuple(row.order),
        scores=None if row.scores is None else tuple(row.scores),
        repairs=tuple(row.repairs),
        reasoning=tuple(row.reasoning or ()),
        keep=row.keep,
        cuts=tuple(Cut(document_id=id, tokens=tokens, kept=kept) for id, tokens, kept in row.cuts),
        logical=LogicalCost(**row.logical),
        executed=ExecutedCost(**row.executed),
        machine=row.machine,
    )
