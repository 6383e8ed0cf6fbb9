"""Appending a log that was written elsewhere (part of domain.vote_ports.VoteLogStore).

A vote whose battle has its vote here already and an act that is here word for word are passed over, so a file can be
imported again after it has grown. Everything else is appended in the order of the file, with hashes of this chain:
in an empty store those are the hashes of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace as changed
from itertools import islice

from sqlalchemy import Connection, func, insert, select, text, update

from core.domain.ballots import check_ballot, check_slots
from core.domain.canonical import canonical_json
from core.domain.errors import InvalidInputError
from core.domain.vote_log import Act, ActKind, body
from core.domain.voting import Ballot, BattleState, Vote
from db import chain
from db.part import StorePart, in_chunks, keep_first, replace
from db.schema import battles, systems, voters, votes
from db.streams import Numbers, put_blocks
from db.vote_acts import acts_on_votes, all_acts
from db.vote_rows import ballot_row, battle_row

BATCH = 5000  # entries
LARGEST, LARGEST_DEPTH = 2**63 - 1, 2**31 - 1
VERDICT = 3  # place in Said

Said = tuple[str, str, str, str, list[list[int]]]  # voter, left, right, verdict (empty: no vote yet), order


class SqlVoteImport(StorePart):
    """Votes and acts of other logs."""

    def import_log(self, entries: Iterable[Vote | Act], names: Mapping[str, str]) -> tuple[int, int]:
        """Append foreign entries, all or none; how many were new, how many were here already.

        ``names``: fingerprint to specification; those already known stay. What became of an imported vote is said by
        the acts, so the status fields of ``Vote`` are not read. Everything is read before the transaction begins;
        other writers wait while it is written (0.2 ms a vote).
        InvalidInputError for an entry that fits no battle or contradicts a vote here, UnknownNameError for an act on
        a vote or voter that is neither here nor before it.
        """
        coming, numbers, new, old = iter(list(entries)), Numbers(), 0, 0
        try:
            with self.database.write("nothing was imported") as connection:
                chain.lock(connection)
                known = Counter(_spelled(decision.act) for decision in all_acts(connection))
                while batch := list(islice(coming, BATCH)):
                    fresh = list(_fresh(connection, batch, known))
                    _append(connection, fresh, numbers)
                    new, old = new + len(fresh), old + len(batch) - len(fresh)
                rows = [{"fingerprint": name, "spec": spec, "description": {}} for name, spec in names.items()]
                keep_first(connection, systems, rows)
        except UnicodeEncodeError as error:
            raise InvalidInputError(
                f"Text that is not Unicode: {error.object[:40]!r}; nothing was imported."
            ) from error
        return new, old


def _fresh(connection: Connection, batch: Sequence[Vote | Act], known: Counter[str]) -> Iterator[Vote | Act]:
    """The entries that are not here. ``known``: acts here and how often, less those already met in the import."""
    here = _here(connection, [entry.battle for entry in batch if isinstance(entry, Vote)])
    for entry in batch:
        if isinstance(entry, Act):
            spelled = _spelled(entry)
            known[spelled] -= 1
            if known[spelled] < 0:
                yield entry
            continue
        said, found = _said(entry), here.get(entry.battle)
        if found == said:
            continue
        if found is not None and (found[0] != entry.voter or found[VERDICT]):
            raise InvalidInputError(
                f"The battle {entry.battle!r} has another voter or vote here; nothing was imported."
            )
        here[entry.battle] = said
        yield _checked(entry)


def _append(connection: Connection, entries: Sequence[Vote | Act], numbers: Numbers) -> None:
    stored = iter(_put(connection, [entry for entry in entries if isinstance(entry, Vote)], numbers))
    acts = [entry for entry in entries if isinstance(entry, Act)]
    about = iter(acts_on_votes(connection, acts))
    ordered = [next(stored) if isinstance(entry, Vote) else next(about) for entry in entries]
    chain.append(connection, ordered)
    undone = [act.battle for act in acts if act.kind is ActKind.UNDO]
    for chunk in in_chunks(undone):
        connection.execute(update(battles).where(battles.c.id.in_(chunk)).values(state=str(BattleState.RETIRED)))


def _put(connection: Connection, given: Sequence[Vote], numbers: Numbers) -> list[chain.Entry]:
    """Voters, battles, votes and packed comparisons; the votes with their ids, in the order given."""
    if not given:
        return []
    replace(connection, battles, [battle_row(vote, vote.battle, BattleState.VOTED) for vote in given])
    people = {vote.voter: vote for vote in given}.values()
    rows = [{"id": x.voter, "kind": str(x.voter_kind), "name": "", "group": x.voter_group} for x in people]
    keep_first(connection, voters, rows)
    at = [numbers.stream(connection, vote.collection, vote.voter_kind) for vote in given]
    ids = _next_ids(connection, len(given))
    said = [_vote_row(vote, id, stream) for vote, id, stream in zip(given, ids, at, strict=True)]
    connection.execute(insert(votes), said)
    put_blocks(connection, list(zip(at, ids, given, strict=True)), numbers)
    return [chain.Entry(said=vote, vote=id) for vote, id in zip(given, ids, strict=True)]


def _next_ids(connection: Connection, count: int) -> Sequence[int]:
    """Ids that the database would give; asked for by hand, since RETURNING inserts row by row."""
    if connection.dialect.name == "sqlite":
        last = connection.execute(select(func.coalesce(func.max(votes.c.id), 0))).scalar_one()
        return range(last + 1, last + 1 + count)
    given = text("SELECT nextval(pg_get_serial_sequence('votes', 'id')) FROM generate_series(1, :count)")
    return connection.execute(given, {"count": count}).scalars().all()


def _vote_row(vote: Vote, id: int, stream: int) -> dict[str, object]:
    said = {"battle": vote.battle, "voter_kind": str(vote.voter_kind), "cast_at": vote.cast_at}
    return {"id": id, "stream": stream, **said, **ballot_row(_ballot(vote))}


def _ballot(vote: Vote) -> Ballot:
    verdict = vote.cast_verdict or vote.verdict
    return Ballot(verdict=verdict, order=vote.order, marks=vote.marks, reasons=vote.reasons)


def _checked(vote: Vote) -> Vote:
    """The vote in the types that it will come back in; InvalidInputError where it fits no battle."""
    check_slots(vote.form, vote.slots)
    check_ballot(vote.form, vote.slots, _ballot(vote))
    if not vote.battle or not vote.voter:
        raise InvalidInputError("A vote without a battle or a voter; nothing was imported.")
    if abs(vote.seed) > LARGEST or not 0 <= vote.depth <= LARGEST_DEPTH:
        raise InvalidInputError(
            f"The battle {vote.battle!r} has seed {vote.seed} and depth {vote.depth}. Allowed: whole numbers of "
            f"64 bits, and 0 to {LARGEST_DEPTH}; nothing was imported."
        )
    return vote if type(vote.probability) is float else changed(vote, probability=float(vote.probability))


def _here(connection: Connection, given: Sequence[str]) -> dict[str, Said]:
    """What was said in each of these battles that has its vote, and who owns those that have none."""
    wanted = select(
        battles.c.id, battles.c.voter, battles.c.left_system, battles.c.right_system, votes.c.verdict, votes.c.order
    ).outerjoin_from(battles, votes, votes.c.battle == battles.c.id)
    found: dict[str, Said] = {}
    for chunk in in_chunks(given):
        for row in connection.execute(wanted.where(battles.c.id.in_(chunk))):
            found[row.id] = (row.voter, row.left_system, row.right_system, row.verdict or "", row.order or [])
    return found


def _said(vote: Vote) -> Said:
    order = [list(level) for level in vote.order]
    return (vote.voter, vote.left, vote.right, str(vote.cast_verdict or vote.verdict), order)


def _spelled(act: Act) -> str:
    return canonical_json(body(act))
