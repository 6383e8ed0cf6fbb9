"""One entry of Runoff's own log from its JSON: every field there, of its type and within its bounds, nothing more."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from core.domain.ballots import check_ballot, check_slots
from core.domain.canonical import Json, canonical_json
from core.domain.errors import InvalidInputError
from core.domain.vote_log import Act, ActKind, body
from core.domain.voting import SHARES, Ballot, BattleForm, Control, Mark, Policy, Reason, Verdict, Vote, VoterKind

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\+00:00")
MAX_SEED, MAX_DEPTH = 2**63 - 1, 2**31 - 1  # as stores hold them
MAX_ID_CHARS = 128  # of battles, voters and actors
_Choice = TypeVar("_Choice", bound=StrEnum)
_Item = TypeVar("_Item")


class EntryError(ValueError):
    """What is wrong with an entry, in words; ``field`` where it is one field's fault."""

    def __init__(self, cause: str, field: str = "") -> None:
        super().__init__(cause)
        self.cause, self.field = cause, field


def parse_entry(values: Mapping[str, object], *, vote_id: int) -> Vote | Act:
    """The entry whose body is ``values``; a vote gets the id ``vote_id``. EntryError for anything else."""
    fields = _Fields(values)
    entry = _vote(fields, vote_id) if values.get("entry") == "vote" else _act(fields)
    written = body(entry)
    if written != values:
        raise _difference(written, values)
    return entry


@dataclass(frozen=True, slots=True)
class _Fields:
    """Typed access; a field that is missing or of another type is an EntryError."""

    values: Mapping[str, object]

    def text(self, field: str) -> str:
        value = self.values.get(field)
        if type(value) is not str:
            raise EntryError(f"must be a text, not {_shown(value)}.", field)
        return value

    def identifier(self, field: str) -> str:
        value = self.text(field)
        if not 0 < len(value) <= MAX_ID_CHARS:
            raise EntryError(f"must be a text of at most {MAX_ID_CHARS} characters, not {_shown(value)}.", field)
        return value

    def whole(self, field: str, *, least: int, most: int) -> int:
        value = self.values.get(field)
        if type(value) is not int or not least <= value <= most:
            raise EntryError(f"must be a whole number from {least} to {most}, not {_shown(value)}.", field)
        return value

    def share(self, field: str) -> float:
        value = self.values.get(field)
        if not (type(value) is float or type(value) is int) or not 0 <= value <= 1:
            raise EntryError(f"must be a number from 0 to 1, not {_shown(value)}.", field)
        return value

    def moment(self, field: str) -> datetime:
        value = self.text(field)
        if not _MOMENT.fullmatch(value):
            cause = f"must be a time like 2026-03-01T12:00:00.000000+00:00, not {_shown(value)}."
            raise EntryError(cause, field)
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise EntryError(f"is no time: {error}.", field) from error

    def optional_moment(self, field: str) -> datetime | None:
        return None if self.values.get(field) is None else self.moment(field)

    def choice(self, field: str, allowed: type[_Choice]) -> _Choice:
        return _one_of(self.text(field), allowed, field)

    def items(self, field: str) -> list[object]:
        value = self.values.get(field)
        if type(value) is not list:
            raise EntryError(f"must be a list, not {_shown(value)}.", field)
        return value


def _vote(fields: _Fields, vote_id: int) -> Vote:
    slots, form = _each(fields, "slots", _system), fields.choice("form", BattleForm)
    ballot = Ballot(
        verdict=fields.choice("verdict", Verdict),
        order=_order(fields),
        marks=_each(fields, "marks", _mark),
        reasons=_each(fields, "reasons", lambda value: _one_of(value, Reason, "reasons")),
    )
    try:
        check_slots(form, slots)
        check_ballot(form, slots, ballot)
    except InvalidInputError as error:
        raise EntryError(str(error)) from error
    return Vote(
        id=vote_id,
        battle=fields.identifier("battle"),
        voter=fields.identifier("voter"),
        voter_kind=fields.choice("voter_kind", VoterKind),
        voter_group=fields.text("voter_group"),
        collection=fields.text("collection"),
        candidates=fields.text("candidates"),
        query_id=fields.text("query"),
        category=fields.text("category"),
        depth=fields.whole("depth", least=0, most=MAX_DEPTH),
        form=form,
        left=slots[0],
        right=slots[1],
        further=slots[2:],
        verdict=ballot.verdict,
        order=ballot.order,
        marks=ballot.marks,
        reasons=ballot.reasons,
        policy=fields.choice("policy", Policy),
        probability=fields.share("probability"),
        control=fields.choice("control", Control),
        repeats=fields.text("repeats"),
        seed=fields.whole("seed", least=-MAX_SEED, most=MAX_SEED),
        issued_at=fields.optional_moment("issued_at"),
        shown_at=fields.optional_moment("shown_at"),
        cast_at=fields.moment("at"),
    )


def _act(fields: _Fields) -> Act:
    kind = fields.choice("entry", ActKind)
    battle = fields.identifier("battle") if "battle" in fields.values else ""
    voter = fields.identifier("voter") if "voter" in fields.values else ""
    if bool(battle) == bool(voter):
        raise EntryError('must name either a "battle" or a "voter".')
    verdict = fields.choice("verdict", Verdict) if kind is ActKind.CORRECT else None
    if verdict is Verdict.ORDERED:
        raise EntryError(f"must be one of {', '.join(SHARES)}; an order cannot be corrected.", "verdict")
    if kind in (ActKind.CORRECT, ActKind.UNDO) and not battle:
        raise EntryError(f"{kind} is about one battle.", "voter")
    return Act(
        kind=kind,
        actor=fields.identifier("actor"),
        reason=fields.text("reason"),
        at=fields.moment("at"),
        battle=battle,
        voter=voter,
        verdict=verdict,
    )


def _order(fields: _Fields) -> tuple[tuple[int, ...], ...]:
    """Levels of slots, best first."""
    found: list[tuple[int, ...]] = []
    for level in fields.items("order"):
        if type(level) is not list or any(type(slot) is not int for slot in level):
            raise EntryError(f"must hold lists of slots, not {_shown(level)}.", "order")
        found.append(tuple(level))
    return tuple(found)


def _each(fields: _Fields, field: str, parse: Callable[[object], _Item]) -> tuple[_Item, ...]:
    return tuple(parse(value) for value in fields.items(field))


def _system(value: object) -> str:
    if type(value) is not str or not value:
        raise EntryError(f"must hold texts, not {_shown(value)}.", "slots")
    return value


def _mark(value: object) -> Mark:
    if type(value) is list and len(value) == 2 and type(value[0]) is str and type(value[1]) is bool:
        return Mark(document=value[0], useful=value[1])
    raise EntryError(f"must hold pairs of a document id and true or false, not {_shown(value)}.", "marks")


def _one_of(value: object, allowed: type[_Choice], field: str) -> _Choice:
    try:
        return allowed(str(value))
    except ValueError as error:
        names = ", ".join(repr(str(choice)) for choice in allowed)
        raise EntryError(f"must be one of {names}, not {_shown(value)}.", field) from error


def _difference(written: Mapping[str, Json], given: Mapping[str, object]) -> EntryError:
    """The first field that is there and should not be, or is spelled in another way."""
    for field in sorted(set(given) - set(written)):
        return EntryError("means nothing here.", field)
    for field, value in written.items():
        if given.get(field) != value:
            return EntryError(f"must be {canonical_json(value)}, not {_shown(given.get(field))}.", field)
    return EntryError("is not as this format has it.")


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:60] + "..."
