"""Which requests make the next batch: the pool's choice and the cut along what they share, against brute force."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.requests import Generate, GenerateAnswer, Message, Part, Prompt, Request, Score, Usage
from core.domain.work import Priority
from core.models.base import Arrangement
from core.worker.batches import BatchRunner
from core.worker.budget import Budgets
from core.worker.cutting import Cutter, Limits
from core.worker.pool import WINDOW, Pending, Pool
from core.worker.progress import JobProgress
from core.worker.task import Task, Ticket
from tests.support.engine_fakes import make_list, make_system, model_entry

ENTRY = model_entry()


@dataclass
class Sharing:
    """Texts are numbers; neighbours by number share all but one token, so a text costs its number or 1."""

    entry: object = ENTRY
    arranged: list[int] = field(default_factory=list)

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        self.arranged.append(len(requests))
        sizes = [int(request.document.text) for request in requests]
        order = sorted(range(len(sizes)), key=lambda place: sizes[place])
        return Arrangement(
            order=tuple(order), full=tuple(sizes[place] for place in order), added=tuple(1 for _ in order)
        )


def pendings(sizes: Sequence[int]) -> list[Pending]:
    documents = make_list([str(size) for size in sizes]).documents
    return [
        Pending(f"k{number}", Score(query="q", document=document), ENTRY, ("m", "Score"), number)
        for number, document in enumerate(documents)
    ]


def up_to(tokens: int) -> Limits:
    """The same limit whether requests share much or not."""
    return Limits(plain=tokens, shared=tokens)


def sizes_of(batch: Sequence[Pending]) -> list[int]:
    return [int(pending.request.document.text) for pending in batch]


def test_requests_that_share_much_may_make_a_longer_batch():
    window = pendings([5, 9, 7, 6, 8])
    assert sizes_of(Cutter().cut(Sharing(), window, Limits(plain=6, shared=8))) == [5, 6, 7, 8]
    small = pendings([1, 1, 1, 1])  # each adds all of its tokens
    assert sizes_of(Cutter().cut(Sharing(), small, Limits(plain=2, shared=4))) == [1, 1]


def test_only_a_known_pace_makes_longer_batches_and_people_wait_less():
    budgets = Budgets()
    assert budgets.shared_limit("g", 10_000, Priority.BACKGROUND) == budgets.limit("g", 10_000)
    budgets.learn("g", 200, 0.5)
    plain = budgets.limit("g", 10_000)
    people, background = (budgets.shared_limit("g", 10_000, urgency) for urgency in sorted(Priority))
    assert plain < people < background == 8 * plain
    assert budgets.shared_limit("g", plain + 1, Priority.BACKGROUND) == plain + 1
    budgets.did_not_fit("g", 100)
    assert budgets.shared_limit("g", 10_000, Priority.BACKGROUND) == 50


def test_a_batch_opens_in_full_and_grows_by_what_is_added():
    window = pendings([5, 9, 7, 6, 8])
    assert sizes_of(Cutter().cut(Sharing(), window, up_to(8))) == [5, 6, 7, 8]  # 5 and three times 1
    assert sizes_of(Cutter().cut(Sharing(), window, up_to(7))) == [5, 6, 7]
    assert sizes_of(Cutter().cut(Sharing(), window[1:], up_to(10))) == [6, 7, 8, 9]  # 6 and three times 1
    assert sizes_of(Cutter().cut(Sharing(), window[1:], up_to(8))) == [
        9
    ]  # 6 + 1 + 1 is full; the first of the window is 9
    assert sizes_of(Cutter().cut(Sharing(), window[1:], up_to(2))) == [9]  # too large for any batch, so it runs alone


def test_what_adds_next_to_nothing_rides_along_with_a_long_request():
    window = pendings([32, 33, 34, 35])
    assert sizes_of(Cutter().cut(Sharing(), window, up_to(5))) == [32, 33, 34]  # 32 and two: a sixteenth of it
    assert sizes_of(Cutter().cut(Sharing(), window[1:], up_to(5))) == [33, 34, 35]
    assert sizes_of(Cutter().cut(Sharing(), pendings([15, 16]), up_to(5))) == [15]


def test_a_window_is_arranged_once_while_nothing_new_is_in_it():
    cutter, adapter = Cutter(), Sharing()
    window = pendings([3, 4, 5, 6, 7, 8])
    first = cutter.cut(adapter, window, up_to(5))
    assert sizes_of(first) == [3, 4, 5]
    rest = [pending for pending in window if pending not in first]
    assert sizes_of(cutter.cut(adapter, rest, up_to(8))) == [6, 7, 8]  # 6 has lost its neighbour and counts in full
    assert adapter.arranged == [6]
    assert sizes_of(cutter.cut(adapter, [*rest, *pendings(range(1, 9))[-1:]], up_to(7))) == [6, 7]
    assert adapter.arranged == [6, 4]
    cutter.cut(Sharing(), rest, up_to(7))  # another model, or the same one loaded again
    cutter.forget()
    cutter.cut(adapter, rest, up_to(7))
    assert adapter.arranged == [6, 4, 3]


def test_a_gap_in_the_order_is_counted_in_full():
    cutter, adapter = Cutter(), Sharing()
    window = pendings([2, 3, 4, 5])
    cutter.cut(adapter, window, up_to(100))
    assert sizes_of(cutter.cut(adapter, [window[0], window[1], window[3]], up_to(7))) == [
        2,
        3,
    ]  # 2 + 1, and 5 in full is over
    assert adapter.arranged == [4]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(1, 60))
def test_cutting_takes_everything_once_and_keeps_to_the_limit(sizes, limit):
    cutter, adapter = Cutter(), Sharing()
    window = pendings(sizes)
    taken: list[Pending] = []
    while window:
        batch = cutter.cut(adapter, window, up_to(limit))
        assert window[0] in batch
        run = sizes_of(batch)
        assert len(batch) == 1 or run[0] + len(run) - 1 <= max(limit, run[0] + run[0] // 16)
        taken += batch
        window = [pending for pending in window if pending not in batch]
    assert sorted(pending.number for pending in taken) == list(range(len(sizes)))
    assert len(adapter.arranged) == 1


class Broken:
    entry = ENTRY

    def arrange(self, requests):
        raise ValueError("no such character")


def test_a_request_that_cannot_be_arranged_makes_the_first_run_alone(caplog):
    window = pendings([1, 2, 3])
    assert Cutter().cut(Broken(), window, up_to(100)) == window[:1]
    assert "could not arrange 3 requests" in caplog.text


def progress(job: str, priority: Priority, served_s: float) -> JobProgress:
    made = JobProgress(job, priority, lambda _event: None, lambda: 0.0)
    made.served_s = served_s
    return made


@pytest.mark.parametrize("seed", range(20))
def test_the_choice_is_that_of_the_definition(seed):
    rng = random.Random(seed)
    jobs = [progress(str(n), rng.choice(list(Priority)), rng.choice([0.0, 1.0, 2.0])) for n in range(4)]
    entries = [model_entry("a"), model_entry("b")]
    pool, everything = Pool(), {}
    for number in range(rng.choice([30, 700])):
        task = Task(system=make_system("pointwise"), candidates=make_list(["1"], query=str(number)))
        task.tickets = [Ticket(job, "", 1, 1) for job in rng.sample(jobs, rng.choice([1, 1, 2]))]
        for _ in range(rng.choice([1, 3])):
            key, entry = f"k{rng.randrange(2000)}", rng.choice(entries)
            key = f"{entry.id}{key}"
            pool.add(key, Score(query=key, document=task.candidates.documents[0]), entry, (task, 0))
            everything.setdefault(key, []).append((task, entry.id))
    standing = {
        task: min((t.progress.priority, t.progress.served_s) for t in task.tickets)
        for askers in everything.values()
        for task, _ in askers
    }
    best = {key: min(standing[task] for task, _ in askers) for key, askers in everything.items()}
    window = pool.choose()
    first = best[window[0].key]
    assert first == min(best.values())
    model = window[0].model.id
    fitting = [key for key, askers in everything.items() if askers[0][1] == model and best[key][0] == first[0]]
    assert len(window) == min(WINDOW, len(fitting)) == len({pending.key for pending in window})
    assert {pending.key for pending in window} <= set(fitting)
    ranks = [best[pending.key] for pending in window]
    assert ranks == sorted(ranks)  # nobody overtakes a job that was served less
    pool.take(window)
    left = set(everything) - {pending.key for pending in window}
    assert len(pool) == len(left)
    taken = [pending.key for pending in itertools.chain.from_iterable(emptied(pool))]
    assert sorted(taken) == sorted(left)


def emptied(pool: Pool):
    while window := pool.choose():
        pool.take(window)
        yield window


class Priced:
    """Executed tokens as given; the second of three generates ten more."""

    entry, batch_tokens = ENTRY, 1000

    def shares(self, requests):
        return [5.0, 20.0, 5.0][: len(requests)]

    def answer(self, requests, cancelled):
        return [GenerateAnswer(text="", usage=Usage(prompt_tokens=99, generated_tokens=n)) for n in (0, 10, 0)]


def test_seconds_are_divided_by_shares_and_the_pace_is_that_of_executed_tokens():
    now = iter([0.0, 0.0, 4.0, 4.0, 4.0])
    budgets = Budgets()
    prompt = Prompt(messages=(Message(role="user", parts=(Part(text="x"),)),))
    batch = [Pending(str(n), Generate(prompt=prompt, max_tokens=n), ENTRY, ("m", "G"), n) for n in range(3)]
    executed = BatchRunner(budgets, lambda: next(now), lambda _adapter: False).run(Priced(), batch, lambda: False)
    assert executed.seconds == [0.5, 3.0, 0.5]  # 4 s over 5, 20 + 10 and 5 tokens
    assert budgets.limit(("m", "G"), 1000) == int(0.5 * 30 / 4)  # thirty tokens in, whatever came out
