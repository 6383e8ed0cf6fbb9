"""What board to show: source, voters, slice and method, all in the URL, so that a link shows a colleague the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from core.bootstrap import App
from core.domain.comparisons import FOREIGN
from core.domain.voting import VoterKind
from core.ratings.board import Method
from core.ratings.covariates import Covariate
from core.services.board.boards import BoardRequest, Choices
from core.services.board.covariate_columns import COVARIATES
from pages._ui.escape import plain
from pages._ui.urlstate import asked, begin, choose, remember, settle, switch
from pages._ui.votes.vote_source import titled
from pages._ui.wording import counted

VOTERS = {VoterKind.PERSON: "People", VoterKind.JUDGE: "LLM judges", VoterKind.LABELS: "Relevance labels"}
METHODS = {
    Method.BRADLEY_TERRY: "Bradley-Terry",
    Method.DAVIDSON: "Davidson (models ties)",
    Method.ELO: "Online Elo (depends on the order)",
    Method.WIN_RATE: "Win rate (ignores opponents)",
}
FILTERS = ("category", "group", "depth", "since", "until", "as_of", "method", "capped", "covariates", "quarantined")


def choose_board(app: App) -> BoardRequest:
    """Every control, and the request that they make."""
    kind_place = st.container()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        collection = choose_source(app)
    with kind_place:
        kind = _kind(app, collection)
    choices = app.leaderboard.choices(collection, kind)
    with right, st.popover("Filter and method", icon=":material/tune:", width="stretch"):
        request = _filtered(BoardRequest(collection=collection, kind=kind), choices)
    _said(request)
    return request


def choose_source(app: App) -> str:
    """A collection, or an imported log that belongs to none: a fingerprint, or "votes:name"."""
    known = {collection.name: collection.fingerprint for collection in app.collections.all()}
    known |= {name: name for name in app.leaderboard.sources()}
    return known[choose("Collection", list(known), name="collection", keep=True, shown=titled)]


def _kind(app: App, collection: str) -> VoterKind:
    """Whose board; kinds that have nothing here are not offered, people always are."""
    counts = app.leaderboard.choices(collection, VoterKind.PERSON).counts
    if collection.startswith(FOREIGN):
        offered = [kind for kind in VoterKind if kind in counts] or [VoterKind.PERSON]
    else:
        labelled = app.collections.get(collection).judgments > 0
        has = {VoterKind.PERSON: True, VoterKind.JUDGE: VoterKind.JUDGE in counts, VoterKind.LABELS: labelled}
        offered = [kind for kind in VoterKind if has[kind]]
    return VoterKind(switch("Voters", [str(kind) for kind in offered], name="by", shown=lambda k: VOTERS[VoterKind(k)]))


def _filtered(request: BoardRequest, choices: Choices) -> BoardRequest:
    category = _among("Category", choices.categories, "category", "All categories")
    method = Method(choose("Method", [str(m) for m in Method], name="method", shown=lambda m: METHODS[Method(m)]))
    request = BoardRequest(collection=request.collection, kind=request.kind, category=category, method=method)
    if request.kind is VoterKind.LABELS:
        return request
    left, right = st.columns(2)
    with left:
        group = _among("Voter group", choices.groups, "group", "All voters")
        since = _moment("From (UTC)", "since", "Only votes cast from then on.")
    with right:
        depth = _among("List depth", [str(depth) for depth in choices.depths], "depth", "All depths", least=2)
        until = _moment("Before (UTC)", "until", "Only votes cast before then.")
    as_of = _moment("As of (UTC)", "as_of", "The log as it stood then, with the decisions made until then.")
    capped = toggle("Cap heavy voters", "capped", "No voter weighs more than a stated share of the board.")
    quarantined = toggle("Count quarantined votes", "quarantined", "Votes that wait for a person's decision.")
    covariates = _covariates(request.collection) if method is Method.BRADLEY_TERRY else ()
    return BoardRequest(
        collection=request.collection,
        kind=request.kind,
        category=category,
        group=group,
        since=since,
        until=until,
        as_of=as_of,
        depth=int(depth or 0),
        method=method,
        capped=capped,
        covariates=covariates,
        count_quarantined=quarantined,
    )


def _among(label: str, options: Sequence[str], name: str, all_of_them: str, least: int = 1) -> str:
    """One of the options or, first, all; not drawn where there is nothing to choose."""
    if len(options) < least:
        remember(name, "")
        return ""
    return choose(label, ["", *options], name=name, shown=lambda option: option or all_of_them)


def toggle(label: str, name: str, help: str | None = None) -> bool:
    """A switch that is in the URL as ``name`` while it is on."""
    key = begin(name, ["", "1"], "")
    flag = f"{key}_on"
    if flag not in st.session_state:
        st.session_state[flag] = st.session_state[key] == "1"
    on = st.toggle(label, key=flag, help=help)
    settle(name, "1" if on else "")
    return on


def is_on(name: str) -> bool:
    """Whether the switch ``name`` is on, also before it is drawn in this run."""
    return bool(st.session_state.get(f"choice_{name}_on", asked(name)))


def _moment(label: str, name: str, help: str) -> datetime | None:
    """A time in UTC to the minute, in the URL as ``2026-03-01T12:00Z``."""
    key = f"choice_{name}"
    if key not in st.session_state:
        st.session_state[key] = _parsed(asked(name))
    value = st.datetime_input(label, value=None, key=key, help=help, step=timedelta(minutes=1))
    remember(name, "" if value is None else f"{value:%Y-%m-%dT%H:%MZ}")
    return None if value is None else value.replace(tzinfo=UTC)


def _parsed(text: str) -> datetime | None:
    """Without time zone, as the widget has it; None for what is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return found.replace(second=0, microsecond=0)


def _covariates(collection: str) -> tuple[str, ...]:
    """Of an imported log only the side is known: its rankings are not here."""
    offered = [str(name) for name in COVARIATES if name == Covariate.SIDE or not collection.startswith(FOREIGN)]
    key = "choice_covariates"
    held = st.session_state.get(key, st.query_params.get_all("covariates"))
    st.session_state[key] = [name for name in held if name in offered]
    chosen = st.pills(
        "Allow for",
        offered,
        key=key,
        selection_mode="multi",
        format_func=lambda name: COVARIATES[name].title,
        help="Fitted beside the ratings; what each is worth stands under Sides.",
    )
    remember("covariates", chosen)
    return tuple(chosen)


def _said(request: BoardRequest) -> None:
    """The filters that are on, in words, and a way to be rid of them."""
    parts = [
        f"category {request.category}" if request.category else "",
        f"voter group {request.group}" if request.group else "",
        f"lists of {counted(request.depth, 'document')}" if request.depth else "",
        f"cast from {request.since:%Y-%m-%d %H:%M}" if request.since else "",
        f"cast before {request.until:%Y-%m-%d %H:%M}" if request.until else "",
        f"as of {request.as_of:%Y-%m-%d %H:%M} UTC" if request.as_of else "",
        METHODS[request.method] if request.method is not Method.BRADLEY_TERRY else "",
        "heavy voters capped" if request.capped else "",
        *(f"allowing for {COVARIATES[name].title.lower()}" for name in request.covariates),
        "quarantined votes counted" if request.count_quarantined else "",
    ]
    said = [part for part in parts if part]
    if said:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/filter_alt: {plain(' · '.join(said))}", width="content")
            st.button("Clear", key="clear_filters", type="tertiary", on_click=_clear)


def _clear() -> None:
    for name in FILTERS:
        remember(name, "")
        for key in (f"choice_{name}", f"choice_{name}_on"):
            st.session_state.pop(key, None)
