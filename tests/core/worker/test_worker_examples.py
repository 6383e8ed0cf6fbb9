"""Judged examples through the real scheduler, what an index costs, and strategies that fit a curve end to end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.collection_writer import write_collection
from core.domain.documents import CandidateList, Document, Query
from core.domain.rankings import LogicalCost
from core.domain.requests import Example, Examples, ExamplesAnswer, Score, ScoreAnswer
from core.domain.work import Progress, Ranked, RankFailed
from core.strategies.aggregation.platt import fit_platt
from core.strategies.aggregation.relevance_threshold import RelevanceThreshold
from core.strategies.aggregation.score_fusion import ScoreFusion
from core.strategies.aggregation.self_consistency import SelfConsistency
from core.strategies.base import Outcome, StrategyInfo, ask, by_score
from tests.support.engine_fakes import Bench, make_bench, make_list, make_system, rank_work
from tests.support.small_strategies import INFO

QUERIES = ("ferry", "dog", "cabin", "storm")
DOCUMENTS = tuple(
    Document(id=f"{topic[0]}{number}", text=f"{number + place / 10} {topic}")
    for place, topic in enumerate(QUERIES)
    for number in range(4)
)
QRELS = {
    "ferry": {"f3": 2, "f0": 0, "gone": 1},
    "dog": {"d3": 1, "d1": 0, "d2": 1},
    "cabin": {"c0": 0, "c3": 1},
}


@dataclass(frozen=True)
class Asker:
    """Keeps the examples it is given; ranks nothing."""

    count: int = 10
    depth: int = 20
    seed: int = 0
    seen: list[tuple[Example, ...]] = field(default_factory=list)
    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates):
        request = Examples(candidates=candidates, count=self.count, depth=self.depth, seed=self.seed)
        (answer,) = yield from ask([request], ExamplesAnswer)
        self.seen.append(answer.examples)
        return Outcome(order=tuple(range(len(candidates.documents))))

    def forecast(self, n_docs):
        return 0


@dataclass(frozen=True)
class Indexed:
    """Scores of documents, those of the index first."""

    info: ClassVar[StrategyInfo] = INFO

    def rerank(self, candidates):
        made = [Score(query="anchor", document=d, indexed=True) for d in candidates.documents]
        yield from ask(made, ScoreAnswer)
        answers = yield from ask([replace(request, query="q", indexed=False) for request in made[:2]], ScoreAnswer)
        rest = (0.0,) * (len(made) - 2)
        scores = (*(answer.score for answer in answers), *rest)
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs):
        return 2


def collection(tmp_path, qrels=QRELS, texts=QUERIES) -> CollectionFile:
    queries = [Query(id=id, text=text) for id, text in zip(QUERIES, texts, strict=True)]
    written = write_collection(tmp_path, DOCUMENTS, queries, qrels, None, name="test", origin="a test")
    return CollectionFile(written.path)


def list_of(file: CollectionFile | None, id: str, text: str = "") -> CandidateList:
    return CandidateList(
        query=Query(id=id, text=text or id),
        documents=make_list(["1", "2", "3"]).documents,
        collection=file.fingerprint if file else None,
    )


def run(strategy, lists, tmp_path=None, members=()) -> tuple[Bench, list]:
    """The strategy over all lists; collections lie in ``tmp_path``."""
    bench = make_bench(strategies={"tried": strategy})
    files = () if tmp_path is None else tuple(tmp_path.glob("*.sqlite"))
    work = rank_work("j", [make_system("tried", members=members)], lists)
    return bench, bench.run(replace(work, collections=tuple((path.stem, path) for path in files)))


def rankings(events):
    return [event.ranking for event in events if isinstance(event, Ranked)]


def graded(examples) -> dict[str, dict[str, int]]:
    """Query to judged document to grade."""
    return {
        one.candidates.query.id: {id: g for id, g in zip(one.candidates.ids, one.grades, strict=True) if g is not None}
        for one in examples
    }


def test_the_other_judged_queries_are_given_with_their_grades(tmp_path):
    file, asker = collection(tmp_path), Asker()
    _, events = run(asker, [list_of(file, "ferry")], tmp_path)
    (examples,) = asker.seen
    known = {query: {id: g for id, g in grades.items() if id != "gone"} for query, grades in QRELS.items()}
    assert graded(examples) == {query: known[query] for query in ("dog", "cabin")}
    for one in examples:
        assert one.candidates.collection == file.fingerprint
        assert one.candidates.documents == file.documents(one.candidates.ids)
        assert set(one.candidates.ids) == {id for id in one.candidates.ids if id[0] == one.candidates.query.id[0]}
        assert len(one.candidates.ids) == 4  # what its words find, judged or not
    (ranking,) = rankings(events)
    assert ranking.logical == LogicalCost()  # it is no call


def test_examples_stand_in_the_order_of_the_search_and_not_of_the_grades(tmp_path):
    file, asker = collection(tmp_path), Asker()
    run(asker, [list_of(file, "ferry")], tmp_path)
    for one in asker.seen[0]:
        found = [document.id for document in file.search(one.candidates.query.text, 20)]
        assert list(one.candidates.ids) == found


@pytest.mark.parametrize("text", [" ferry TIMES ", "Ferry times?", "“ferry”, times!"])
def test_a_query_of_the_same_words_is_left_out_whatever_its_id(tmp_path, text):
    file, asker = collection(tmp_path, texts=("Ferry  times", "dog", "cabin", "storm")), Asker()
    run(asker, [list_of(file, "pasted", text=text)], tmp_path)
    assert sorted(graded(asker.seen[0])) == ["cabin", "dog"]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_judged_documents_come_before_others_where_there_is_room_for_few(tmp_path, depth):
    file, asker = collection(tmp_path), Asker(depth=depth)
    run(asker, [list_of(file, "storm")], tmp_path)
    for query, grades in graded(asker.seen[0]).items():
        assert len(grades) == min(depth, len([id for id in QRELS[query] if id != "gone"]))
    assert {len(one.grades) for one in asker.seen[0]} == {depth}


def test_lists_of_a_collection_share_what_is_drawn_and_another_seed_draws_otherwise(tmp_path):
    file = collection(tmp_path)
    drawn = []
    for seed in range(6):
        asker = Asker(count=1, seed=seed)
        run(asker, [list_of(file, "storm"), list_of(file, "pasted")], tmp_path)
        assert asker.seen[0] == asker.seen[1]
        drawn += [one.candidates.query.id for one in asker.seen[0]]
    assert len(set(drawn)) > 1
    assert set(drawn) <= set(QRELS)


def test_without_judgments_queries_come_without_grades(tmp_path):
    file, asker = collection(tmp_path, qrels={}), Asker()
    run(asker, [list_of(file, "ferry")], tmp_path)
    (examples,) = asker.seen
    assert sorted(one.candidates.query.id for one in examples) == ["cabin", "dog", "storm"]
    assert {grade for one in examples for grade in one.grades} == {None}


def test_pasted_candidates_have_no_examples():
    asker = Asker()
    _, events = run(asker, [list_of(None, "ferry")])
    assert asker.seen == [()]
    assert len(rankings(events)) == 1


def test_a_collection_that_is_not_open_here_is_an_error(tmp_path):
    file, asker = collection(tmp_path), Asker()
    _, events = run(asker, [list_of(file, "ferry")])
    (failed,) = [event for event in events if isinstance(event, RankFailed)]
    assert f"Collection {file.fingerprint[:12]} is not open here" in failed.message
    assert asker.seen == []


def test_answers_of_an_index_cost_seconds_and_no_calls():
    _, events = run(Indexed(), [make_list(["3", "1 SLOW", "2", "0"])])
    (ranking,) = rankings(events)
    assert ranking.order == ("d0", "d1", "d2", "d3")
    assert ranking.logical == LogicalCost(calls=2, prompt_tokens=3, depth=1)
    assert ranking.executed.calls == 6
    assert ranking.executed.seconds >= 0.1  # the slow text was scored twice
    told = [event for event in events if isinstance(event, Progress)]
    assert (told[-1].done, told[-1].total) == (2, 2)


def test_a_fitted_fusion_learns_from_the_other_queries_only(tmp_path):
    """Both members score by the document's number, so each curve is Platt's over the judged of dog and cabin."""
    file = collection(tmp_path)
    fusion = ScoreFusion(calibration="platt", examples=10, depth=20)
    members = [make_system("pointwise"), make_system("insertion")]
    bench, events = run(fusion, [list_of(file, "ferry"), list_of(file, "dog")], tmp_path, members=members)
    learnt = {"ferry": ("dog", "cabin"), "dog": ("ferry", "cabin")}
    for ranking, others in zip(rankings(events), learnt.values(), strict=True):
        expected = _by_platt(others, (3.0, 2.0, 1.0)) + _by_platt(others, (1 / 61, 1 / 62, 1 / 63), ranks=True)
        assert ranking.scores == pytest.approx(expected, abs=1e-7)
        assert ranking.order == ("d2", "d1", "d0")
        assert ranking.repairs == ("member 2 gives no scores; 1 / (60 + rank) stands for them",)
    told = [event for event in events if isinstance(event, Progress)]
    assert all(event.done <= event.total for event in told)
    assert told[-1].done == told[-1].total
    assert sum(ranking.executed.calls for ranking in rankings(events)) == sum(map(len, bench.batches))


def _by_platt(queries, scores, *, ranks=False):
    """Probabilities by a curve through the judged documents of ``queries``: numbers, or reciprocal ranks by them."""
    judged = []
    for query in queries:
        numbers = sorted(
            (float(document.text.split()[0]) for document in DOCUMENTS if query in document.text), reverse=True
        )
        for id, grade in QRELS[query].items():
            if id != "gone":
                number = next(float(document.text.split()[0]) for document in DOCUMENTS if document.id == id)
                judged.append((1 / (61 + numbers.index(number)) if ranks else number, grade > 0))
    curve = fit_platt(np.array([score for score, _ in judged]), np.array([relevant for _, relevant in judged]))
    return curve(np.array(scores))


def test_a_threshold_cuts_by_what_other_queries_show(tmp_path):
    file = collection(tmp_path)
    strategy = RelevanceThreshold(curve="isotonic", threshold=0.95)
    _, events = run(strategy, [list_of(file, "storm")], tmp_path, members=[make_system("pointwise")])
    (ranking,) = rankings(events)
    assert ranking.order == ("d2", "d1", "d0")
    assert ranking.keep == 1  # the curve rises from 1.1 (irrelevant) to 2.1 (relevant): 3 has 1, 2 has 0.9
    assert ranking.logical.calls == 3 + 3 * 4


def test_self_consistency_shares_equal_shuffles_and_forecasts_all():
    """Three documents have six orders, so of eight shuffles some are the same list and are ranked once."""
    _, events = run(SelfConsistency(shuffles=8), [make_list(["1", "3", "2"])], members=[make_system("insertion")])
    (ranking,) = rankings(events)
    assert ranking.order == ("d1", "d2", "d0")
    told = [event for event in events if isinstance(event, Progress)]
    assert told[0].total == 8 * 3
    assert told[-1].done == told[-1].total == ranking.logical.calls
