"""A program of its own that votes: python -m tests.support.vote_process DATABASE VOTER FIRST COUNT [--shared].

Makes, shows and votes on battles one after the other; prints the id of each battle once its vote is acknowledged.
With ``--shared`` the battles are there already, and it prints "id outcome" for every attempt.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from core.domain.errors import RunoffError
from core.domain.voting import Ballot, Verdict, VoterKind
from db.store import SqlStore
from tests.support.stored import NOON, make_battle


def main(database: str, voter: str, first: int, count: int, *, shared: bool) -> None:
    """Vote; end at once where standard output is closed."""
    store = SqlStore(f"sqlite:///{database}", Path(database).parent)
    say("ready")
    sys.stdin.readline()
    for index in range(first, first + count):
        battle = f"{'shared' if shared else voter}-{index}"
        if not shared:
            store.add_battle(make_battle(battle, voter))
            store.show_battle(battle, voter, NOON)
        try:
            store.cast_vote(battle, voter, VoterKind.PERSON, Ballot(verdict=Verdict.RIGHT), datetime.now(UTC))
            say(f"{battle} recorded" if shared else battle)
        except RunoffError as error:
            say(f"{battle} {type(error).__name__}")
    store.close()


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), shared="--shared" in sys.argv)
