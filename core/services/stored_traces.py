"""Traces of real runs that come with the program, one small file per strategy, for the drawings that explain it.

``python -m core trace --store`` writes them: eight passages of the sample collection, ranked by the models that come
along. A file is the codec's JSON without what is at its default, shortened until it is small.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.domain.canonical import Json
from core.domain.codec import CodecError, from_json, to_json
from core.domain.documents import CandidateList
from core.domain.errors import ImportFormatError
from core.domain.rankings import LogicalCost
from core.domain.requests import Wanted
from core.domain.traces import (
    Piece,
    Trace,
    TracedAnswer,
    TracedRequest,
    TracedRound,
    TracedRun,
    TracedStep,
    TracedToken,
)
from core.services.trace_shortening import SHORTENED

FOLDER = Path(__file__).resolve().parents[1] / "strategies" / "traces"
QUERY, DEPTH = "b14", 8  # of the sample collection: relevant passages stand second, sixth and seventh
MOST_BYTES = 20_000
DIGITS = 4  # significant ones of every number


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTrace:
    """``spec``: the system that ran; ``made_on``: ISO date; ``titles``: document id to title, in first-stage order.

    ``grades``: of the judged documents. The machine line of the trace has device, precision and versions.
    """

    spec: str
    made_on: str
    titles: Mapping[str, str]
    grades: Mapping[str, int]
    trace: Trace


def stored_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Strategies of which a run is stored."""
    return tuple(sorted(path.stem for path in folder.glob("*.json")))


@lru_cache(maxsize=128)
def stored_trace(strategy: str, folder: Path = FOLDER) -> StoredTrace | None:
    """The stored run of a strategy, None where there is none; ImportFormatError where the file is damaged."""
    path = folder / f"{strategy}.json"
    if not path.is_file():
        return None
    try:
        return from_json(StoredTrace, _filled(StoredTrace, json.loads(path.read_text("utf-8"))))
    except (CodecError, ValueError, TypeError, AttributeError) as error:
        raise ImportFormatError(path.name, f"is no stored trace: {error}. Store it again.") from error


def store_trace(stored: StoredTrace, strategy: str, folder: Path = FOLDER) -> Path:
    """Write the file of a strategy, shortened where it would be too large."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{strategy}.json"
    path.write_text(_file(stored), "utf-8")
    stored_trace.cache_clear()
    return path


def first_documents(candidates: CandidateList, count: int) -> CandidateList:
    """The head of a list."""
    scores = candidates.first_stage_scores
    return replace(
        candidates,
        documents=candidates.documents[:count],
        first_stage_scores=None if scores is None else scores[:count],
    )


def _file(stored: StoredTrace) -> str:
    """The text of the file: the first of ever shorter versions that is small enough, or the shortest."""
    text = ""
    for shorter in SHORTENED:
        kept = replace(stored, trace=shorter(stored.trace))
        plain = _pruned(StoredTrace, _rounded(to_json(kept)))
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"
        if len(text.encode("utf-8")) <= MOST_BYTES:
            break
    return text


def _rounded(value: Json) -> Json:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else value
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return {key: _rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


_NESTED: Mapping[type, Mapping[str, type]] = {
    StoredTrace: {"trace": Trace},
    Trace: {"run": TracedRun, "pieces": Piece},
    TracedRun: {"rounds": TracedRound, "steps": TracedStep, "logical": LogicalCost},
    TracedRound: {"requests": TracedRequest},
    TracedRequest: {"answer": TracedAnswer, "run": TracedRun, "wanted": Wanted},
    TracedAnswer: {"tokens": TracedToken},
}


@lru_cache(maxsize=32)
def _defaults(kind: type) -> dict[str, Any]:
    """Field to default as JSON, of the fields that have one."""
    found = {}
    for item in fields(kind):
        if item.default is not MISSING:
            found[item.name] = to_json(item.default) if is_dataclass(item.default) else _plain(item.default)
    return found


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _pruned(kind: type, data: Any) -> Any:  # noqa: ANN401  (JSON)
    """Records of ``kind`` without fields at their default."""
    if isinstance(data, list):
        return [_pruned(kind, item) for item in data]
    if not isinstance(data, dict):
        return data
    nested, defaults = _NESTED.get(kind, {}), _defaults(kind)
    kept = {key: value for key, value in data.items() if key not in defaults or value != defaults[key]}
    return {key: _pruned(nested[key], value) if key in nested else value for key, value in kept.items()}


def _filled(kind: type, data: Any) -> Any:  # noqa: ANN401  (JSON)
    """The inverse of ``_pruned``."""
    if isinstance(data, list):
        return [_filled(kind, item) for item in data]
    if not isinstance(data, dict):
        return data
    nested = _NESTED.get(kind, {})
    whole = {**_defaults(kind), **data}
    return {key: _filled(nested[key], value) if key in nested else value for key, value in whole.items()}
