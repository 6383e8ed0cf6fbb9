"""The answer cache: exact, bounded, shared, and never worse than not having one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.domain.requests import (
    Cut,
    EmbedAnswer,
    GenerateAnswer,
    LabelAnswer,
    LikelihoodAnswer,
    RankAnswer,
    ScoreAnswer,
    ScoreListAnswer,
    Usage,
)
from core.domain.work import Ranked
from core.worker.answer_cache import AnswerCache
from core.worker.answer_codec import DamagedAnswerError, pack, unpack
from core.worker.disk_cache import DiskCache
from tests.support.engine_fakes import make_bench, make_list, make_system, rank_work

numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 1000)
cuts = st.builds(Cut, document_id=st.text(), tokens=counts, kept=counts)
usages = st.builds(Usage, prompt_tokens=counts, generated_tokens=counts, cuts=st.lists(cuts, max_size=3).map(tuple))
tuples = st.lists(numbers, max_size=5).map(tuple)
answers = st.one_of(
    st.builds(ScoreAnswer, score=numbers, usage=usages),
    st.builds(LabelAnswer, logprobs=st.lists(numbers | st.none(), max_size=5).map(tuple), usage=usages),
    st.builds(LikelihoodAnswer, logprobs=tuples, usage=usages),
    st.builds(GenerateAnswer, text=st.text(st.characters()), finished=st.booleans(), usage=usages),
    st.builds(ScoreListAnswer, scores=tuples, usage=usages),
)
vectors = hnp.arrays(
    np.float32, hnp.array_shapes(max_dims=2, max_side=6), elements=st.floats(width=32, allow_nan=False)
)


@given(answers)
def test_answers_come_back_as_they_were(answer):
    assert unpack(pack(answer)) == answer


@given(vectors, usages)
def test_arrays_come_back_bit_by_bit(vector, usage):
    back = unpack(pack(EmbedAnswer(vector=vector, usage=usage)))
    assert isinstance(back, EmbedAnswer)
    assert back.usage == usage
    assert back.vector.dtype == np.float32
    assert back.vector.shape == vector.shape
    assert back.vector.tobytes() == vector.tobytes()


@given(answers, st.data())
def test_shortened_bytes_are_no_answer(answer, data):
    packed = pack(answer)
    with pytest.raises(DamagedAnswerError):
        unpack(packed[: data.draw(st.integers(0, len(packed) - 1))])


def test_rankings_of_members_are_never_cached():
    with pytest.raises(TypeError, match="RankAnswer"):
        pack(RankAnswer(order=(0,)))


def key(number: int) -> str:
    return f"{number:064x}"


def embedding(number: int) -> EmbedAnswer:
    return EmbedAnswer(vector=np.full((10, 100), number, dtype=np.float32))  # 4,000 bytes


def test_memory_drops_the_least_recently_used():
    cache = AnswerCache(None, memory_bytes=10_000)
    cache.put([(key(0), embedding(0)), (key(1), embedding(1))])
    cache.get([key(0)])
    cache.put([(key(2), embedding(2))])
    assert sorted(cache.get([key(i) for i in range(3)])) == [key(0), key(2)]


def test_shared_arrays_cannot_be_changed_by_a_strategy():
    cache = AnswerCache(None)
    cache.put([(key(0), embedding(0))])
    answer = cache.get([key(0)])[key(0)]
    assert isinstance(answer, EmbedAnswer)
    with pytest.raises(ValueError, match="read-only"):
        answer.vector[0, 0] = 1


def test_answers_survive_the_process(tmp_path: Path):
    path = tmp_path / "answers.sqlite"
    first = DiskCache(path, 1_000_000)
    first.put([(key(i), ScoreAnswer(score=i / 3)) for i in range(700)])
    first.close()
    second = DiskCache(path, 1_000_000)
    found = second.get([key(i) for i in range(800)])
    assert found == {key(i): ScoreAnswer(score=i / 3) for i in range(700)}


def test_the_oldest_use_is_dropped_when_the_bound_is_reached(tmp_path: Path):
    path = tmp_path / "answers.sqlite"
    cache = DiskCache(path, 100_000)
    cache.put([(key(i), embedding(i)) for i in range(20)])
    raw = sqlite3.connect(path)
    with raw:
        raw.execute("UPDATE answers SET used = 1000 + rowid")  # long ago, in order
    raw.close()
    assert cache.get([key(0)])  # this one is used now
    cache.put([(key(100 + i), embedding(i)) for i in range(10)])
    kept = cache.get([key(i) for i in range(200)])
    assert cache.size() <= 100_000
    assert key(0) in kept
    assert key(1) not in kept
    assert all(key(100 + i) in kept for i in range(10))
    assert path.stat().st_size < 200_000


def test_a_changed_byte_is_a_miss_and_the_row_goes(tmp_path: Path, caplog):
    path = tmp_path / "answers.sqlite"
    cache = DiskCache(path, 1_000_000)
    cache.put([(key(0), ScoreAnswer(score=0.5)), (key(1), ScoreAnswer(score=0.25))])
    raw = sqlite3.connect(path)
    with raw:
        raw.execute("UPDATE answers SET body = CAST(REPLACE(CAST(body AS TEXT), '0.5', '0.6') AS BLOB)")
    raw.close()
    assert cache.get([key(0), key(1)]) == {key(1): ScoreAnswer(score=0.25)}
    assert "wrong checksum" in caplog.text
    assert cache.get([key(0)]) == {}


@pytest.mark.parametrize("damage", ["garbage", "middle", "empty"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, damage, caplog):
    path = tmp_path / "answers.sqlite"
    first = DiskCache(path, 10_000_000)
    first.put([(key(i), embedding(i)) for i in range(50)])
    first.close()
    content = bytearray(path.read_bytes())
    content[:] = {"garbage": b"not a database" * 500, "middle": content, "empty": b""}[damage]
    if damage == "middle":
        content[4096:12288] = b"\xff" * 8192
    path.write_bytes(content)
    cache = DiskCache(path, 10_000_000)
    cache.get([key(i) for i in range(50)])
    cache.put([(key(99), ScoreAnswer(score=1.0))])
    cache.put([(key(99), ScoreAnswer(score=1.0))])
    assert cache.get([key(99)]) == {key(99): ScoreAnswer(score=1.0)}
    assert ("set aside" in caplog.text) == (damage != "empty")
    assert (tmp_path / "answers.sqlite.damaged").exists() == (damage != "empty")


def test_damage_under_a_running_engine_is_a_miss_at_worst(tmp_path: Path):
    path = tmp_path / "answers.sqlite"
    cache = DiskCache(path, 10_000_000)
    cache.put([(key(i), embedding(i)) for i in range(50)])
    path.write_bytes(b"\xff" * path.stat().st_size)
    found = cache.get([key(i) for i in range(50)])
    assert all(np.array_equal(answer.vector, embedding(int(k, 16)).vector) for k, answer in found.items())
    for _ in range(2):
        cache.put([(key(99), ScoreAnswer(score=1.0))])
    assert cache.get([key(99)]) == {key(99): ScoreAnswer(score=1.0)}


def test_a_damaged_cache_changes_no_ranking(tmp_path: Path):
    work = rank_work("j", [make_system("pointwise")], [make_list(["1", "2", "3"])])
    disk = DiskCache(tmp_path / "answers.sqlite", 10_000_000)
    before = [e for e in make_bench(cache=AnswerCache(disk)).run(work) if isinstance(e, Ranked)]
    disk.close()
    (tmp_path / "answers.sqlite").write_bytes(b"\x00" * 20_000)
    again = make_bench(tmp_path)
    after = [e for e in again.run(work) if isinstance(e, Ranked)]
    assert after[0].ranking.order == before[0].ranking.order == ("d2", "d1", "d0")
    assert len(again.batches) == 1


def test_deleting_the_directory_is_harmless(tmp_path: Path):
    directory = tmp_path / "cache"
    cache = DiskCache(directory / "answers.sqlite", 1_000_000)
    cache.close()
    for file in directory.iterdir():
        file.unlink()
    directory.rmdir()
    cache.put([(key(0), ScoreAnswer(score=1.0))])
    assert cache.get([key(0)]) == {key(0): ScoreAnswer(score=1.0)}


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    cache = DiskCache(tmp_path / "file" / "answers.sqlite", 1_000_000)
    cache.put([(key(0), ScoreAnswer(score=1.0))])
    assert cache.get([key(0)]) == {}


def test_a_busy_file_is_skipped(tmp_path: Path):
    path = tmp_path / "answers.sqlite"
    cache = DiskCache(path, 1_000_000)
    cache.put([(key(0), ScoreAnswer(score=1.0))])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    cache.put([(key(1), ScoreAnswer(score=2.0))])
    assert cache.get([key(0), key(1)]) == {key(0): ScoreAnswer(score=1.0)}
    other.execute("COMMIT")
    other.close()
    cache.put([(key(1), ScoreAnswer(score=2.0))])
    assert cache.get([key(1)]) == {key(1): ScoreAnswer(score=2.0)}


WRITER = """
import sys
from pathlib import Path
from core.domain.requests import ScoreAnswer
from core.worker.disk_cache import DiskCache
cache = DiskCache(Path(sys.argv[1]), 10_000_000)
for i in range(200):
    number = int(sys.argv[2]) * 1000 + i
    cache.put([(f"{number:064x}", ScoreAnswer(score=float(number)))])
"""


def test_two_processes_share_one_file(tmp_path: Path):
    path = tmp_path / "answers.sqlite"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(n)]) for n in (1, 2)]
    assert [writer.wait(30) for writer in writers] == [0, 0]
    cache = DiskCache(path, 10_000_000)
    wanted = [n * 1000 + i for n in (1, 2) for i in range(200)]
    found = cache.get([key(number) for number in wanted])
    assert len(found) > 300  # a busy moment may have cost a few, a wrong one none
    assert all(answer == ScoreAnswer(score=float(int(k, 16))) for k, answer in found.items())
