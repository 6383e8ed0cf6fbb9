"""What all strategies with a sliding window share: the schedule, the order that evolves, what is told of it.

A strategy of this kind says how one window is read (``read``); this module moves the windows from the last places to
the first (windows.py), several times over where asked, and collects repairs, thoughts and steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.domain.documents import CandidateList
from core.domain.requests import Answer, Generate, GenerateAnswer, Prompt, Request, Wanted
from core.strategies.base import Outcome, Step, Steps, ask, parameter
from core.strategies.listwise.passages import identifiers
from core.strategies.listwise.turns import without_echo
from core.strategies.listwise.windows import check_window, window_count, windows
from core.strategies.permutation import Permutation, parse_permutation, thought_of
from core.strategies.shuffles import shuffled
from core.strategies.trivial import first_stage_order, is_trivial


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a window was ordered. ``places``: 0 to n-1 of the window, best first; ``names``: of the passages as shown;
    ``thought``: what the model thought."""

    places: tuple[int, ...]
    names: tuple[str, ...]
    repairs: tuple[str, ...] = ()
    thought: str = ""


Read = Generator[Sequence[Request], Sequence[Answer], Reading]


class Reader(Protocol):
    """Orders one window."""

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """Ask for the order of the candidates at positions ``seen``, shown in this order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows(ABC):
    """One pass of windows over the list in its first-stage order."""

    window: int = parameter(20, help="Passages that the model sees at once.", minimum=2, maximum=200)
    step: int = parameter(
        10, help="Places between one window and the next, at most the window.", minimum=1, maximum=200
    )

    def __post_init__(self) -> None:
        """InvalidInputError where windows would leave gaps."""
        check_window(self.window, self.step)

    @abstractmethod
    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """Ask for the order of one window: the candidates at positions ``seen``, shown in this order."""

    def rerank(self, candidates: CandidateList) -> Steps:
        """One window per round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        return (yield from slide(self, candidates, self.start(candidates), self.spans(len(candidates.documents))))

    def forecast(self, n_docs: int) -> int:
        """One call per window."""
        return len(self.spans(n_docs)) if n_docs > 1 else 0

    def spans(self, n_docs: int) -> list[tuple[int, int]]:
        """(start, end) of every window in turn."""
        return list(windows(n_docs, self.window, self.step))

    def start(self, candidates: CandidateList) -> list[int]:
        """The order before the first window."""
        return list(range(len(candidates.documents)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedWindows(Windows):
    """Windows with RankLLM's options: several passes, each over the order that the one before it left, and a shuffled
    start."""

    passes: int = parameter(
        1,
        help="How often the windows slide over the whole list, each time over the order so far.",
        minimum=1,
        maximum=20,
    )
    shuffle: bool = parameter(
        False, help="Shuffle the candidates first, to see how much the result owes to the first stage."
    )
    seed: int = parameter(0, help="Draws the shuffled order, together with the query.", minimum=0, maximum=2**31 - 1)
    words: int = parameter(300, help="Words kept of every passage; 0 keeps all.", minimum=0, maximum=100_000)

    def forecast(self, n_docs: int) -> int:
        """One call per window and pass."""
        return self.passes * window_count(n_docs, self.window, self.step) if n_docs > 1 else 0

    def spans(self, n_docs: int) -> list[tuple[int, int]]:
        """The windows of one pass, as often as there are passes."""
        return list(windows(n_docs, self.window, self.step)) * self.passes

    def start(self, candidates: CandidateList) -> list[int]:
        """First-stage order, or shuffled."""
        order = list(range(len(candidates.documents)))
        return shuffled(order, self.seed, candidates.query) if self.shuffle else order


def slide(reader: Reader, candidates: CandidateList, start: Sequence[int], spans: Sequence[tuple[int, int]]) -> Steps:
    """Order ``start`` (positions) window by window; ``spans`` are places in it."""
    order, repairs, thoughts, steps = list(start), list[str](), list[str](), list[Step]()
    for number, (begin, end) in enumerate(spans, start=1):
        seen = order[begin:end]
        reading = yield from reader.read(candidates, seen)
        order[begin:end] = [seen[place] for place in reading.places]
        about = f"places {begin + 1} to {end}"
        repairs += [f"{about}: {repair}" for repair in reading.repairs]
        if reading.thought:
            thoughts.append(f"P{about[1:]}: {reading.thought}")
        read = " > ".join(reading.names[place] for place in reading.places)
        steps.append(Step(round=number, note=f"{about}: {read}", order=tuple(order)))
    return Outcome(order=tuple(order), repairs=tuple(repairs), reasoning=tuple(thoughts), steps=tuple(steps))


def write_order(
    prompt: Prompt,
    n: int,
    *,
    max_tokens: int,
    letters: bool = False,
    answer_tags: bool = False,
    frame: str = "{}",
    received: str = "",
    temperature: float = 0.0,
    seed: int = 0,
) -> Read:
    """Have the model write the order of ``n`` passages as [2] > [1] and read it. ``answer_tags``: only what stands in
    <answer> counts. ``received``: how the assistant acknowledges a passage, where it does (turns.py)."""
    names = identifiers(n, letters=letters)
    request = Generate(
        prompt=prompt,
        max_tokens=max_tokens,
        temperature=temperature,
        seed=seed,
        wanted=Wanted(kind="order", names=names, frame=frame),
    )
    (answer,) = yield from ask([request], GenerateAnswer)
    text = without_echo(answer.text, received) if received else answer.text
    found = parse_permutation(text, n, expect_answer=answer_tags, finished=answer.finished, letters=letters)
    return reading_of(found, names, answer.text)


def reading_of(found: Permutation, names: tuple[str, ...], text: str) -> Reading:
    """A parsed permutation with the thought in the model's text."""
    return Reading(places=found.order, names=names, repairs=found.repairs, thought=thought_of(text))
