"""What generations say they want fits their prompts: every name stands before its document, as a model would read it.

Judges answer with these names. Were they others than the prompt's, a parser that no model's answer fits would pass.
"""

import pytest

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.domain.requests import Generate, GenerateFused
from core.strategies.base import registered
from core.strategies.contract import members_of, sample_candidates
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge, asked_documents

NAMING = ("order", "worst-first", "best", "worst", "top", "grades")


def generations(info):
    strategy = info.type(**({"members": members_of(info)} if info.members else {}))
    for size in (2, 7, 25):
        for request in drive(strategy, sample_candidates(size), PerfectJudge()).requests:
            if isinstance(request, Generate | GenerateFused):
                yield request


def before_documents(request):
    """The text between each document and the one before it."""
    prompts = request.prompts if isinstance(request, GenerateFused) else (request.prompt,)
    for prompt in prompts:
        said = ""
        for part in (part for message in prompt.messages for part in message.parts):
            if part.kind == "document":
                yield said
                said = ""
            else:
                said += part.text


GENERATING = sorted(
    name
    for name, info in registered().items()
    if info.type.__module__.startswith("core.strategies.") and any(generations(info))
)


def test_the_generating_families_are_here():
    assert {"rankgpt", "lrl", "apeer", "tourrank", "group-rank", "listt5", "lit5", "iranker", "rank-r1"} <= set(
        GENERATING
    )


@pytest.mark.parametrize("name", GENERATING)
def test_names_stand_before_their_documents(name):
    for request in generations(registered()[name]):
        wanted, spans = request.wanted, list(before_documents(request))
        assert len(spans) == len(asked_documents(request))
        if wanted.kind not in NAMING:
            assert wanted.names == ()
            continue
        assert len(wanted.names) == len(spans)
        assert len(set(wanted.names)) == len(spans)
        for place, (called, said) in enumerate(zip(wanted.names, spans, strict=True)):
            assert called in said
            later = [other for other in wanted.names[place + 1 :] if other in said and called not in other]
            assert place == 0 or not later  # an introduction may give names as an example
