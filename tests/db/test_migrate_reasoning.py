"""Rankings kept by a database of schema 0004 come back without reasoning and without a cut; new ones keep theirs."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.errors import InvalidInputError
from core.domain.rankings import kept_reasoning
from db.connection import Database
from db.migrate import bring_up_to_date
from db.store import SqlStore
from tests.support.stored import make_ranking

OLD_COLUMNS = 'candidates, system, "order", scores, repairs, cuts, logical, executed, machine'


def old_database(tmp_path: Path, url: str) -> Path:
    """As the fourth version left it, with one ranking."""
    database = Database(url)
    bring_up_to_date(database, tmp_path / "backups", schema="0004")
    database.close()
    file = tmp_path / "runoff.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute(
            f"INSERT INTO rankings ({OLD_COLUMNS}) VALUES ('c1', 'A', '[\"d2\",\"d1\"]', '[2.0,1.0]', "
            "'[\"mended\"]', '[]', '{\"calls\":2}', '{\"seconds\":0.5,\"calls\":2}', 'cpu')"
        )
    connection.close()
    return file


def test_an_old_ranking_has_neither_reasoning_nor_a_cut(tmp_path: Path, database_url: str) -> None:
    old_database(tmp_path, database_url)
    store = SqlStore(database_url, tmp_path)
    (ranking,) = store.rankings(["c1"])
    assert (ranking.order, ranking.repairs, ranking.machine) == (("d2", "d1"), ("mended",), "cpu")
    assert (ranking.reasoning, ranking.keep) == ((), None)
    store.close()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name.startswith("runoff-schema-0004-")


def test_an_earlier_program_still_reads_what_it_knows(tmp_path: Path, database_url: str) -> None:
    file = old_database(tmp_path, database_url)
    store = SqlStore(database_url, tmp_path)
    store.save_ranking(replace(make_ranking("B", "c1"), reasoning=("first", "then"), keep=1))
    store.close()
    with sqlite3.connect(file) as connection:
        rows = connection.execute(f"SELECT {OLD_COLUMNS} FROM rankings ORDER BY system").fetchall()
    connection.close()
    assert [row[:2] for row in rows] == [("c1", "A"), ("c1", "B")]


@pytest.mark.parametrize("keep", [0, 2, 3, None])
def test_reasoning_and_cut_come_back(store: SqlStore, keep: int | None) -> None:
    ranking = replace(make_ranking(candidates="c1"), reasoning=("[1]: it names the ferry", ""), keep=keep)
    store.save_ranking(ranking)
    assert store.rankings(["c1"]) == (ranking,)


@pytest.mark.parametrize("keep", [-1, 4])
def test_a_cut_beyond_the_documents_is_refused(store: SqlStore, keep: int) -> None:
    with pytest.raises(InvalidInputError, match=f"keep {keep} of 3 documents"):
        store.save_ranking(replace(make_ranking(candidates="c1"), keep=keep))
    assert store.rankings(["c1"]) == ()


def test_thoughts_are_kept_within_a_limit_and_say_what_is_gone() -> None:
    assert kept_reasoning(["abc", "de"], most=5) == ("abc", "de")
    assert kept_reasoning(["abcdef", "g"], most=6) == ("abc [3 characters left out]", "g")
    assert kept_reasoning([], most=0) == ()
