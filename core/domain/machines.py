"""Where a ranking was made, in the line that the engine writes, and in two words for people.

The line: device, threads, precisions of the models, then processor and versions, separated by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

REMOTE = "remote"  # what stands for the precision of a model behind an endpoint
_PRECISIONS = re.compile(r"(fp32|bf16|fp16|remote)(/(fp32|bf16|fp16|remote))*")
_NAMED = re.compile(r"cuda(?::\d+)? \((.+)\)")


def short_device(device: str) -> str:
    """``CPU`` of "cpu", the name of the card of "cuda (NAME)"; nothing of nothing."""
    named = _NAMED.fullmatch(device)
    return named.group(1) if named else device.upper()


def short_machine(line: str) -> str:
    """``CPU fp32`` of "cpu, 2 threads, fp32, x86_64, ..."; ``endpoint`` where nothing ran here; "" of nothing."""
    device, *rest = line.split(", ")
    found = next((part for part in rest if _PRECISIONS.fullmatch(part)), "")
    here = [precision for precision in found.split("/") if precision not in ("", REMOTE)]
    if found == REMOTE:
        return "endpoint"
    said = " ".join(part for part in (short_device(device), "/".join(here)) if part)
    return f"{said} and endpoint" if REMOTE in found.split("/") else said


def short_machines(lines: Iterable[str]) -> str:
    """The short forms of several lines, each once: ``CPU bf16, CPU fp32``."""
    return ", ".join(sorted({short for line in lines if (short := short_machine(line))}))


def told_apart(lines: Iterable[str]) -> list[str]:
    """Lines without those that say nothing more than another: a system without a model names fewer libraries."""
    parts = {line: set(line.split(", ")) for line in lines if line}
    return [one for one in sorted(parts) if not any(parts[one] < parts[other] for other in parts)]
