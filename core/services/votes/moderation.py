"""Moderation: looking for votes and deciding on them. Every decision is a new row of the log with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from core.domain.errors import InvalidInputError
from core.domain.ports import Store
from core.domain.roles import Actor, Role
from core.domain.vote_filter import VoteFilter, VotePage, VoteSource
from core.domain.vote_log import Act, ActKind, Decision
from core.domain.voting import Verdict

PAGE = 50
LONGEST_REASON = 500
_PHRASES = {ActKind.EXCLUDE: "exclude votes", ActKind.READMIT: "readmit votes", ActKind.QUARANTINE: "quarantine votes"}


class ModerationService:
    """What a researcher may see of the log and an operator may decide."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def sources(self, actor: Actor) -> tuple[VoteSource, ...]:
        """Collections and imported logs that have votes."""
        actor.must_be(Role.RESEARCHER, "look at votes")
        return self._store.vote_sources()

    def find(self, actor: Actor, wanted: VoteFilter, *, page: int = 0, size: int = PAGE) -> VotePage:
        """Page ``page`` (from 0) of the votes that were looked for, newest first."""
        actor.must_be(Role.RESEARCHER, "look at votes")
        return self._store.find_votes(wanted, limit=size, offset=page * size)

    def voter_name(self, actor: Actor, voter: str) -> str:
        """The name that a voter gave, or empty."""
        actor.must_be(Role.RESEARCHER, "look at voters")
        known = self._store.voter(voter)
        return "" if known is None else known.name

    def history(self, actor: Actor, *, battle: str = "", voter: str = "") -> tuple[Decision, ...]:
        """What was decided about the vote of a battle or about its voter, oldest first."""
        actor.must_be(Role.RESEARCHER, "look at votes")
        return tuple(
            decision
            for decision in self._store.decisions()
            if (battle and decision.act.battle == battle) or (voter and decision.act.voter == voter)
        )

    def decide(
        self,
        actor: Actor,
        kind: ActKind,
        *,
        battles: Sequence[str] = (),
        voters: Sequence[str] = (),
        reason: str,
    ) -> int:
        """EXCLUDE, READMIT or QUARANTINE votes (by battle) or all votes of voters, also their later ones.

        All or none; the number of rows added to the log. NotAllowedError below operator, InvalidInputError without a
        reason or without votes and voters, UnknownNameError where one does not exist.
        """
        if kind not in _PHRASES:
            raise InvalidInputError(f"{kind} is no decision on votes. Allowed: {', '.join(sorted(_PHRASES))}.")
        actor.must_be(Role.OPERATOR, _PHRASES[kind])
        why, now = _reason(reason), datetime.now(UTC)
        acts = [
            *(Act(kind=kind, actor=actor.id, reason=why, at=now, battle=battle) for battle in dict.fromkeys(battles)),
            *(Act(kind=kind, actor=actor.id, reason=why, at=now, voter=voter) for voter in dict.fromkeys(voters)),
        ]
        if not acts:
            raise InvalidInputError("Choose at least one vote or voter.")
        self._store.record_acts(acts)
        return len(acts)

    def decide_matching(self, actor: Actor, kind: ActKind, wanted: VoteFilter, *, reason: str) -> int:
        """``decide`` on every vote that is found now; the number of rows added to the log."""
        found = self.find(actor, wanted, size=1)
        page = self._store.find_votes(wanted, limit=max(1, found.total))
        return self.decide(actor, kind, battles=[vote.battle for vote in page.votes], reason=reason)

    def correct(self, actor: Actor, battle: str, verdict: Verdict, *, reason: str) -> None:
        """Let another verdict count than the one that was cast, which stays in the log."""
        actor.must_be(Role.OPERATOR, "correct votes")
        act = Act(
            kind=ActKind.CORRECT,
            actor=actor.id,
            reason=_reason(reason),
            at=datetime.now(UTC),
            battle=battle,
            verdict=verdict,
        )
        self._store.record_acts([act])


def _reason(given: str) -> str:
    text = " ".join(given.split())
    if not text:
        raise InvalidInputError("Say why; the reason stays in the log.")
    if len(text) > LONGEST_REASON:
        raise InvalidInputError(f"The reason has {len(text)} characters; at most {LONGEST_REASON} are kept.")
    return text
