"""The configuration file of a benchmark: one TOML table, described in docs/benchmark.md.

Only its form is checked here: keys, types, ranges. Whether systems, measures and queries exist is the benchmark
service's to say.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from core.domain.benchmarks import DEFAULT_MEASURES
from core.domain.documents import Query
from core.domain.errors import InvalidInputError
from core.domain.first_stages import FirstStage, first_stage

DEFAULT_DEPTH = 100
MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkConfig:
    """What the file says. ``path``: where the collection is imported from when there is none of this name; None for
    one that must be there. ``sample``: so many queries (of the category), drawn by ``seed``; 0 for all."""

    collection: str
    path: Path | None = None
    name: str = ""
    systems: tuple[str, ...]
    stage: FirstStage
    baseline: str = ""
    measures: tuple[str, ...] = DEFAULT_MEASURES
    queries: tuple[str, ...] = ()
    category: str = ""
    sample: int = 0
    seed: int = 0
    depths: tuple[int, ...] = ()
    shuffles: int = 0
    shuffled_queries: int = 20
    probe_queries: int = 20
    strategies: tuple[Path, ...] = ()


KEYS = frozenset(field.name for field in fields(BenchmarkConfig)) - {"stage"} | {"first_stage", "depth"}


def read_benchmark_config(file: Path) -> BenchmarkConfig:
    """Read and check a file; InvalidInputError names the file, the key, what was given and what is allowed."""
    table = _Table(file, _parsed(file))
    table.refuse_unknown(KEYS)
    config = BenchmarkConfig(
        collection=table.text("collection", required=True),
        path=table.place("path"),
        name=table.text("name"),
        systems=table.texts("systems", required=True),
        stage=table.stage(),
        baseline=table.text("baseline"),
        measures=table.texts("measures") or DEFAULT_MEASURES,
        queries=table.texts("queries"),
        category=table.text("category"),
        sample=table.number("sample", 0),
        seed=table.number("seed", 0),
        depths=table.numbers("depths"),
        shuffles=table.number("shuffles", 0),
        shuffled_queries=table.number("shuffled_queries", 20),
        probe_queries=table.number("probe_queries", 20),
        strategies=table.places("strategies"),
    )
    if config.queries and (config.category or config.sample):
        raise InvalidInputError(f"{file}: queries names them all; leave category and sample out.")
    return config


def drawn_queries(config: BenchmarkConfig, queries: Sequence[Query]) -> tuple[str, ...]:
    """Ids of the queries of the sample, in their own order; empty where the file asks for none.

    The same seed draws the same queries everywhere. InvalidInputError where there are fewer than wanted.
    """
    if not config.sample:
        return ()
    ids = [query.id for query in queries if not config.category or query.category == config.category]
    if config.sample > len(ids):
        which = f" of category {config.category!r}" if config.category else ""
        raise InvalidInputError(f"sample = {config.sample}: {config.collection!r} has {len(ids)} queries{which}.")
    drawn = set(random.Random(config.seed).sample(sorted(ids), config.sample))
    return tuple(id for id in ids if id in drawn)


def _parsed(file: Path) -> Mapping[str, object]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InvalidInputError(f"{file}: a configuration may have {MAX_BYTES:,} bytes.")
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InvalidInputError(f"Cannot read {file}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{file}: not UTF-8 at byte {error.start}.") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(f"{file}: not TOML: {error}.") from error


class _Table:
    """Typed access to the keys of one file."""

    def __init__(self, file: Path, table: Mapping[str, object]) -> None:
        self._file = file
        self._table = table

    def refuse_unknown(self, allowed: frozenset[str]) -> None:
        if unknown := sorted(set(self._table) - allowed):
            raise InvalidInputError(f"{self._file}: unknown key {unknown[0]!r}. Allowed: {', '.join(sorted(allowed))}.")

    def text(self, key: str, *, required: bool = False) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            raise self._wrong(key, value, "text")
        if required and not value.strip():
            raise InvalidInputError(f"{self._file}: {key} is missing.")
        return value.strip()

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self._wrong(key, value, "a list of texts")
        if required and not value:
            raise InvalidInputError(f"{self._file}: {key} is missing.")
        return tuple(item.strip() for item in value)

    def number(self, key: str, default: int, least: int = 0) -> int:
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self._wrong(key, value, f"a whole number from {least} on")
        return value

    def numbers(self, key: str) -> tuple[int, ...]:
        value = self._table.get(key, [])
        whole = isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value)
        if not isinstance(value, list) or not whole:
            raise self._wrong(key, value, "a list of whole numbers")
        return tuple(value)

    def place(self, key: str) -> Path | None:
        """A path, relative to the file."""
        given = self.text(key)
        return self._absolute(given) if given else None

    def places(self, key: str) -> tuple[Path, ...]:
        return tuple(self._absolute(given) for given in self.texts(key))

    def stage(self) -> FirstStage:
        depth = self.number("depth", DEFAULT_DEPTH, least=1)
        try:
            return first_stage(self.text("first_stage") or "bm25", depth)
        except InvalidInputError as error:
            raise InvalidInputError(f"{self._file}: first_stage: {error}") from error

    def _absolute(self, given: str) -> Path:
        return (self._file.resolve().parent / Path(given).expanduser()).resolve()

    def _wrong(self, key: str, value: object, allowed: str) -> InvalidInputError:
        return InvalidInputError(f"{self._file}: {key} must be {allowed}, not {value!r}.")
