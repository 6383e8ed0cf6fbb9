"""Leaderboard: ratings of a slice of the log per kind of voter, and beside them nDCG@10 and cost of stored rankings."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from core.domain.collections import Collection
from core.domain.comparisons import FOREIGN, Comparisons
from core.domain.decisions import Decisions
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.ports import Store
from core.domain.vote_filter import VoteSource
from core.domain.voting import VoterKind
from core.ratings.label_votes import from_labels
from core.ratings.outcomes import Outcomes, from_comparisons
from core.ratings.superiority import HeadToHead, head_to_head
from core.services.board.agreement_view import agreement_view
from core.services.board.board_keeping import BACKGROUND, BoardKeeper
from core.services.board.board_making import Rated, make_board, switched
from core.services.board.board_views import AgreementView, Combinable, Combined, History, Robustness, Switched
from core.services.board.boards import Board, BoardRequest, Chance, Choices
from core.services.board.combined_orders import combined
from core.services.board.covariate_columns import covariate_columns
from core.services.board.ranked_lists import MEASURE, TIE_MARGIN, RankedLists, RankedListsReader
from core.services.board.rating_history import history
from core.services.board.remembered import Remembered
from core.services.board.robustness import robustness
from core.services.board.slices import Slice, sliced
from core.services.board.standing import WHO
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.systems import SystemService
from core.services.votes.vote_columns import VoteColumns


class LeaderboardService:
    """Fits boards from the log and keeps them until something comes that concerns them."""

    def __init__(
        self,
        store: Store,
        collections: CollectionService,
        candidates: CandidateService,
        systems: SystemService,
        columns: VoteColumns,
        background: int = BACKGROUND,
    ) -> None:
        """``columns``: shared with whoever else reads the log. ``background``: comparisons above which a board is made
        anew in the background.
        """
        self._store = store
        self._collections = collections
        self._candidates = candidates
        self._systems = systems
        self._columns = columns
        self._lists = RankedListsReader(store, collections, candidates, systems)
        self._keeper = BoardKeeper[Rated](self._make, self._state, store.revision, background)
        self._decided = Remembered[Decisions](self._log)
        self._counted = Remembered[tuple[VoteSource, ...]](self._log)
        self._choices = Remembered[Choices](self._log)

    def board(self, request: BoardRequest) -> Board:
        """The board of a request; of a large log the last one at once, which says how many votes are newer.

        UnknownNameError for a collection or imported log; InvalidInputError for a category that no query has, an
        unknown covariate or one that cannot be computed, and for a slice of relevance labels by voter or time.
        """
        request = self._checked(request)
        kept, current = self._keeper.get(request)
        if current:
            return kept.made.board
        return replace(kept.made.board, newer=self._newer(request, kept.made))

    def direct(self, board: Board, chance: Chance) -> HeadToHead | None:
        """What the battles of these two entries say without a model, None where they never met; of ``board`` or of
        one that was made since."""

        def read(rated: Rated) -> HeadToHead | None:
            whole = rated.numbers.whole
            if whole is None:
                return None
            names = [entry.name for entry in rated.board.entries]
            first, second = (_place(names, board.entries[place].name, place) for place in (chance.first, chance.second))
            positions = (whole.outcomes.systems.index(rated.ordered[place]) for place in (first, second))
            return head_to_head(whole.outcomes, *positions)

        return self._keeper.view(board.request, f"direct {chance.first} {chance.second}", read)

    def robustness(self, request: BoardRequest) -> Robustness:
        """How much the board hangs on few votes and voters."""
        return self._keeper.view(self._checked(request), "robustness", robustness)

    def history(self, request: BoardRequest) -> History:
        """The board's ratings over time; no lines of relevance labels, which have no times."""
        request = self._checked(request)
        if request.kind is VoterKind.LABELS:
            return History(lines=(), sentence="Relevance labels have no course in time.")
        rows = self._columns.read(request.collection, request.kind)

        def read(rated: Rated) -> History:
            met = rated.numbers.met
            return history(met, rows.at[np.searchsorted(rows.vote, met.vote)], request, rated.labels)

        return self._keeper.view(request, "history", read)

    def switched(self, request: BoardRequest) -> tuple[Switched, ...]:
        """Every system's rating without and with the covariates of the request, in the order of the board."""
        return self._keeper.view(self._checked(request), "switched", switched)

    def agreement(self, request: BoardRequest) -> AgreementView:
        """Agreement of voters within each kind and between kinds, in the slice of the request."""
        request = self._checked(request)
        return self._keeper.view(request, "agreement", lambda rated: self._agreement(request, rated))

    def combinable(self, request: BoardRequest) -> tuple[Combinable, ...]:
        """What orders there are to combine: boards by kind of voter and by category, nDCG@10."""
        kinds = self.choices(request.collection, request.kind).counts
        measured = any(self._ranked(self._checked(request)).values.values())
        found = [Combinable(key=f"kind:{kind}", title=f"Rating by {WHO[kind]}") for kind in kinds]
        if measured:
            found.append(Combinable(key=f"kind:{VoterKind.LABELS}", title=f"Rating by {WHO[VoterKind.LABELS]}"))
            found.append(Combinable(key=MEASURE, title=f"Mean {MEASURE}"))
        categories = self.categories(request.collection)
        found += [Combinable(key=f"category:{name}", title=f"Rating on category {name}") for name in categories]
        return tuple(found)

    def combination(self, request: BoardRequest, keys: Sequence[str]) -> Combined:
        """The orders named by ``keys`` (of ``combinable``) as one."""
        titles = {one.key: one.title for one in self.combinable(request)}
        orders: dict[str, dict[str, float]] = {}
        left_out = []
        for key in keys:
            if key not in titles:
                raise UnknownNameError("order to combine", key, tuple(titles))
            scores = self._scores(request, key)
            if len(scores) > 1:
                orders[titles[key]] = scores
            else:
                left_out.append(f"{titles[key]}: not enough to order the systems.")
        return combined(orders, left_out)

    def sources(self) -> tuple[str, ...]:
        """Names of the imported logs ("votes:name"), most votes first."""
        return tuple(s.collection for s in self._all_sources() if s.collection.startswith(FOREIGN))

    def categories(self, collection: str) -> tuple[str, ...]:
        """Categories of a collection's queries, in order of appearance; none of an imported log."""
        if collection.startswith(FOREIGN):
            return ()
        queries = self._collections.reader(collection).queries()
        return tuple(dict.fromkeys(query.category for query in queries if query.category))

    def choices(self, collection: str, kind: VoterKind) -> Choices:
        """What a slice can be made of."""
        collection = self._fingerprint(collection)
        return self._choices.get((collection, kind), lambda: self._choose(collection, kind))

    def _choose(self, collection: str, kind: VoterKind) -> Choices:
        rows = self._columns.read(collection, kind) if kind is not VoterKind.LABELS else None
        counts = {s.collection: s.counts for s in self._all_sources()}.get(collection, {})
        return Choices(
            categories=self.categories(collection),
            groups=() if rows is None else tuple(sorted({rows.groups[i] for i in np.unique(rows.group)} - {""})),
            depths=() if rows is None else tuple(int(depth) for depth in np.unique(rows.depth) if depth),
            moments=None if rows is None or not len(rows) else (_moment(rows.at.min()), _moment(rows.at.max())),
            counts=counts,
        )

    def _scores(self, request: BoardRequest, key: str) -> dict[str, float]:
        """System as shown to rating or measure; empty where there is no common scale."""
        what, _, name = key.partition(":")
        if what == "category":
            board = self.board(replace(request, category=name))
        elif what == "kind" and name != request.kind:
            board = self.board(BoardRequest(collection=request.collection, kind=VoterKind(name)))
        else:
            board = self.board(request)
        if key == MEASURE:
            return {system: e.ndcg for e in board.entries for system in e.systems if e.ndcg is not None}
        rated = board.entries if board.identifiable else ()
        return {system: e.rating for e in rated for system in e.systems if e.rating is not None}

    def _agreement(self, request: BoardRequest, rated: Rated) -> AgreementView:
        lists = self._ranked(request)
        kinds = [*self.choices(request.collection, request.kind).counts, VoterKind.LABELS]
        found = {}
        for kind in dict.fromkeys(kinds):
            asked = replace(request, kind=kind) if kind is not VoterKind.LABELS else _of_labels(request)
            found[kind] = self._outcomes(asked, lists)[0].merged(lists.groups)
        return agreement_view(found, self._categories(request), rated.labels)

    def _checked(self, request: BoardRequest) -> BoardRequest:
        if request.kind is VoterKind.LABELS:
            given = [name for name in ("group", "since", "until", "as_of", "depth", "capped") if getattr(request, name)]
            if given:
                raise InvalidInputError(f"Relevance labels have no voters or times: leave out {', '.join(given)}.")
        return replace(request, collection=self._fingerprint(request.collection))

    def _fingerprint(self, name: str) -> str:
        if not name.startswith(FOREIGN):
            return self._found(name).fingerprint
        known = self.sources()
        if name not in known:
            raise UnknownNameError("imported log", name, known)
        return name

    def _found(self, name: str) -> Collection:
        return self._collections.get(name)

    def _make(self, request: BoardRequest) -> Rated:
        lists = self._ranked(request)
        last = 0 if request.kind is VoterKind.LABELS else _last(self._columns.read(request.collection, request.kind))
        outcomes, part = self._outcomes(request, lists)
        return make_board(
            outcomes,
            request,
            self._systems.names(),
            lists,
            quarantine=None if part is None else part.quarantine,
            columns=lambda chosen: covariate_columns(request.covariates, chosen, lists, self._candidates.load),
            last_vote=last,
        )

    def _outcomes(self, request: BoardRequest, lists: RankedLists) -> tuple[Outcomes, Slice | None]:
        if request.kind is VoterKind.LABELS:
            return from_labels(lists.values, margin=TIE_MARGIN), None
        part = self._slice(request)
        return from_comparisons(part.rows, systems=lists.orders), part

    def _slice(self, request: BoardRequest) -> Slice:
        rows = self._columns.read(request.collection, request.kind)
        return sliced(rows, self._decisions(), request, self._categories(request))

    def _ranked(self, request: BoardRequest) -> RankedLists:
        if request.collection.startswith(FOREIGN):
            return RankedLists()
        return self._lists.read(request.collection, request.category)

    def _categories(self, request: BoardRequest) -> Mapping[str, str]:
        if request.collection.startswith(FOREIGN):
            return {}
        return {id: query.category for id, query in self._lists.queries(request.collection).items()}

    def _decisions(self) -> Decisions:
        return self._decided.get((), lambda: Decisions(self._store.decisions()))

    def _all_sources(self) -> tuple[VoteSource, ...]:
        return self._counted.get((), self._store.vote_sources)

    def _log(self) -> Hashable:
        """Another value whenever a vote or an act came."""
        return self._store.revision()[:-1]

    def _state(self, request: BoardRequest) -> Hashable:
        """What the board of a request depends on."""
        lists = self._ranked(request)
        if request.kind is VoterKind.LABELS:
            return (lists,)
        rows = self._columns.read(request.collection, request.kind)
        return (lists, len(rows), len(self._decisions()))

    def _newer(self, request: BoardRequest, made: Rated) -> int:
        """Votes of the request's log that the kept board does not have."""
        rows = self._columns.read(request.collection, request.kind)
        return _votes_after(rows, made.last_vote)


def _of_labels(request: BoardRequest) -> BoardRequest:
    return BoardRequest(collection=request.collection, kind=VoterKind.LABELS, category=request.category)


def _place(names: Sequence[str], name: str, guess: int) -> int:
    """Where an entry stands: where it stood, else where its name is."""
    return guess if guess < len(names) and names[guess] == name else names.index(name)


def _last(rows: Comparisons) -> int:
    return int(rows.vote[-1]) if len(rows) else 0


def _votes_after(rows: Comparisons, last: int) -> int:
    return len(np.unique(rows.vote[np.searchsorted(rows.vote, last, "right") :]))


def _moment(milliseconds: np.int64) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000.0, UTC)
