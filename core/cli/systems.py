"""``systems``: what can run here and what is missing; commits of checkpoints; what can be loaded."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.bootstrap import App
from core.catalog.checkpoints.all import CHECKPOINTS
from core.catalog.checkpoints.document import filled
from core.cli.output import running_app, write_json, write_table
from core.cli.whole_file import write_whole
from core.domain.errors import InvalidInputError
from core.services.model_checks import GIGABYTE, LookedUp, ModelCheck, try_to_load

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_HINT = (
    "Commits are looked up with python -m core systems --resolve [ID ...] where there is a network; then the page "
    "Systems downloads the weights."
)


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("systems", help="what can run here; commits of checkpoints; what can be loaded")
    command.add_argument("--json", action="store_true", help="machine-readable")
    what = command.add_mutually_exclusive_group()
    what.add_argument(
        "--resolve",
        nargs="*",
        metavar="ID[@REVISION]",
        help="ask the hub for the commits of well-known checkpoints (default: of all that have none) and keep them",
    )
    what.add_argument(
        "--check",
        nargs="*",
        metavar="ID",
        help="whether models (default: all that are known) can be loaded here, and why not",
    )
    what.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table of checkpoints between a file's markers"
    )
    command.add_argument("--load", action="store_true", help="with --check: really load those that can be")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print systems, or what was looked up, or what was checked; 1 where a look-up failed."""
    if options.write:
        return _written(options.write)
    with running_app() as app:
        if options.resolve is not None:
            return _resolved(app.systems.look_up(options.resolve), options.json)
        if options.check is not None:
            return _checked(app, options.check, load=options.load, as_json=options.json)
        return _listed(app, options.json)


def _written(file: Path) -> int:
    try:
        text = filled(file.read_text("utf-8"), CHECKPOINTS)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{file} cannot be filled: {error}.") from error
    write_whole(file, lambda stream: stream.write(text.encode("utf-8")))
    return 0


def _listed(app: App, as_json: bool) -> int:
    roster = {system.spec for system in app.systems.roster()}
    offers = app.systems.offers()
    offered = {offer.strategy.name for offer in offers}
    lines = [(offer.spec, offer.strategy, offer.model.id if offer.model else None, "") for offer in offers]
    lines += [
        (described.spec, described.info, None, described.reason)
        for described in app.strategies.all()
        if described.info.name not in offered
    ]
    if as_json:
        write_json(
            [
                {
                    "system": spec,
                    "strategy": info.name,
                    "family": info.family,
                    "model": model,
                    "roster": spec in roster,
                    "available": not reason,
                    "reason": reason,
                }
                for spec, info, model, reason in lines
            ]
        )
        return 0
    rows = [
        (spec, info.family, "arena" if spec in roster else "", reason or "ready") for spec, info, _, reason in lines
    ]
    write_table(("system", "family", "roster", "state"), rows)
    return 0


def _resolved(found: Sequence[LookedUp], as_json: bool) -> int:
    failed = any(one.error for one in found)
    if as_json:
        write_json([_looked_up(one) for one in found])
        return int(failed)
    if not found:
        sys.stdout.write("Every well-known checkpoint has a commit already. Name one to look it up again.\n")
        return 0
    write_table(("checkpoint", "commit", "weights", "result"), [_row(one) for one in found])
    return int(failed)


def _looked_up(one: LookedUp) -> dict[str, object]:
    facts = one.resolved.facts if one.resolved else None
    return {
        "id": one.id,
        "hub_id": one.resolved.hub_id if one.resolved else None,
        "revision": one.resolved.revision if one.resolved else None,
        "commit": facts.commit if facts else None,
        "at": one.resolved.at.isoformat() if one.resolved else None,
        "parameters": facts.parameters if facts else None,
        "licence": facts.licence if facts else None,
        "safetensors": facts.safetensors if facts else None,
        "own_code": facts.own_code if facts else None,
        "download_bytes": facts.download_bytes if facts else None,
        "differences": list(one.differences),
        "error": one.error,
    }


def _row(one: LookedUp) -> tuple[str, str, str, str]:
    if one.resolved is None:
        return one.id, "-", "-", one.error
    facts = one.resolved.facts
    weights = "safetensors" if facts.safetensors else "pickled only"
    return one.id, facts.commit[:12], weights, "; ".join(one.differences) or "kept"


def _checked(app: App, asked: Sequence[str], *, load: bool, as_json: bool) -> int:
    wanted = {app.catalog.entry(id).id for id in asked}
    checks = [one for one in app.systems.check() if not wanted or one.entry.id in wanted]
    tried = {one.entry.id: try_to_load(app.engine, one.entry) for one in checks if load and one.loads}
    if as_json:
        write_json([_check(one, tried) for one in checks])
        return 0
    rows = [(one.entry.id, str(one.entry.kind), _size(one), *_state(one, tried)) for one in checks]
    write_table(("model", "kind", "weights", "loads", "why not"), rows)
    if any(one.known and not one.entry.revision for one in checks):
        sys.stdout.write("\n" + _HINT + "\n")
    return 0


def _check(one: ModelCheck, tried: dict[str, str]) -> dict[str, object]:
    return {
        "model": one.entry.id,
        "kind": str(one.entry.kind),
        "source": one.entry.source,
        "revision": one.entry.revision,
        "well_known": one.known,
        "loads": one.loads and not tried.get(one.entry.id),
        "loaded": None if one.entry.id not in tried else not tried[one.entry.id],
        "reasons": [*one.reasons, *filter(None, [tried.get(one.entry.id)])],
        "how": one.how,
        "needed_bytes": one.needed_bytes,
        "free_bytes": one.free_bytes,
        "differences": list(one.differences),
    }


def _state(one: ModelCheck, tried: dict[str, str]) -> tuple[str, str]:
    error = tried.get(one.entry.id)
    if error:
        return "no", error
    if one.loads:
        return ("loaded" if error == "" else "yes"), "; ".join(one.differences)
    reasons = "; ".join((*one.reasons, *one.differences))
    return "no", reasons if one.known and not one.entry.revision else f"{reasons}. {one.how}".strip()


def _size(one: ModelCheck) -> str:
    if one.needed_bytes is None:
        return "-"
    return f"{one.needed_bytes / GIGABYTE:.1f} GB"
