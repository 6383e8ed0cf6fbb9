"""``systems``: strategies with the models that fit them, and whether they can run here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.cli.output import running_app, write_json, write_table

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("systems", help="list systems that fit together, and whether they can run here")
    command.add_argument("--json", action="store_true", help="machine-readable")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every offer."""
    with running_app() as app:
        offers = app.systems.offers()
        roster = {system.spec for system in app.systems.roster()}
    if options.json:
        write_json(
            [
                {
                    "system": offer.spec,
                    "strategy": offer.strategy.name,
                    "family": offer.strategy.family,
                    "model": offer.model.id if offer.model else None,
                    "roster": offer.spec in roster,
                    "available": not offer.reason,
                    "reason": offer.reason,
                }
                for offer in offers
            ]
        )
        return 0
    rows = [
        (offer.spec, offer.strategy.family, "arena" if offer.spec in roster else "", offer.reason or "ready")
        for offer in offers
    ]
    write_table(("system", "family", "roster", "state"), rows)
    return 0
