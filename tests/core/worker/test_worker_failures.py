"""What fails, fails alone and says why; nothing unsound is sorted, cached or shown."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from core.domain.requests import Rank, Score
from core.domain.work import Ended, Progress, Ranked, RankFailed
from core.models.base import OutOfMemoryError
from core.strategies.base import Outcome
from core.worker.keys import request_key
from tests.support.engine_fakes import make_bench, make_list, make_system, model_entry, rank_work
from tests.support.small_strategies import Scripted


def failures(events):
    return {e.candidates: e.message for e in events if isinstance(e, RankFailed)}


def ranked(events):
    return [e.ranking for e in events if isinstance(e, Ranked)]


def test_a_batch_that_does_not_fit_is_halved_until_it_does():
    candidates = make_list([str(i) for i in range(8)])
    bench = make_bench()
    events = bench.run(rank_work("j", [make_system("pointwise", model_entry(fits="2"))], [candidates]))
    assert [len(batch) for batch in bench.batches] == [8, 4, 2, 2, 4, 2, 2]
    assert ranked(events)[0].order == tuple(f"d{i}" for i in range(7, -1, -1))


def test_after_running_out_of_memory_the_next_batches_are_smaller():
    system = make_system("pointwise", model_entry(fits="2"))
    bench = make_bench()
    bench.run(rank_work("a", [system], [make_list([str(i) for i in range(8)])]))
    before = len(bench.batches)
    bench.run(rank_work("b", [system], [make_list([str(i) for i in range(8, 14)])]))
    assert [len(batch) for batch in bench.batches[before:]] == [2, 2, 2]


def test_a_request_that_never_fits_does_not_make_the_batches_of_the_others_smaller():
    system = make_system("pointwise")
    bench = make_bench()
    lists = [make_list(["1", "2 OOM"], query="bad"), make_list([str(i) for i in range(6)], query="good")]
    assert len(ranked(bench.run(rank_work("a", [system], lists)))) == 1
    assert len(bench.batches[0]) == 8
    before = len(bench.batches)
    bench.run(rank_work("b", [system], [make_list([str(i) for i in range(8)], query="next")]))
    assert [len(batch) for batch in bench.batches[before:]] == [8]


class Tensor:
    """Stands for the memory of a forward pass."""


def test_memory_of_a_batch_that_did_not_fit_is_free_before_the_next_is_tried():
    held: weakref.WeakSet[Tensor] = weakref.WeakSet()
    left: list[int] = []

    def allocate(_adapter, requests):
        left.append(len(held))
        tensors = [Tensor() for _ in requests]
        held.update(tensors)
        if len(requests) > 2:
            try:
                raise MemoryError("refused")
            except MemoryError as error:
                cause = error  # a frame that holds the error that holds the frame, as libraries have them
                raise OutOfMemoryError("does not fit") from cause

    bench = make_bench(on_batch=allocate)
    bench.run(rank_work("j", [make_system("pointwise")], [make_list([str(i) for i in range(8)])]))
    assert [len(batch) for batch in bench.batches] == [8, 4, 2, 2, 4, 2, 2]
    assert left == [0] * 7


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("OOM", "pointwise: small ran out of memory on a single request"),
        ("RAISE", "RuntimeError: index out of range (incident "),
        ("SHORT", "the model gave 0 answers to 1 requests"),
        ("NAN", "pointwise: 1 non-finite scores"),
    ],
)
def test_one_bad_request_fails_only_its_ranking(fault, said):
    good = [make_list([str(i), str(i + 1)], query=f"q{i}") for i in range(4)]
    bad = make_list(["1", f"2 {fault}", "3"], query="bad")
    events = make_bench().run(rank_work("j", [make_system("pointwise")], [*good[:2], bad, *good[2:]]))
    assert len(ranked(events)) == 4
    assert list(failures(events)) == [bad.hash]
    assert said in failures(events)[bad.hash]
    assert events[-1] == Ended(job="j")


def test_non_finite_scores_are_counted_over_the_list():
    events = make_bench().run(rank_work("j", [make_system("pointwise")], [make_list(["NAN 1", "NAN 2", "NAN 3", "4"])]))
    assert list(failures(events).values()) == ["pointwise: 3 non-finite scores"]


def test_non_finite_answers_are_not_kept(tmp_path):
    work = rank_work("j", [make_system("pointwise")], [make_list(["NAN 1", "2"])])
    make_bench(tmp_path).run(work)
    again = make_bench(tmp_path)
    assert len(failures(again.run(work))) == 1
    assert [[r.document.text for r in batch] for batch in again.batches] == [["NAN 1"]]


def test_a_model_that_cannot_be_loaded_fails_its_systems_once_each_and_no_others():
    bad = make_system("pointwise", model_entry("bad", fail="no weights"))
    lists = [make_list(["1", "2"], query=f"q{i}") for i in range(3)]
    bench = make_bench()
    events = bench.run(rank_work("j", [bad, make_system("pointwise")], lists))
    assert len(ranked(events)) == 3
    assert set(failures(events).values()) == {"pointwise: Could not load bad: no weights."}
    assert sum(1 for e in events if isinstance(e, Progress) and e.note == "loading bad") == 1


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (Outcome(order=(0, 0, 1)), "no permutation of its 3 candidates: [0, 0, 1]"),
        (Outcome(order=(0, 1)), "no permutation"),
        (Outcome(order=(1, 2, 3)), "no permutation"),
        (Outcome(order=(0, 1, 2), scores=(1.0, float("inf"), float("nan"))), "odd: 2 non-finite scores"),
        (Outcome(order=(0, 1, 2), scores=(1.0,)), "returned 1 scores for 3 candidates"),
        ([0, 1, 2], "returned list, not an Outcome"),
        (KeyError("lost"), "failed while running the strategy: KeyError: 'lost' (incident "),
    ],
)
def test_an_unsound_outcome_is_refused(returned, said):
    bench = make_bench(strategies={"odd": Scripted(returned)})
    events = bench.run(rank_work("j", [make_system("odd")], [make_list(["1", "2", "3"])]))
    (message,) = failures(events).values()
    assert said in message
    assert not ranked(events)


def test_equal_scores_stand_in_first_stage_order():
    outcome = Outcome(order=(3, 1, 0, 2), scores=(1.0, 1.0, 0.5, 1.0))
    bench = make_bench(strategies={"odd": Scripted(outcome)})
    (ranking,) = ranked(bench.run(rank_work("j", [make_system("odd")], [make_list(["1", "2", "3", "4"])])))
    assert ranking.order == ("d0", "d1", "d3", "d2")
    assert ranking.scores == (1.0, 1.0, 1.0, 0.5)


def test_numbers_of_numpy_become_plain_ones():
    outcome = Outcome(order=tuple(np.argsort([2.0, 1.0])), scores=tuple(np.array([0.5, 1.5], dtype=np.float32)))
    bench = make_bench(strategies={"odd": Scripted(outcome)})
    (ranking,) = ranked(bench.run(rank_work("j", [make_system("odd")], [make_list(["1", "2"])])))
    assert [type(score) for score in ranking.scores] == [float, float]


class Asks:
    """Asks once for something it may not have."""

    def __init__(self, request):
        self.request = request

    def rerank(self, candidates):
        yield [self.request]
        raise AssertionError("was answered")

    def forecast(self, n_docs):
        return 1


def test_a_slot_or_a_member_that_is_not_there_is_named():
    candidates = make_list(["1", "2"])
    strategies = {
        "slot": Asks(Score(query="q", document=candidates.documents[0], slot="judge")),
        "member": Asks(Rank(member=2, candidates=candidates)),
    }
    bench = make_bench(strategies=strategies)
    events = bench.run(rank_work("j", [make_system("slot"), make_system("member")], [candidates]))
    messages = sorted(e.message for e in events if isinstance(e, RankFailed))
    assert messages == [
        "member: asked for member 2; it has 0",
        "slot: asked Score of the slot 'judge'; its slots are: model",
    ]


def test_a_member_that_fails_fails_the_fusion_with_its_reason():
    fused = make_system("fusion", members=[make_system("insertion"), make_system("pointwise")])
    events = make_bench().run(rank_work("j", [fused], [make_list(["1", "2 RAISE"])]))
    (message,) = failures(events).values()
    assert message.startswith("fusion: ")
    assert ": failed while asking small: RuntimeError" in message


def test_what_killed_the_process_before_is_refused_and_the_rest_goes_on():
    bad, good = make_list(["1", "2"], query="bad"), make_list(["3", "4"], query="good")
    entry = model_entry()
    key = request_key(Score(query="bad", document=bad.documents[0]), entry)
    bench = make_bench(poisoned={key: "the engine died on this request (signal 9 (SIGKILL))"})
    events = bench.run(rank_work("j", [make_system("pointwise", entry)], [bad, good]))
    assert failures(events) == {bad.hash: "pointwise: the engine died on this request (signal 9 (SIGKILL))"}
    assert [r.candidates for r in ranked(events)] == [good.hash]


def test_suspects_run_alone():
    candidates = make_list(["1", "2", "3", "4"])
    entry = model_entry()
    suspects = [request_key(Score(query="q", document=candidates.documents[i]), entry) for i in (1, 2)]
    bench = make_bench(suspects=suspects)
    bench.run(rank_work("j", [make_system("pointwise", entry)], [candidates]))
    batches = [sorted(r.document.id for r in batch) for batch in bench.batches]
    assert sorted(batches) == [["d0", "d3"], ["d1"], ["d2"]]
    assert (suspects[0],) in bench.announced


def test_everything_that_might_kill_is_announced_and_taken_back():
    bench = make_bench()
    bench.run(rank_work("j", [make_system("pointwise")], [make_list(["1", "2"])]))
    assert [bool(keys) for keys in bench.announced] == [True, False, True, False]  # a load, a batch
    assert bench.announced[0][0].startswith("load:")
    assert len(bench.announced[2]) == 2


def test_models_beyond_the_memory_limit_are_given_back_least_recently_used_first():
    entries = [model_entry(name, memory="40000000") for name in ("a", "b", "c")]
    bench = make_bench(memory_mb=100)
    for entry in (*entries[:2], entries[0], entries[2]):
        query = f"{entry.id}{len(bench.events)}"
        bench.run(rank_work("j", [make_system("pointwise", entry)], [make_list(["1", "2"], query=query)]))
    assert tuple(model.id for model in bench.scheduler.models()) == ("a", "c")
    assert [adapter.entry.id for adapter in bench.adapters if adapter.closed] == ["b"]
