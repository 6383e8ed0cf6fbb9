"""The log of votes as a page of rows with filters, one vote in detail, and decisions on many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from core.bootstrap import App
from core.domain.roles import Actor
from core.domain.vote_filter import VoteFilter, VotePage, VoteStatus
from core.domain.voting import GOLD_BEST, GOLD_WORST, Control, Verdict, Vote, VoterKind
from core.services.votes.moderation import PAGE
from pages._ui.urlstate import asked, choose, remember
from pages._ui.votes.vote_decision import Target, decide_form
from pages._ui.votes.vote_detail import show_vote
from pages._ui.wording import Table, counted, seconds

ANY = ""
VERDICTS = {
    Verdict.LEFT: "A is better",
    Verdict.RIGHT: "B is better",
    Verdict.EQUAL: "equally good",
    Verdict.BOTH_BAD: "both bad",
    Verdict.ORDERED: "in order",
}
STATUSES = {
    VoteStatus.COUNTED: "counted",
    VoteStatus.WITHDRAWN: "taken back",
    VoteStatus.EXCLUDED: "excluded",
    VoteStatus.QUARANTINED: "waiting for a decision",
    VoteStatus.CORRECTED: "corrected",
}
CONTROLS = {
    Control.SAME_SYSTEM: "same system twice",
    Control.SWAPPED: "sides swapped",
    Control.GOLD: "known answer",
}


def show_log(app: App, actor: Actor, source: str, kind: VoterKind) -> None:
    """Filters, the rows, what can be done with those that are selected or found."""
    wanted = _filters(app, source, kind)
    number = _page_number()
    found = app.moderation.find(actor, wanted, page=number - 1)
    if not found.votes and number > 1:
        remember("page", "")
        st.rerun()
    if not found.total:
        st.info("No vote matches these filters.")
        return
    names = app.systems.names()
    picked = _rows(found, names, number)
    _pager(number, found.total)
    if len(picked) == 1:
        show_vote(app, actor, picked[0], names)
    decide_form(app, actor, Target(battles=tuple(vote.battle for vote in picked)), found.total, wanted)


def _filters(app: App, source: str, kind: VoterKind) -> VoteFilter:
    with st.expander("Filters", expanded=any(asked(name) for name in ("voter", "system", "query", "status"))):
        first, second, third = st.columns(3)
        with first:
            status = choose("Status", [ANY, *map(str, VoteStatus)], name="status", shown=_named(STATUSES))
            voter = _text("Voter", "voter", "whole id")
        with second:
            verdict = choose("Verdict", [ANY, *map(str, Verdict)], name="verdict", shown=_named(VERDICTS))
            query = _text("Query", "query", "whole id")
        with third:
            controls = [ANY, *(str(control) for control in Control if control)]
            control = choose("Check", controls, name="check", shown=_named(CONTROLS))
            system = _text("System", "system", "as on the leaderboard")
    wanted = VoteFilter(collection=source, kind=kind, query_id=query)
    return replace(
        wanted,
        voters=(voter,) if voter else (),
        systems=_systems(app, system) if system else (),
        verdict=Verdict(verdict) if verdict else None,
        status=VoteStatus(status) if status else None,
        control=Control(control) if control else None,
    )


def _named(words: Mapping[VoteStatus, str] | Mapping[Verdict, str] | Mapping[Control, str]) -> Callable[[str], str]:
    known = {str(key): text for key, text in words.items()}
    return lambda value: known.get(value, "Any")


def _text(label: str, name: str, hint: str) -> str:
    key = f"filter_{name}"
    if key not in st.session_state:
        st.session_state[key] = asked(name)
    value = st.text_input(label, key=key, placeholder=hint).strip()
    remember(name, value)
    return value


def _systems(app: App, written: str) -> tuple[str, ...]:
    """Fingerprints of the systems with this name, or the name itself (imported logs)."""
    return (*(id for id, name in app.systems.names().items() if name == written), written)


def _page_number() -> int:
    given = asked("page")
    return max(1, int(given)) if given.isdecimal() else 1


def _rows(found: VotePage, names: Mapping[str, str], number: int) -> list[Vote]:
    event = st.dataframe(
        vote_table(found, names),
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="multi-row",
        key=f"votes_{number}",
        column_config={"When": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
    )
    return [found.votes[row] for row in event.selection.rows if row < len(found.votes)]


def vote_table(found: VotePage, names: Mapping[str, str]) -> Table:
    """One line per vote."""
    votes = found.votes
    return {
        "When": [vote.cast_at for vote in votes],
        "Voter": [vote.voter[:12] for vote in votes],
        "Query": [vote.query_id for vote in votes],
        "Verdict": [said(vote) for vote in votes],
        "Status": [status(vote) for vote in votes],
        "A": [_system(vote.left, names) for vote in votes],
        "B": [_system(vote.right, names) for vote in votes],
        "Further": [", ".join(_system(id, names) for id in vote.further) for vote in votes],
        "Read for": [_reading(vote) for vote in votes],
        "Check": [CONTROLS.get(vote.control, "") for vote in votes],
    }


def _system(id: str, names: Mapping[str, str]) -> str:
    return {GOLD_BEST: "best by labels", GOLD_WORST: "worst by labels"}.get(id) or names.get(id, id[:40])


def said(vote: Vote) -> str:
    """The verdict in words; of an order the slots, best first."""
    if vote.verdict is Verdict.ORDERED:
        return " > ".join(" = ".join("ABCD"[slot] for slot in level) for level in vote.order)
    return VERDICTS[vote.verdict]


def status(vote: Vote) -> str:
    """What became of the vote."""
    if vote.withdrawn:
        return STATUSES[VoteStatus.WITHDRAWN]
    if vote.excluded:
        return STATUSES[VoteStatus.EXCLUDED]
    if vote.quarantined:
        return STATUSES[VoteStatus.QUARANTINED]
    corrected = vote.cast_verdict is not None and vote.cast_verdict is not vote.verdict
    return STATUSES[VoteStatus.CORRECTED if corrected else VoteStatus.COUNTED]


def _reading(vote: Vote) -> str:
    return "" if vote.shown_at is None else seconds((vote.cast_at - vote.shown_at).total_seconds())


def _pager(number: int, total: int) -> None:
    last = -(-total // PAGE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Newer", disabled=number <= 1, key="page_newer", on_click=remember, args=("page", str(number - 1)))
        st.caption(f"Page {number:,} of {last:,}, {counted(total, 'vote')}. Select rows to decide on them.")
        st.button("Older", disabled=number >= last, key="page_older", on_click=remember, args=("page", str(number + 1)))
