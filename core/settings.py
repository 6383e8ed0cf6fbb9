"""Configuration: environment variables over one file, ``runoff.toml`` in RUNOFF_HOME (docs/configuration.md).

Environment: RUNOFF_HOME, RUNOFF_DATABASE_URL, RUNOFF_DEVICE, RUNOFF_THREADS, RUNOFF_STRATEGIES (files, separated as
in PATH), RUNOFF_CONFIG. Unknown keys in the file are an error, never ignored.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from math import inf
from pathlib import Path
from typing import TypeVar

from core.domain.errors import InvalidInputError
from core.domain.roles import Role
from core.domain.voting import Policy

PROJECT = Path(__file__).resolve().parent.parent
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that keep one request from hurting everybody; see docs/configuration.md for units."""

    max_candidates: int = 1000
    max_document_chars: int = 100_000
    max_query_chars: int = 4_000
    max_systems: int = 6
    max_upload_mb: int = 50
    answer_cache_mb: int = 2_000
    model_memory_mb: int = 8_000
    min_reading_seconds: float = 1.0
    battle_expiry_minutes: float = 60.0
    votes_per_minute: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """What battles are issued. The rates are shares of all battles; what they leave is side by side and rated.

    ``contrast_top``: what decision contrast is to settle, 1: who is first, 3: who is among the first three.
    ``best_to_worst_lists``: lists of a best-to-worst battle, 3 or 4.
    """

    policy: Policy = Policy.FEWEST_VOTES
    contrast_top: int = 1
    same_rate: float = 0.02
    swapped_rate: float = 0.08
    gold_rate: float = 0.03
    interleaved_rate: float = 0.0
    best_to_worst_rate: float = 0.0
    best_to_worst_lists: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who may do what: voter ids with a role of their own, and the role of everybody else."""

    everyone: Role = Role.OPERATOR
    operators: tuple[str, ...] = ()
    researchers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What queries cost. ``machine_per_hour``: of the machine that ranks, None where nobody stated it.

    ``currency``: of this price and of those that endpoints state; never converted.
    """

    machine_per_hour: float | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Resolved configuration. ``roster``: systems of the arena, empty for the default.

    ``models`` and ``endpoints``: the raw tables of the file, read by the catalogue.
    """

    home: Path
    database_url: str
    device: str = "auto"
    threads: int = 0
    limits: Limits = Limits()
    arena: Arena = Arena()
    roles: Roles = Roles()
    prices: Prices = Prices()
    strategies: tuple[Path, ...] = ()
    roster: tuple[str, ...] = ()
    models: Mapping[str, Mapping[str, object]]
    endpoints: Mapping[str, Mapping[str, object]]

    @property
    def collections_dir(self) -> Path:
        """Collection files."""
        return self.home / "collections"

    @property
    def cache_dir(self) -> Path:
        """Disposable: answers, indexes, converted and downloaded models."""
        return self.home / "cache"

    @property
    def logs_dir(self) -> Path:
        """Log files."""
        return self.home / "logs"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment and the file; InvalidInputError names the key that is wrong."""
    env = os.environ if environment is None else environment
    home = Path(env.get("RUNOFF_HOME", "") or PROJECT / ".runoff").expanduser().resolve()
    file = Path(env.get("RUNOFF_CONFIG", "") or home / "runoff.toml")
    table = _read(file, required=bool(env.get("RUNOFF_CONFIG")))
    allowed = {field.name for field in fields(Settings)} - {"home"}
    _refuse_unknown(file, table, allowed)
    return Settings(
        home=home,
        database_url=env.get("RUNOFF_DATABASE_URL")
        or str(table.get("database_url", f"sqlite:///{home / 'runoff.sqlite'}")),
        device=env.get("RUNOFF_DEVICE") or str(table.get("device", "auto")),
        threads=_whole(env.get("RUNOFF_THREADS") or table.get("threads", 0), "threads"),
        limits=_limits(file, _known(file, table, "limits", Limits)),
        arena=_arena(file, _known(file, table, "arena", Arena)),
        roles=_roles(file, _known(file, table, "roles", Roles)),
        prices=_prices(file, _known(file, table, "prices", Prices)),
        strategies=_strategies(file, table, env.get("RUNOFF_STRATEGIES", "")),
        roster=_roster(file, table),
        models=_sections(file, table, "models"),
        endpoints=_sections(file, table, "endpoints"),
    )


def _read(file: Path, *, required: bool) -> dict[str, object]:
    if not file.exists():
        if required:
            raise InvalidInputError(f"RUNOFF_CONFIG names {file}, which does not exist.")
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{file} is not valid TOML: {error}") from error


def _refuse_unknown(file: Path, table: Mapping[str, object], allowed: set[str]) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise InvalidInputError(f"{file}: unknown key {unknown[0]!r}. Allowed: {', '.join(sorted(allowed))}.")


def _section(file: Path, table: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = table.get(name, {})
    if not isinstance(section, Mapping):
        raise InvalidInputError(f"{file}: {name!r} must be a table.")
    return section


def _sections(file: Path, table: Mapping[str, object], name: str) -> Mapping[str, Mapping[str, object]]:
    section = _section(file, table, name)
    return {str(key): _section(file, section, key) for key in section}


def _known(file: Path, table: Mapping[str, object], name: str, kind: type) -> Mapping[str, object]:
    section = _section(file, table, name)
    _refuse_unknown(file, section, {field.name for field in fields(kind)})
    return section


def _roster(file: Path, table: Mapping[str, object]) -> tuple[str, ...]:
    needed = f'{file}: roster must be a list of two or more systems, such as ["bm25", "maxsim"].'
    named = _texts(table.get("roster", []), needed)
    if len(named) == 1:
        raise InvalidInputError(needed)
    return named


def _strategies(file: Path, table: Mapping[str, object], listed: str) -> tuple[Path, ...]:
    named = _texts(table.get("strategies", []), f"{file}: strategies must be a list of paths of Python files.")
    paths = [file.parent / name for name in named] + [Path(name) for name in listed.split(os.pathsep) if name]
    for path in paths:
        if not path.is_file():
            raise InvalidInputError(f"There is no strategy file {path}.")
    return tuple(path.resolve() for path in paths)


def _whole(value: object, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise InvalidInputError(f"{name} must be a whole number, not {value!r}.") from error
    if number < 0:
        raise InvalidInputError(f"{name} must not be negative.")
    return number


def _limits(file: Path, table: Mapping[str, object]) -> Limits:
    limits = Limits()
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise InvalidInputError(f"{file}: limits.{name} must be a positive number, not {value!r}.")
        kind = type(getattr(limits, name))
        limits = replace(limits, **{name: kind(value)})
    return limits


def _arena(file: Path, table: Mapping[str, object]) -> Arena:
    found: dict[str, object] = {}
    for name, value in table.items():
        if name == "policy":
            found[name] = _choice(Policy, value, f"{file}: arena.policy")
        elif name.endswith("_rate"):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise InvalidInputError(f"{file}: arena.{name} must be a share from 0 to 1, not {value!r}.")
            found[name] = float(value)
        else:
            allowed = (1, 3) if name == "contrast_top" else (3, 4)
            if isinstance(value, bool) or value not in allowed:
                raise InvalidInputError(f"{file}: arena.{name} must be {allowed[0]} or {allowed[1]}, not {value!r}.")
            found[name] = value
    arena = replace(Arena(), **found)  # type: ignore[arg-type]  # each was checked above
    total = sum(getattr(arena, field.name) for field in fields(Arena) if field.name.endswith("_rate"))
    if total > 1:
        raise InvalidInputError(f"{file}: the rates of [arena] add up to {total:g}; they may not exceed 1.")
    return arena


def _roles(file: Path, table: Mapping[str, object]) -> Roles:
    operators, researchers = (
        _texts(table.get(name, []), f"{file}: roles.{name} must be a list of voter ids.")
        for name in ("operators", "researchers")
    )
    everyone = _choice(Role, table.get("everyone", Role.OPERATOR), f"{file}: roles.everyone")
    return Roles(everyone=everyone, operators=operators, researchers=researchers)


def _prices(file: Path, table: Mapping[str, object]) -> Prices:
    price = table.get("machine_per_hour")
    if price is not None and (isinstance(price, bool) or not isinstance(price, int | float) or not 0 <= price < inf):
        raise InvalidInputError(f"{file}: prices.machine_per_hour must be a number from 0 on, not {price!r}.")
    currency = table.get("currency", Prices().currency)
    if not isinstance(currency, str) or not currency.strip():
        raise InvalidInputError(f'{file}: prices.currency must be text such as "EUR", not {currency!r}.')
    return Prices(machine_per_hour=None if price is None else float(price), currency=currency.strip())


def _choice(kind: type[Choice], value: object, name: str) -> Choice:
    allowed = {str(choice): choice for choice in kind}
    if not isinstance(value, str) or value not in allowed:
        raise InvalidInputError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return allowed[value]


def _texts(value: object, needed: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInputError(needed)
    return tuple(value)
