"""Configuration: environment variables over one file, ``runoff.toml`` in RUNOFF_HOME (docs/configuration.md).

Environment: RUNOFF_HOME, RUNOFF_DATABASE_URL, RUNOFF_DEVICE, RUNOFF_THREADS, RUNOFF_STRATEGIES (files, separated as
in PATH), RUNOFF_CONFIG. Unknown keys in the file are an error, never ignored.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from core.domain.errors import InvalidInputError

PROJECT = Path(__file__).resolve().parent.parent


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
    allowed = {"database_url", "device", "threads", "limits", "strategies", "roster", "models", "endpoints"}
    _refuse_unknown(file, table, allowed)
    limits_table = _section(file, table, "limits")
    _refuse_unknown(file, limits_table, {field.name for field in fields(Limits)})
    return Settings(
        home=home,
        database_url=env.get("RUNOFF_DATABASE_URL")
        or str(table.get("database_url", f"sqlite:///{home / 'runoff.sqlite'}")),
        device=env.get("RUNOFF_DEVICE") or str(table.get("device", "auto")),
        threads=_whole(env.get("RUNOFF_THREADS") or table.get("threads", 0), "threads"),
        limits=_limits(file, limits_table),
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


def _roster(file: Path, table: Mapping[str, object]) -> tuple[str, ...]:
    named = table.get("roster", [])
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named) or len(named) == 1:
        raise InvalidInputError(f'{file}: roster must be a list of two or more systems, such as ["bm25", "maxsim"].')
    return tuple(named)


def _strategies(file: Path, table: Mapping[str, object], listed: str) -> tuple[Path, ...]:
    named = table.get("strategies", [])
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise InvalidInputError(f"{file}: strategies must be a list of paths of Python files.")
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
