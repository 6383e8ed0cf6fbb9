"""Operations that share a commit succeed and fail each for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Connection, event, text

from core.domain.errors import NotOpenError, StorageError
from db.group import GroupCommit
from db.store import SqlStore


@pytest.fixture
def table(sqlite_store: SqlStore) -> SqlStore:
    with sqlite_store.database.write("table NOT made") as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER PRIMARY KEY)"))
    return sqlite_store


def put(x: int, *, then: Exception | None = None) -> Callable[[Connection], int]:
    def operation(connection: Connection) -> int:
        connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": x})
        if then is not None:
            raise then
        return 10 * x

    return operation


def rows(store: SqlStore) -> list[int]:
    with store.database.read() as connection:
        return list(connection.execute(text("SELECT x FROM t ORDER BY x")).scalars())


def run_together(store: SqlStore, group: GroupCommit, operations: list[Callable[[Connection], int]]) -> list[object]:
    """Start all while the lock is held, so that they gather in one group."""
    results: list[object] = [None] * len(operations)

    def run(index: int) -> None:
        try:
            results[index] = group.run(operations[index])
        except (NotOpenError, StorageError) as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(operations))]
    with store.database.locked("test"):
        for thread in threads:
            thread.start()
        while len(group._waiting) < len(operations):
            pass
    for thread in threads:
        thread.join()
    return results


def test_one_transaction_for_all_and_a_refusal_undoes_only_itself(table: SqlStore) -> None:
    commits: list[object] = []
    event.listen(table.database.engine, "commit", commits.append)
    refused = NotOpenError("no")
    operations = [put(1), put(2, then=refused), put(3), put(4), put(5)]
    results = run_together(table, GroupCommit(table.database, "x NOT put"), operations)
    assert results == [10, refused, 30, 40, 50]
    assert rows(table) == [1, 3, 4, 5]
    assert len(commits) == 1


def test_more_than_one_group_takes(table: SqlStore) -> None:
    operations = [put(x) for x in range(100)]
    results = run_together(table, GroupCommit(table.database, "x NOT put"), operations)
    assert results == [10 * x for x in range(100)]
    assert rows(table) == list(range(100))


def test_failure_of_the_database_fails_everybody_and_keeps_nothing(table: SqlStore) -> None:
    def broken(connection: Connection) -> int:
        connection.exec_driver_sql("INSERT INTO missing_table VALUES (1)")
        return 0

    results = run_together(table, GroupCommit(table.database, "x NOT put"), [put(1), broken, put(2)])
    assert all(isinstance(result, StorageError) and "x NOT put" in str(result) for result in results)
    assert len({id(result) for result in results}) == 3
    assert rows(table) == []


def test_leader_that_fails_unexpectedly_leaves_the_group_usable(table: SqlStore) -> None:
    group = GroupCommit(table.database, "x NOT put")
    with pytest.raises(ZeroDivisionError):
        group.run(put(1, then=ZeroDivisionError()))
    assert group.run(put(2)) == 20
    assert rows(table) == [2]


def test_what_a_group_has_in_common_is_done_once_and_told_after_the_commit(table: SqlStore) -> None:
    seen: list[list[int]] = []
    told: list[list[int]] = []

    def finish(connection: Connection, results: Sequence[int]) -> Callable[[], None]:
        seen.append(list(results))
        connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": 1000 + sum(results)})
        return lambda: told.append(rows(table))

    group = GroupCommit(table.database, "x NOT put", finish)
    run_together(table, group, [put(1), put(2, then=NotOpenError("no")), put(3)])
    assert seen == [[10, 30]]
    assert told == [[1, 3, 1040]]


def test_failure_in_common_fails_everybody(table: SqlStore) -> None:
    def finish(connection: Connection, results: Sequence[int]) -> Callable[[], None]:
        del connection
        raise NotOpenError(f"{len(results)} refused")

    results = run_together(table, GroupCommit(table.database, "x NOT put", finish), [put(1), put(2)])
    assert [str(result) for result in results] == ["2 refused"] * 2
    assert rows(table) == []
