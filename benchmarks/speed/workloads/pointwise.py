"""Yes/no relevance by a language model: the project's strategy as it is, and under worked examples.

No strategy of the project has a few-shot option, so the examples are put in front here: real passages of other queries
with their judgments, as turns between the instruction and the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.speed.context import Context
from benchmarks.speed.data import Passages, passages
from benchmarks.speed.judging import asked, strategy_of
from benchmarks.speed.language_models import Asked, against_one_at_a_time, loaded
from benchmarks.speed.models import LLM
from benchmarks.speed.outcome import Outcome
from core.domain.documents import CandidateList
from core.domain.requests import LabelLogprobs, Message, Part, Request

EXAMPLES, EXAMPLE_WORDS = 4, 80


def zero_shot(context: Context) -> Outcome:
    """Instruction, passage, query: only the instruction is shared."""
    return _measure(context, "LLM yes/no, zero-shot", (), 1.4, passages().lists(2, context.size(10, 3)))


def few_shot(context: Context) -> Outcome:
    """The same behind worked examples."""
    lists = passages().lists(2, context.size(10, 3))
    name = f"LLM yes/no, few-shot ({EXAMPLES} worked examples)"
    return _measure(context, name, examples_of(passages(), skip=len(lists)), 2.5, lists)


def _measure(
    context: Context, name: str, examples: tuple[Message, ...], line: float, lists: Sequence[CandidateList]
) -> Outcome:
    adapter, peer = loaded(context)
    strategy = strategy_of("yes-no", context.shelf.bundled(LLM))
    requests = [[_with(request, examples) for request in group] for group in asked(strategy, lists)]
    questions = Asked(strategy=strategy, lists=lists, requests=requests)
    return against_one_at_a_time(name, questions, adapter, peer, context, line=line)


def _with(request: Request, examples: tuple[Message, ...]) -> Request:
    """The request with the examples between its instruction and its question."""
    if not isinstance(request, LabelLogprobs):
        raise TypeError(f"yes-no asks for {type(request).__name__}")
    instruction, question = request.prompt.messages
    return replace(request, prompt=replace(request.prompt, messages=(instruction, *examples, question)))


def examples_of(found: Passages, skip: int) -> tuple[Message, ...]:
    """Real questions about passages of later queries, answered by their judgments; yes and no take turns."""
    strategy = strategy_of("yes-no")
    turns: list[Message] = []
    for number, one in enumerate(found.lists(EXAMPLES, 20, words=EXAMPLE_WORDS, skip=skip)):
        judged = found.judged.get(one.query.id, {})
        wanted = number % 2 == 0
        picked = [d for d in one.documents if (judged.get(d.id, 0) > 0) == wanted] or list(one.documents)
        shown = replace(one, documents=(picked[0], *[d for d in one.documents if d is not picked[0]]))
        (first, *_), *_ = asked(strategy, [shown])
        if not isinstance(first, LabelLogprobs):
            raise TypeError(f"yes-no asks for {type(first).__name__}")
        relevant = judged.get(picked[0].id, 0) > 0
        turns += [first.prompt.messages[-1], Message(role="assistant", parts=(Part(text="yes" if relevant else "no"),))]
    return tuple(turns)
