"""Whether each model can be loaded on this machine, and what the hub says of well-known checkpoints."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.catalog import Catalog
from core.catalog.checkpoints.checkpoint import Checkpoint
from core.catalog.memory import available_bytes, weights_bytes
from core.catalog.resolved import MAIN, Resolved, differences, resolved_now
from core.domain.errors import InvalidInputError, ModelUnavailableError, UnknownNameError
from core.domain.models import ModelEntry
from core.domain.ports import Engine
from core.domain.work import CheckWork, Ended, Event

GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheck:
    """``reasons``: why it cannot be loaded here, empty where nothing speaks against it; ``how``: what helps.

    ``needed_bytes``: of the weights as they run; ``free_bytes``: of main memory now; None where not known.
    ``differences``: what the hub stated otherwise than the catalogue.
    """

    entry: ModelEntry
    known: bool
    reasons: tuple[str, ...]
    how: str
    needed_bytes: int | None
    free_bytes: int | None
    differences: tuple[str, ...] = ()

    @property
    def loads(self) -> bool:
        """Whether files, settings and memory are there."""
        return not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What the hub said of one checkpoint, or ``error``: why it said nothing."""

    id: str
    resolved: Resolved | None = None
    differences: tuple[str, ...] = ()
    error: str = ""


def check_models(catalog: Catalog) -> tuple[ModelCheck, ...]:
    """Every model of the catalogue, from files, settings and arithmetic alone: nothing is loaded."""
    free, resolved = available_bytes(), catalog.resolved.all()
    found = []
    for entry in catalog.entries():
        state = catalog.availability(entry)
        needed = weights_bytes(entry)
        reasons, how = ([], state.how) if state.available else ([state.reason], state.how)
        if needed is not None and free is not None and needed > free:
            reasons.append(
                f"its weights take {needed / GIGABYTE:.1f} GB in {entry.precision}, {free / GIGABYTE:.1f} GB of memory "
                "are free"
            )
            how = how or "Choose a smaller model, another precision, or serve it elsewhere as an endpoint."
        checkpoint = catalog.checkpoint(entry)
        known = None if checkpoint is None else resolved.get(entry.id)
        found.append(
            ModelCheck(
                entry=entry,
                known=checkpoint is not None,
                reasons=tuple(reasons),
                how=how,
                needed_bytes=needed,
                free_bytes=free,
                differences=differences(checkpoint, known.facts) if checkpoint and known else (),
            )
        )
    return tuple(found)


def look_up(catalog: Catalog, asked: Sequence[str]) -> tuple[LookedUp, ...]:
    """Ask the hub for commits and keep them; ``asked``: "ID" or "ID@REVISION", none for all without a commit.

    One that cannot be looked up does not stop the others. UnknownNameError for an id that is no well-known checkpoint.
    """
    from core.catalog.hub import hub_client, hub_facts  # brings httpx, which nothing else here needs

    wanted = [_wanted(catalog, one) for one in asked] or _open_ones(catalog)
    found: list[LookedUp] = []
    kept: dict[str, Resolved] = {}
    with hub_client() as client:
        for checkpoint, revision in wanted:
            name = checkpoint.hub_id.value
            if name is None:
                found.append(LookedUp(id=checkpoint.id, error="its hub id is not verified"))
                continue
            try:
                resolved = resolved_now(name, revision, hub_facts(client, name, revision))
            except ModelUnavailableError as error:
                found.append(LookedUp(id=checkpoint.id, error=str(error)))
                continue
            kept[checkpoint.id] = resolved
            told = differences(checkpoint, resolved.facts)
            found.append(LookedUp(id=checkpoint.id, resolved=resolved, differences=told))
    if kept:
        _keep(catalog, kept)
    return tuple(found)


def try_to_load(engine: Engine, entry: ModelEntry) -> str:
    """Load the model in the engine, really; why it could not be loaded, empty where it was."""
    over, ended = threading.Event(), list[Ended]()

    def hear(event: Event) -> None:
        if isinstance(event, Ended):
            ended.append(event)
            over.set()

    engine.submit(CheckWork(job=f"check-{uuid.uuid4().hex}", model=entry), hear)
    over.wait()
    return "the engine was closed" if ended[0].interrupted else ended[0].error


def _wanted(catalog: Catalog, asked: str) -> tuple[Checkpoint, str]:
    id, _, revision = asked.partition("@")
    known = {checkpoint.id: checkpoint for checkpoint in catalog.checkpoints()}
    if id not in known:
        raise UnknownNameError("well-known checkpoint", id, tuple(known))
    return known[id], revision or known[id].branch.value or MAIN


def _open_ones(catalog: Catalog) -> list[tuple[Checkpoint, str]]:
    resolved = catalog.resolved.all()
    return [
        (checkpoint, checkpoint.branch.value or MAIN)
        for checkpoint in catalog.checkpoints()
        if checkpoint.id not in resolved and not checkpoint.revision.value
    ]


def _keep(catalog: Catalog, kept: dict[str, Resolved]) -> None:
    try:
        catalog.resolved.keep(kept)
    except OSError as error:
        raise InvalidInputError(f"The commits cannot be kept in {catalog.resolved.path}: {error}.") from error
