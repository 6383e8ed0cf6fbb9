"""Votes of several forms, and the chained log of votes and acts.

Each vote gets its entry, in the order of the votes, and each withdrawal becomes an UNDO where its time puts it. Old
battles were drawn by "fewest votes first"; their probability was not kept and stands as 1.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from core.domain.vote_log import Act, ActKind
from core.domain.voting import Policy, Verdict, Vote, VoterKind
from db import chain
from db.streams import Numbers, put_blocks
from db.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HASH = sa.String(64)
ID = sa.String(128)
KIND = sa.String(32)
BATCH = 5000
WIDENED = ("collection", "left_system", "right_system")
OLD_VOTERS: dict[str, tuple[Any, object]] = {"group": (sa.Text(), "")}
OLD_BATTLES: dict[str, tuple[Any, object]] = {
    "form": (KIND, "side-by-side"),
    "policy": (KIND, "fewest-votes"),
    "probability": (sa.Double(), 1.0),
    "control": (KIND, ""),
    "repeats": (ID, ""),
    "seed": (sa.BigInteger(), 0),
    "depth": (sa.Integer(), 0),
    "voter_group": (sa.Text(), ""),
}
"""New columns and what they say of old rows. The depth of a battle is then read from its candidate list."""


def upgrade() -> None:
    """Add the columns and tables, then fill them from what is there."""
    _voters()
    _battles()
    _votes()
    _log()
    _streams()
    _append_old_entries(op.get_bind())
    op.drop_table("withdrawals")


def _voters() -> None:
    _add("voters", OLD_VOTERS)
    with op.batch_alter_table("voters") as batch:
        _require(batch, OLD_VOTERS)


def _battles() -> None:
    op.add_column("battles", sa.Column("further", sa.JSON()))
    _add("battles", OLD_BATTLES)
    _read_depths(op.get_bind())
    with op.batch_alter_table("battles") as batch:
        _require(batch, OLD_BATTLES)
        for name in WIDENED:
            batch.alter_column(name, existing_type=HASH, type_=sa.Text())
        batch.alter_column("issued_at", existing_type=UtcDateTime(), nullable=True)
    with op.batch_alter_table("systems") as batch:
        batch.alter_column("fingerprint", existing_type=HASH, type_=sa.Text())
    for name in ("query_id", "left_system", "right_system"):
        op.create_index(f"ix_battles_{name}", "battles", [name])
    there, control = sa.text("further IS NOT NULL"), sa.text("control <> ''")
    op.create_index("ix_battles_with_further", "battles", ["id"], sqlite_where=there, postgresql_where=there)
    op.create_index("ix_battles_controls", "battles", ["control"], sqlite_where=control, postgresql_where=control)


def _add(table: str, columns: dict[str, tuple[Any, object]]) -> None:
    """New columns without a default, filled for the rows that are there."""
    for name, (type_, value) in columns.items():
        op.add_column(table, sa.Column(name, type_))
        op.execute(sa.table(table, sa.column(name)).update().values({name: value}))


def _require(batch: BatchOperations, columns: dict[str, tuple[Any, object]]) -> None:
    for name, (type_, _) in columns.items():
        batch.alter_column(name, existing_type=type_, nullable=False)


def _read_depths(connection: sa.Connection) -> None:
    lists = sa.table("candidate_lists", sa.column("hash"), sa.column("document_ids", sa.JSON()))
    old = sa.table("battles", sa.column("candidates"), sa.column("depth"))
    known = {row.hash: len(row.document_ids) for row in connection.execute(sa.select(lists))}
    for candidates in connection.execute(sa.select(old.c.candidates).distinct()).scalars().all():
        depth = known.get(candidates, 0)
        connection.execute(old.update().where(old.c.candidates == candidates).values(depth=depth))


def _votes() -> None:
    op.create_table(
        "streams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("voter_kind", KIND, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_streams"),
        sa.UniqueConstraint("collection", "voter_kind", name="uq_streams_collection_voter_kind"),
    )
    for name in ("order", "marks", "reasons"):
        op.add_column("votes", sa.Column(name, sa.JSON()))
    op.add_column("votes", sa.Column("stream", sa.Integer()))
    op.execute(
        "INSERT INTO streams (collection, voter_kind) SELECT collection, voter_kind FROM votes "
        "JOIN battles ON battles.id = votes.battle GROUP BY collection, voter_kind ORDER BY min(votes.id)"
    )
    op.execute(
        "UPDATE votes SET stream = (SELECT streams.id FROM streams, battles WHERE battles.id = votes.battle "
        "AND streams.collection = battles.collection AND streams.voter_kind = votes.voter_kind)"
    )
    with op.batch_alter_table("votes", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("stream", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key("fk_votes_stream", "streams", ["stream"], ["id"])
    op.create_index("ix_votes_stream", "votes", ["stream"])


def _log() -> None:
    op.create_table(
        "acts",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("vote", sa.Integer()),
        sa.Column("voter", ID),
        sa.Column("actor", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("verdict", KIND),
        sa.ForeignKeyConstraint(["vote"], ["votes.id"], name="fk_acts_vote"),
        sa.PrimaryKeyConstraint("number", name="pk_acts"),
    )
    op.create_index("ix_acts_vote", "acts", ["vote"])
    op.create_index("ix_acts_voter", "acts", ["voter"])
    op.create_table(
        "log",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("vote", sa.Integer()),
        sa.Column("hash", HASH, nullable=False),
        sa.ForeignKeyConstraint(["vote"], ["votes.id"], name="fk_log_vote"),
        sa.PrimaryKeyConstraint("number", name="pk_log"),
        sa.UniqueConstraint("vote", name="uq_log_vote"),
    )


def _streams() -> None:
    op.create_table(
        "stream_names",
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("role", KIND, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["stream"], ["streams.id"], name="fk_stream_names_stream"),
        sa.PrimaryKeyConstraint("stream", "role", "position", name="pk_stream_names"),
        sa.UniqueConstraint("stream", "role", "name", name="uq_stream_names_stream_role_name"),
        sqlite_with_rowid=False,
    )
    for table, vote in (("stream_rows", "vote"), ("stream_blocks", "last")):
        op.create_table(
            table,
            sa.Column("stream", sa.Integer(), nullable=False),
            sa.Column(vote, sa.Integer(), nullable=False),
            sa.Column("packed", sa.LargeBinary(), nullable=False),
            sa.ForeignKeyConstraint(["stream"], ["streams.id"], name=f"fk_{table}_stream"),
            sa.ForeignKeyConstraint([vote], ["votes.id"], name=f"fk_{table}_{vote}"),
            sa.PrimaryKeyConstraint("stream", vote, name=f"pk_{table}"),
        )


def _append_old_entries(connection: sa.Connection) -> None:
    streams = {row.id: row.stream for row in connection.execute(sa.text("SELECT id, stream FROM votes"))}
    coming, numbers = _entries(connection.execute(_old_log())), Numbers()
    while batch := list(islice(coming, BATCH)):
        chain.append(connection, batch)
        votes = [entry.said for entry in batch if isinstance(entry.said, Vote)]
        put_blocks(connection, [(streams[vote.id], vote.id, vote) for vote in votes], numbers)


def _old_log() -> sa.Select[Any]:
    """Votes by id, with what they need of their battles and when they were withdrawn."""
    said = ("id", "battle", "voter_kind", "verdict")
    of_battle = ("voter", "candidates", "collection", "query_id", "category", "left_system", "right_system", "depth")
    votes = sa.table("votes", *map(sa.column, said), sa.column("cast_at", UtcDateTime()))
    moments = (sa.column("issued_at", UtcDateTime()), sa.column("shown_at", UtcDateTime()))
    battles = sa.table("battles", sa.column("id"), *map(sa.column, of_battle), *moments)
    undone = sa.table("withdrawals", sa.column("vote"), sa.column("withdrawn_at", UtcDateTime()))
    joined = votes.join(battles, battles.c.id == votes.c.battle).outerjoin(undone, undone.c.vote == votes.c.id)
    battle = (column for column in battles.c if column.name != "id")
    return sa.select(votes, *battle, undone.c.withdrawn_at).select_from(joined).order_by(votes.c.id)


def _entries(rows: Iterable[sa.Row[Any]]) -> Iterator[chain.Entry]:
    """Votes in the order of their ids; an undo before the first vote that was cast later."""
    waiting: list[tuple[datetime, int, chain.Entry]] = []
    for row in rows:
        while waiting and waiting[0][0] < row.cast_at:
            yield heapq.heappop(waiting)[2]
        yield chain.Entry(said=_vote(row), vote=row.id)
        if row.withdrawn_at is not None:
            undo = Act(kind=ActKind.UNDO, actor=row.voter, reason="", at=row.withdrawn_at, battle=row.battle)
            heapq.heappush(waiting, (row.withdrawn_at, row.id, chain.Entry(said=undo, vote=row.id)))
    while waiting:
        yield heapq.heappop(waiting)[2]


def _vote(row: sa.Row[Any]) -> Vote:
    return Vote(
        id=row.id,
        battle=row.battle,
        voter=row.voter,
        voter_kind=VoterKind(row.voter_kind),
        candidates=row.candidates,
        collection=row.collection,
        query_id=row.query_id,
        category=row.category,
        left=row.left_system,
        right=row.right_system,
        verdict=Verdict(row.verdict),
        cast_at=row.cast_at,
        policy=Policy.FEWEST_VOTES,
        depth=row.depth,
        issued_at=row.issued_at,
        shown_at=row.shown_at,
    )
