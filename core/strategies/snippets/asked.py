"""What a strategy asks a model, read off the strategy itself, so that no prompt is written twice."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import LabelLogprobs, Likelihood, Prompt, Request
from core.domain.systems import System
from core.strategies.resolve import build

QUERY, FIRST, SECOND = "query", "first", "second"
_LIST = CandidateList(
    query=Query(id="q", text="{query}"),
    documents=(Document(id=FIRST, text="{first}"), Document(id=SECOND, text="{second}")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Turns of a prompt (or running text where ``system`` is None) with {query}, {first} and {second} to be filled in.

    ``labels``: what the answer may be, first half against second half; ``continuation``: what is forced.
    """

    system: str | None
    user: str
    labels: tuple[str, ...] = ()
    continuation: str = ""


def first_request(system: System) -> Asked:
    """The first request about two documents; TypeError where it is neither labels nor a likelihood."""
    steps = build(system).rerank(_LIST)
    return _read(next(steps)[0])


def _read(request: Request) -> Asked:
    if isinstance(request, LabelLogprobs):
        system, user = _turns(request.prompt)
        return Asked(system=system, user=user, labels=request.labels)
    if isinstance(request, Likelihood):
        _, user = _turns(request.prompt)
        return Asked(system=None, user=user, continuation=request.continuation)
    raise TypeError(f"{type(request).__name__} has no prompt to copy.")


def _turns(prompt: Prompt) -> tuple[str, str]:
    """Text of the system's and of the user's turn, as templates of ``str.format``."""
    found = {"system": "", "user": ""}
    for message in prompt.messages:
        for part in message.parts:
            literal = part.kind == "text"
            found[message.role] += part.text.replace("{", "{{").replace("}", "}}") if literal else part.text
    return found["system"], found["user"]
