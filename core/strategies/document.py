"""The documentation of all strategies, written from what each of them says of itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

from core.strategies.base import FAMILIES, Slot, StrategyInfo
from core.strategies.parameters import format_value, parameters_of

TABLE, END_TABLE = "<!-- strategies: table -->", "<!-- /strategies: table -->"
SECTIONS, END_SECTIONS = "<!-- strategies: sections -->", "<!-- /strategies: sections -->"


def in_order(infos: Iterable[StrategyInfo]) -> list[StrategyInfo]:
    """By family, then by name."""
    return sorted(infos, key=lambda info: (FAMILIES.index(info.family), info.name))


def formula_of(info: StrategyInfo) -> str:
    """The formula in a strategy's docstring, empty where it states none."""
    text = " ".join((inspect.getdoc(info.type) or "").split())
    found = re.search(r"Formula: (.*?)(?= (?:Cost|Paper):|\Z)", text)
    return found.group(1) if found else ""


def table(infos: Iterable[StrategyInfo]) -> str:
    """One line per strategy, Markdown."""
    rows = [
        "| strategy | family | needs | calls | rounds | paper | parameters | fidelity |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for info in in_order(infos):
        needs = "; ".join(_needs(name, slot, info) for name, slot in info.slots) or ("systems" if info.members else "")
        parameters = ", ".join(f"`{p.name}` ({format_value(p.default)})" for p in parameters_of(info))
        cells = [
            f"[`{info.name}`](#{info.name})", info.family, needs, info.about.cost, info.about.rounds,
            info.paper, parameters, str(info.about.fidelity),
        ]  # fmt: skip
        rows.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(rows)


def sections(infos: Iterable[StrategyInfo]) -> str:
    """A section per strategy, Markdown."""
    return "\n\n".join(_section(info) for info in in_order(infos))


def filled(text: str, infos: Iterable[StrategyInfo]) -> str:
    """``text`` with table and sections between their markers; ValueError where a marker is missing."""
    known = list(infos)
    text = _between(text, TABLE, END_TABLE, table(known))
    return _between(text, SECTIONS, END_SECTIONS, sections(known))


def _section(info: StrategyInfo) -> str:
    about = info.about
    lines = [f"## `{info.name}`", "", f"{info.title}. {about.summary}".strip()]
    if formula := formula_of(info):
        lines += ["", f"**Formula.** {formula}"]
    lines += ["", f"**Cost.** {_cost(info)} **Paper.** {info.paper or 'none'}."]
    lines += ["", f"**Fidelity.** {_sentence(str(about.fidelity))} {about.fidelity_note} {_promised(info)}".rstrip()]
    if info.slots:
        lines += ["", f"**Needs.** {'; '.join(_needs(name, slot, info) for name, slot in info.slots)}."]
    if about.weights:
        lines += ["", f"**Weights.** {about.weights}"]
    if parameters := parameters_of(info):
        lines += ["", "**Parameters.**", ""]
        lines += [
            f"- `{one.name}` ({format_value(one.default)}), {one.allowed}: {one.help}" for one in parameters
        ]  # fmt: skip
    for title, points in (("Strengths", about.strengths), ("Known failures", about.failures)):
        if points:
            lines += ["", f"**{title}.**", "", *(f"- {point}" for point in points)]
    return "\n".join(lines)


def _cost(info: StrategyInfo) -> str:
    calls = f"{info.about.cost or 'no own'} calls" if info.about.cost != "0" else "No call of its own"
    estimate = "" if info.exact_forecast else " (an estimate)"
    return f"{calls} in {info.about.rounds} rounds{estimate}." if info.about.rounds else f"{calls}{estimate}."


def _promised(info: StrategyInfo) -> str:
    return f"With a perfect judge: {info.about.promise}."


def _needs(name: str, slot: Slot, info: StrategyInfo) -> str:
    words = ", ".join(f"`{need}`" for need in sorted(slot.needs))
    for mode in slot.modes:
        words += f", or {', '.join(f'`{need}`' for need in sorted(mode.needs))} with `{mode.parameter}={mode.value}`"
    trained = f", format `{slot.format}`" if slot.format else ""
    default = f", default `{slot.default}`" if slot.default else ""
    place = f"{name}: " if len(info.slots) > 1 else ""
    return f"{place}{words}{trained}{default}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _between(text: str, start: str, end: str, inner: str) -> str:
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{start} ... {end} is missing")
    return f"{before}{start}\n{inner}\n{end}{after}"
