"""A trace as text: rounds with their requests, what each decided, and what the strategy made of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

from core.domain.counting import counted
from core.domain.traces import Trace, TracedRequest, TracedRun, TracedStep
from core.services.trace_reading import totals, verdict

SHOWN_CHARS = 200  # of an answer, unless prompts are shown too
SHOWN_IDS = 12


def write_trace(trace: Trace, *, prompts: bool) -> None:
    """On stdout. ``prompts``: with every prompt and answer in full."""
    figures = totals(trace)
    sys.stdout.write(f"{trace.run.system} on {trace.query!r}\n")
    sys.stdout.write(
        f"{counted(figures.calls, 'call')} in {counted(figures.rounds, 'round')}, "
        f"{figures.cached:,} from the cache; {figures.prompt_tokens:,} tokens read, "
        f"{figures.generated_tokens:,} written; {counted(figures.repairs, 'repair')}\n"
    )
    if figures.left_out:
        sys.stdout.write(f"{counted(figures.left_out, 'request')} between the first and the last are left out\n")
    for line in _run(trace, trace.run, prompts=prompts):
        sys.stdout.write(f"{line}\n")


def _run(trace: Trace, run: TracedRun, *, prompts: bool, indent: str = "") -> Iterator[str]:
    steps = {number: list(made) for number, made in groupby(run.steps, key=lambda step: step.round)}
    for made in run.rounds:
        yield f"{indent}round {made.number}: {counted(made.asked, 'request')}"
        for request in made.requests:
            yield f"{indent}  {_said(request, prompts=prompts)}"
            if prompts:
                yield from _prompt(trace, request, indent + "      ")
            if request.run is not None:
                yield f"{indent}    {request.run.system}"
                yield from _run(trace, request.run, prompts=prompts, indent=indent + "    ")
        yield from _steps(run, steps.pop(made.number, []), indent)
    for number, left in steps.items():
        yield f"{indent}after round {number}"
        yield from _steps(run, left, indent)
    yield f"{indent}order: {_ids(run.order)}"
    if run.keep is not None:
        yield f"{indent}kept: the first {run.keep} of {len(run.order)}"
    yield from (f"{indent}repair: {repair}" for repair in run.repairs)


def _said(request: TracedRequest, *, prompts: bool) -> str:
    if request.member:
        known = "" if request.run is not None else ", told above"
        return f"{request.number}. member {request.member}{known}: {_ids(request.answer.order)}"
    cached = " (cached)" if request.cached else ""
    cut = f", {counted(len(request.cuts), 'document')} cut" if request.cuts else ""
    return f"{request.number}. {request.kind}{cached} {_ids(request.documents)}{cut}: {_answer(request, prompts)}"


def _answer(request: TracedRequest, prompts: bool) -> str:
    answer, read = request.answer, verdict(request)
    if answer.text is not None:
        text = " ".join(answer.text.split())
        shown = text if prompts or len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
        return f"{shown!r}{'' if read.complete is not False else '  (incomplete)'}"
    if answer.labels:
        return ", ".join(f"{label!r} {'-' if value is None else f'{value:.4f}'}" for label, value in answer.labels)
    if answer.scores:
        return f"{answer.unit} {', '.join(f'{value:.4g}' for value in answer.scores[:SHOWN_IDS])}"
    if answer.shape is not None:
        return f"vectors of shape {answer.shape}"
    return answer.note


def _prompt(trace: Trace, request: TracedRequest, indent: str) -> Iterator[str]:
    for turn in request.turns:
        yield f"{indent}[{turn.role}]"
        yield from (f"{indent}{_printable(line)}" for line in trace.text(turn).splitlines())


def _steps(run: TracedRun, steps: list[TracedStep], indent: str) -> Iterator[str]:
    for step in steps:
        order = "" if step.order is None else f"  {_ids(tuple(run.candidates[place] for place in step.order))}"
        yield f"{indent}  = {step.note}{order}"


def _printable(line: str) -> str:
    """Without what a terminal would act on."""
    return "".join(character if character.isprintable() else " " for character in line)


def _ids(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return " ".join(ids[:SHOWN_IDS]) + more
