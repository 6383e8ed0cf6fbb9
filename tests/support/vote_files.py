"""Logs of votes that never were in a store, with every kind of entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

from core.datasets.votes.log_writer import chain, write_log
from core.domain.vote_log import Act, ActKind
from core.domain.voting import BattleForm, Control, Mark, Policy, Reason, Verdict, Vote, VoterKind

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SYSTEMS = {"f-a": "bm25", "f-b": "bi-encoder", "f-c": "maxsim"}


def cast(number: int, left: str = "f-a", right: str = "f-b", verdict: Verdict = Verdict.LEFT, **more: object) -> Vote:
    """A vote on battle ``number``, cast ``number`` minutes after noon."""
    vote = Vote(
        id=number,
        battle=f"battle-{number}",
        voter=f"voter-{number % 3}",
        voter_kind=VoterKind.PERSON,
        candidates="list",
        collection="col",
        query_id=f"q{number % 4}",
        category="keyword",
        left=left,
        right=right,
        verdict=verdict,
        cast_at=NOON + timedelta(minutes=number),
    )
    return replace(vote, **more)  # type: ignore[arg-type]  # fields by name


def act(kind: ActKind, *, battle: str = "", voter: str = "", verdict: Verdict | None = None) -> Act:
    """A decision an hour after noon."""
    at = NOON + timedelta(hours=1)
    return Act(kind=kind, actor="ann", reason="it was so", at=at, battle=battle, voter=voter, verdict=verdict)


def every_kind() -> list[Vote | Act]:
    """A log with each form, control, verdict and act, and texts that JSON and CSV have to escape."""
    shown = NOON - timedelta(seconds=3)
    return [
        cast(1),
        cast(2, verdict=Verdict.RIGHT, issued_at=shown, shown_at=shown, depth=10, policy=Policy.DECISION_CONTRAST),
        cast(3, verdict=Verdict.EQUAL, probability=0.1 + 0.2, voter_group="staff", query_id='naïve "q", \u2028 😀'),
        cast(4, verdict=Verdict.BOTH_BAD, reasons=(Reason.TOP, Reason.ORDER), seed=1 - 2**63),
        cast(
            5, form=BattleForm.INTERLEAVED, marks=(Mark(document="d,1", useful=True), Mark(document="d", useful=False))
        ),
        cast(6, form=BattleForm.BEST_TO_WORST, verdict=Verdict.ORDERED, further=("f-c",), order=((2,), (0, 1))),
        cast(7, right="f-a", control=Control.SAME_SYSTEM),
        cast(8, left="f-b", right="f-a", control=Control.SWAPPED, repeats="battle-1"),
        cast(9, voter_kind=VoterKind.JUDGE),
        cast(10, left="f-c", right="f-b"),
        act(ActKind.UNDO, battle="battle-1"),
        act(ActKind.EXCLUDE, voter="voter-1"),
        act(ActKind.READMIT, battle="battle-4"),
        act(ActKind.QUARANTINE, battle="battle-10"),
        act(ActKind.CORRECT, battle="battle-2", verdict=Verdict.EQUAL),
    ]


def log_bytes(entries: list[Vote | Act], systems: dict[str, str] | None = None) -> bytes:
    """The file of these entries."""
    stream = BytesIO()
    write_log(stream, chain(entries), SYSTEMS if systems is None else systems)
    return stream.getvalue()


def many_votes(count: int, *, systems: int = 5, voters: int = 30, queries: int = 20, seed: int = 0) -> list[Vote]:
    """Random votes; system ``s0`` is the strongest and one vote in five is a tie."""
    draw = Random(seed)
    found = []
    for number in range(1, count + 1):
        left, right = draw.sample(range(systems), 2)
        ahead = draw.random() < 1 / (1 + 10 ** ((left - right) / 8))
        verdict = Verdict.EQUAL if draw.random() < 0.2 else Verdict.LEFT if ahead else Verdict.RIGHT
        found.append(
            cast(
                number,
                f"s{left}",
                f"s{right}",
                verdict,
                voter=f"voter-{draw.randrange(voters)}",
                query_id=f"q{draw.randrange(queries)}",
            )
        )
    return found


def table(path: Path, lines: list[str]) -> Path:
    """A CSV of votes: left, right, winner, voter, query."""
    path.write_text("\n".join(["left,right,winner,voter,query", *lines]) + "\n", "utf-8")
    return path
