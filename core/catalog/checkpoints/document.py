"""The table of well-known checkpoints in docs/models.md, written from the data."""

from __future__ import annotations

from collections.abc import Iterable

from core.catalog.checkpoints.checkpoint import Checkpoint, Sourced

BEGIN, END = "<!-- checkpoints -->", "<!-- /checkpoints -->"
UNVERIFIED = "unverified"


def table(checkpoints: Iterable[Checkpoint]) -> str:
    """One line per checkpoint, Markdown; each fact links to where it was read."""
    rows = [
        "| id | hub | kind | trained inputs | parameters | input limit | licence | languages | loads |",
        "|---|---|---|---|---:|---:|---|---|---|",
    ]
    rows += [f"| {' | '.join(_cells(one))} |" for one in checkpoints]
    return "\n".join(rows)


def filled(text: str, checkpoints: Iterable[Checkpoint]) -> str:
    """``text`` with the table between its markers; ValueError where a marker is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"it must have {BEGIN} and, after it, {END}")
    return f"{before}{BEGIN}\n\n{table(checkpoints)}\n\n{END}{after}"


def _cells(one: Checkpoint) -> list[str]:
    formats = one.formats.value
    size, length = one.size.value, one.max_length.value
    return [
        f"`{one.id}`",
        _linked(one.hub_id, one.hub_id.value or ""),
        _linked(one.kind, str(one.kind.value)),
        _linked(one.formats, ", ".join(formats) if formats else "none"),
        _linked(one.size, _count(size) if size else ""),
        _linked(one.max_length, f"{length:,}" if length else ""),
        _linked(one.licence, one.licence.value or ""),
        _linked(one.languages, ", ".join(one.languages.value or ())),
        _loads(one),
    ]


def _linked(fact: Sourced[object], written: str) -> str:
    if not fact.verified:
        return UNVERIFIED
    address = fact.source if fact.source.startswith("https://") else f"../{fact.source}"
    return f"[{written}]({address})"


def _count(parameters: int) -> str:
    return f"{parameters / 1e9:.1f} B" if parameters >= 995_000_000 else f"{parameters / 1e6:.0f} M"


def _loads(one: Checkpoint) -> str:
    if one.needs_code.value:
        return "never: needs its own program code"
    if one.obstacle.value:
        return f"no: {one.obstacle.value}"
    if not one.hub_id.verified:
        return "no: its hub id is not verified"
    return "once its commit is known"
