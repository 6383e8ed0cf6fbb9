"""Goldens of strategies: a digest of what each asks and the outcome under one fixed judge.

``python -m tests.support.strategy_goldens`` writes them anew. It refuses where the behaviour of a strategy
changed and its version did not; raise the version in its decorator first (``--force`` before a release of
that version).
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from core.domain.canonical import Json, canonical_json, digest
from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import Examples, Rank, RankAnswer, Request
from core.strategies.base import registered
from core.strategies.driver import drive
from core.strategies.judges import NoisyJudge
from core.strategies.resolve import build, resolve
from core.strategies.slots import stands
from tests.support.judges import MODELS, find_model, trained_models

FILE = Path(__file__).resolve().parent.parent / "core" / "strategies" / "goldens.json"
COMMAND = "python -m tests.support.strategy_goldens"
_WORDS = ("ferry", "timetable", "dog", "bicycle", "ticket", "refund", "harbour", "storm", "cabin", "[3]", "luggage")


def fixed_candidates() -> CandidateList:
    """23 small documents, some with titles, one empty; more than one window, less than two."""
    documents = tuple(
        Document(
            id=f"d{number}",
            text="" if number == 5 else " ".join(_WORDS[(number * step) % len(_WORDS)] for step in range(1, 6)),
            title=_WORDS[number % len(_WORDS)].title() if number % 2 else "",
        )
        for number in range(23)
    )
    return CandidateList(
        query=Query(id="q", text="can I take a dog"),
        documents=documents,
        first_stage_scores=tuple(map(float, range(23, 0, -1))),
    )


def spec_of(name: str) -> str:
    """A specification of the strategy with default parameters."""
    info = registered()[name]
    if info.members:
        return f"{name}?of=({','.join(('bm25', 'maxsim')[: info.most_members or 2])})"
    known = (*MODELS, *trained_models())
    open_slots = [(slot, needs) for slot, needs in info.slots if needs.default is None]
    models = [(slot, next(entry.id for entry in known if stands(needs, entry))) for slot, needs in open_slots]
    if not models:
        return name
    if len(info.slots) == 1:
        return f"{name}:{models[0][1]}"
    return f"{name}:{'+'.join(f'{slot}={model}' for slot, model in models)}"


def observe(name: str) -> dict[str, Json]:
    """Version, digest of all requests and outcome of one strategy."""
    lists = fixed_candidates()
    members = [lambda given: RankAnswer(order=tuple(reversed(range(len(given.documents))))), _by_text]
    driven = drive(build(resolve(spec_of(name), find_model)), lists, NoisyJudge(seed=3), members=members)
    scores = driven.outcome.scores
    return {
        "version": registered()[name].version,
        "calls": driven.calls,
        "rounds": len(driven.rounds),
        "requests": digest([[_plain(request) for request in asked] for asked in driven.rounds])[:16],
        "order": list(driven.outcome.order),
        "scores": None if scores is None else [round(score, 5) for score in scores],
        "repairs": list(driven.outcome.repairs),
    }


def built_in() -> list[str]:
    """Names of the strategies of the package."""
    return sorted(n for n, info in registered().items() if info.type.__module__.startswith("core.strategies."))


def read() -> dict[str, dict[str, Json]]:
    """The goldens as they are kept."""
    found: dict[str, dict[str, Json]] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return found


def main(arguments: list[str]) -> int:
    """Write the goldens; 1 where a version was forgotten."""
    kept, seen = read(), {name: observe(name) for name in built_in()}
    forgotten = [
        name
        for name, now in seen.items()
        if name in kept and kept[name] != now and kept[name]["version"] == now["version"]
    ]
    if forgotten and "--force" not in arguments:
        sys.stderr.write(f"Behaviour changed without a new version: {', '.join(forgotten)}\n")
        return 1
    lines = [f"{canonical_json(name)}: {canonical_json(value)}" for name, value in seen.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    return 0


def _by_text(given: CandidateList) -> RankAnswer:
    texts = [document.text for document in given.documents]
    return RankAnswer(order=tuple(sorted(range(len(texts)), key=texts.__getitem__)))


def _plain(request: Request) -> Json:
    if isinstance(request, Rank):
        return ["Rank", request.member, request.candidates.hash]
    if isinstance(request, Examples):
        return ["Examples", request.count, request.depth, request.seed]
    usual = {field.name: field.default for field in dataclasses.fields(request)}
    given = {name: value for name, value in vars_of(request).items() if name != "wanted" and value != usual[name]}
    return [type(request).__name__, json.loads(json.dumps({name: _json(value) for name, value in given.items()}))]


def vars_of(request: Request) -> dict[str, object]:
    """The fields of a request, by name; what is usual is left out of a golden, so that a new field changes none."""
    return {field.name: getattr(request, field.name) for field in dataclasses.fields(request)}


def _json(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return [_json(item) for item in value] if isinstance(value, tuple) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
