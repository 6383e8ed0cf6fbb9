"""Voters: figures of each, the flags with their evidence, and what to do with all votes of one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.domain.decisions import VoteState
from core.domain.roles import Actor, Role
from core.domain.voting import VoterKind
from core.ratings.detectors.flags import Family, Flag, VoterSummary
from core.services.votes.review import Review
from pages._ui.errors import attempt
from pages._ui.escape import code, plain
from pages._ui.urlstate import choose, remember
from pages._ui.votes.vote_decision import Target, decide_form
from pages._ui.votes.vote_detail import history_table
from pages._ui.wording import UNKNOWN, Table, counted

FAMILIES = {
    Family.CONTROLS: (
        "From checks",
        "Battles whose right answer is known were answered as a coin would, or one-sidedly.",
    ),
    Family.BEHAVIOUR: (
        "From behaviour",
        "How the voter votes, whatever the systems: one side, always a tie, too fast.",
    ),
    Family.DISAGREEMENT: (
        "From disagreement",
        "The votes do not fit those of the others. Honest people of another taste look like this too.",
    ),
}
SHOWN = {"flagged": "Flagged", "waiting": "Waiting for a decision", "all": "All"}


def show_voters(app: App, actor: Actor, source: str, kind: VoterKind) -> None:
    """Flagged voters with their evidence first; a table of all, decisions on those that are selected."""
    review = app.review.review(actor, source, kind)
    flagged = review.inspection.flagged()
    waiting = [voter for voter, state in review.states.items() if state.quarantined]
    total = len(review.inspection.voters)
    st.markdown(
        f"**{counted(len(flagged), 'voter')} of {total:,} flagged, {len(waiting):,} waiting for a decision.** "
        "Votes in quarantine are left out of the boards until somebody decides."
    )
    _put_aside(app, actor, source, kind, review)
    sides = app.controls.side_bias(source, kind)
    if sides.left + sides.right + sides.ties:
        st.caption(
            f"On checks in which the lists could not matter, the left side won {sides.left}, the right side "
            f"{sides.right}, and {counted(sides.ties, 'verdict')} said neither."
        )
    _evidence(review)
    narrow, _ = st.columns([1, 3])
    with narrow:
        view = choose("Show", list(SHOWN), name="voters", shown=SHOWN.__getitem__)
    chosen = _chosen(review, view)
    if not chosen:
        st.info("Nobody here. Choose All to see every voter.")
        return
    picked = _table(review, chosen)
    if len(picked) == 1:
        _one(app, actor, picked[0])
    decide_form(app, actor, Target(voters=tuple(summary.voter for summary in picked)))


def _put_aside(app: App, actor: Actor, source: str, kind: VoterKind, review: Review) -> None:
    """Collections are reviewed by themselves; imported logs and judges when somebody asks."""
    if review.undecided and actor.role.includes(Role.OPERATOR):
        st.button(
            f"Put {counted(len(review.undecided), 'flagged voter')} in quarantine",
            key="quarantine_flagged",
            on_click=attempt,
            args=(app.review.quarantine, source, kind),
            help="Voters on whom somebody has decided already are left as they are.",
        )


def _evidence(review: Review) -> None:
    for family, (title, meaning) in FAMILIES.items():
        flags = [flag for flag in review.inspection.flags if flag.family is family]
        if not flags:
            continue
        with st.expander(f"{title}: {counted(len({flag.voter for flag in flags}), 'voter')}", expanded=True):
            st.caption(meaning)
            st.dataframe(flag_table(flags, review), hide_index=True, width="stretch")


def flag_table(flags: Sequence[Flag], review: Review) -> Table:
    """One line per flag, the clearest first."""
    ordered = sorted(flags, key=lambda flag: flag.p_value)
    return {
        "Voter": [flag.voter[:12] for flag in ordered],
        "Evidence": [flag.sentence for flag in ordered],
        "Chance if honest": [_chance(flag.p_value) for flag in ordered],
        "Votes now": [_state_word(review.states[flag.voter]) for flag in ordered],
    }


def _chance(p: float) -> str:
    return f"1 in {1 / p:,.0f}" if 1e-9 < p < 0.5 else ("under 1 in a billion" if p <= 1e-9 else f"{p:.2f}")


def _state_word(state: VoteState) -> str:
    if state.excluded:
        return "excluded"
    return "in quarantine" if state.quarantined else "counted"


def _chosen(review: Review, view: str) -> list[VoterSummary]:
    flagged = review.inspection.flagged()
    keep = {
        "all": lambda _voter: True,
        "flagged": lambda voter: voter in flagged,
        "waiting": lambda voter: review.states[voter].quarantined,
    }[view]
    return sorted((s for s in review.inspection.voters if keep(s.voter)), key=lambda s: -s.votes)


def _table(review: Review, chosen: list[VoterSummary]) -> list[VoterSummary]:
    share = st.column_config.NumberColumn(format="percent")
    event = st.dataframe(
        voter_table(review, chosen),
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="multi-row",
        key="voter_rows",
        placeholder=UNKNOWN,
        column_config={
            "Ties": share,
            "Left": st.column_config.NumberColumn(format="percent", help="Of decided votes, those for the left side."),
            "Agrees": st.column_config.NumberColumn(
                format="percent", help="Decided votes won by the system that the others' votes prefer."
            ),
            "Expected": st.column_config.NumberColumn(
                format="percent", help="What that would be for an average voter on the same battles."
            ),
        },
    )
    st.caption("Select voters to decide on all their votes, also later ones.")
    return [chosen[row] for row in event.selection.rows if row < len(chosen)]


def voter_table(review: Review, chosen: Sequence[VoterSummary]) -> Table:
    """One line per voter, those with most votes first."""
    flags: dict[str, set[str]] = {}
    for flag in review.inspection.flags:
        flags.setdefault(flag.voter, set()).add(str(flag.family))
    return {
        "Voter": [summary.voter[:12] for summary in chosen],
        "Votes": [summary.votes for summary in chosen],
        "Flags": [", ".join(sorted(flags.get(summary.voter, ()))) for summary in chosen],
        "Now": [_state_word(review.states[summary.voter]) for summary in chosen],
        "Left": [_known(summary.left_share) for summary in chosen],
        "Ties": [_known(summary.tie_share) for summary in chosen],
        "Agrees": [_known(summary.agreement) for summary in chosen],
        "Expected": [_known(summary.expected_agreement) for summary in chosen],
        "Known answers": [_of(summary.gold_right, summary.gold_total) for summary in chosen],
        "Repeats": [_of(summary.repeats_consistent, summary.repeats_total) for summary in chosen],
        "Same twice": [_of(summary.same_tied, summary.same_total) for summary in chosen],
        "Seconds": [_known(summary.median_seconds) for summary in chosen],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else UNKNOWN


def _one(app: App, actor: Actor, summary: VoterSummary) -> None:
    name = app.moderation.voter_name(actor, summary.voter)
    st.markdown(f"Voter {code(summary.voter)} {plain(name)}")
    st.button("Show this voter's votes", key=f"votes-of-{summary.voter}", on_click=_to_log, args=(summary.voter,))
    history = app.moderation.history(actor, voter=summary.voter)
    if history:
        st.dataframe(history_table(history), hide_index=True, width="stretch")


def _to_log(voter: str) -> None:
    st.session_state["choice_show"] = "log"
    st.session_state["filter_voter"] = voter
    remember("show", "")
    remember("voter", voter)
