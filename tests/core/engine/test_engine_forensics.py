"""Guilt is shown, not assumed; and what is left of a job is what was not delivered."""

from __future__ import annotations

from core.domain.documents import Query
from core.domain.rankings import Ranking
from core.domain.work import Ended, Progress, Ranked, RankFailed, Retrieved, RetrieveWork
from core.engine.book import JobBook
from core.engine.forensics import Forensics
from core.engine.process import describe_exit
from tests.support.engine_fakes import make_list, make_system, rank_work


def test_a_batch_that_dies_is_suspected_and_only_the_one_that_dies_alone_is_poisoned():
    forensics = Forensics(give_up_after=5)
    forensics.began(("a", "b", "c"))
    assert forensics.died("signal 9", "", ["j"]) is None
    assert forensics.suspects == {"a", "b", "c"}
    assert not forensics.poisoned
    forensics.began(("a",))
    forensics.finished()
    forensics.began(("b",))
    forensics.died("signal 9", "", ["j"])
    assert forensics.poisoned == {"b": "the engine died on this request (signal 9), also when it ran alone"}
    assert forensics.suspects == {"b", "c"}


def test_a_request_that_was_alone_the_first_time_gets_a_second_chance():
    forensics = Forensics(give_up_after=5)
    for expected in ([], ["a"]):
        forensics.began(("a",))
        forensics.died("signal 11", "", ["j"])
        assert list(forensics.poisoned) == expected


def test_what_a_stuck_process_was_doing_counts_like_a_batch():
    forensics = Forensics(give_up_after=5)
    for _ in range(2):
        forensics.died("stuck for 600 s", "task:x:y", ["j"])
    assert list(forensics.poisoned) == ["task:x:y"]


def test_without_a_known_cause_jobs_are_tried_one_at_a_time_and_the_culprit_ends():
    forensics = Forensics(give_up_after=9)
    assert forensics.died("signal 9", "", ["a", "b"]) is None
    assert not forensics.isolate
    assert forensics.died("signal 9", "", ["a", "b"]) is None
    assert forensics.isolate
    assert forensics.died("signal 9", "", ["a"]) is None
    assert forensics.died("signal 9", "", ["a"]) == "a"


def test_progress_starts_the_count_of_deaths_anew():
    forensics = Forensics(give_up_after=2)
    forensics.died("x", "", [])
    forensics.progressed()
    forensics.died("x", "", [])
    assert not forensics.hopeless
    forensics.died("x", "", [])
    assert forensics.hopeless


def test_exits_in_words():
    assert describe_exit(-9) == "signal 9 (SIGKILL)"
    assert describe_exit(1) == "exit status 1"
    assert describe_exit(-250) == "signal 250"


def ranked(job, system, candidates):
    return Ranked(job=job, ranking=Ranking(system=system.fingerprint, candidates=candidates.hash, order=candidates.ids))


def test_delivered_rankings_and_failures_are_not_asked_again():
    systems = [make_system("pointwise"), make_system("insertion")]
    lists = [make_list(["1", "2"], query=f"q{i}") for i in range(2)]
    book = JobBook()
    book.add(rank_work("j", systems, lists), lambda _event: None)
    entry = book.entry("j")
    assert entry is not None
    entry.note(ranked("j", systems[0], lists[0]))
    entry.note(RankFailed(job="j", system=systems[1].fingerprint, candidates=lists[1].hash, message="x"))
    assert entry.left().tasks == ((1, 0), (0, 1))
    assert entry.work.tasks == ((0, 0), (1, 0), (0, 1), (1, 1))


def test_a_pair_asked_twice_needs_two_deliveries():
    system, candidates = make_system("pointwise"), make_list(["1", "2"])
    book = JobBook()
    book.add(rank_work("j", [system], [candidates, candidates]), lambda _event: None)
    entry = book.entry("j")
    assert entry is not None
    entry.note(ranked("j", system, candidates))
    assert len(entry.left().tasks) == 1


def test_delivered_queries_are_not_retrieved_again(tmp_path):
    queries = tuple(Query(id=f"q{i}", text="x") for i in range(3))
    book = JobBook()
    book.add(RetrieveWork(job="r", collection="c", path=tmp_path, queries=queries), lambda _event: None)
    entry = book.entry("r")
    assert entry is not None
    entry.note(Retrieved(job="r", candidates=make_list(["1"], query="q1")))
    assert [query.id for query in entry.left().queries] == ["q0", "q2"]


def test_progress_goes_on_where_it_stood_after_a_restart():
    book = JobBook()
    book.add(rank_work("j", [], []), lambda _event: None)
    entry = book.entry("j")
    assert entry is not None
    entry.sent = True
    assert entry.note(Progress(job="j", done=60, total=100)) == Progress(job="j", done=60, total=100)
    entry.unsend()
    told = [entry.note(Progress(job="j", done=done, total=70)) for done in (0, 50, 70)]  # 30 were delivered
    assert [(progress.done, progress.total) for progress in told] == [(60, 100), (80, 100), (100, 100)]
    assert entry.note(Ended(job="j")) == Ended(job="j")


def test_what_was_given_up_stays_suspected():
    forensics = Forensics(give_up_after=5)
    forensics.began(("a", "b"))
    forensics.died("killed", "", ["job"])
    forensics.began(("a",))
    forensics.began(())  # a person's work interrupted it
    assert forensics.suspects == {"a", "b"}
    assert forensics.deaths == 1
    forensics.began(("a",))
    forensics.died("killed", "", ["job"])
    assert list(forensics.poisoned) == ["a"]
