"""Frozen candidate lists: made once, kept by hash, the same for every system."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.domain.canonical import digest
from core.domain.collections import Collection, CollectionReader
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import EngineError, InvalidInputError, UnknownNameError
from core.domain.first_stages import FirstStage, Retriever, stage_of_set
from core.domain.models import ModelEntry
from core.domain.ports import CollectionStore, Engine
from core.domain.variants import WHOLE, Variant
from core.services.candidate_making import KEEP_TOGETHER, CandidateMaker
from core.services.candidate_runs import ForeignRunError, GivenRun, keep_run, placed, read_given_run
from core.services.collections import CollectionService
from core.settings import Limits

DEFAULT_DEPTH = 20
WRITTEN = FirstStage(retriever=Retriever.WRITTEN).set_name


class CandidateService:
    """Makes, keeps and finds candidate lists."""

    def __init__(
        self,
        store: CollectionStore,
        collections: CollectionService,
        engine: Engine,
        limits: Limits,
        models: Callable[[str], ModelEntry],
    ) -> None:
        """``models``: the catalogue's entry of a model id; UnknownNameError where there is none."""
        self._store = store
        self._collections = collections
        self._limits = limits
        self._maker = CandidateMaker(store, engine, models)

    def load(self, hash: str) -> CandidateList:
        """The stored list with its documents; UnknownNameError where absent."""
        record = self._store.candidates_record(hash)
        if record.inline is not None or record.collection is None:
            if record.inline is None:
                raise EngineError(f"The stored candidate list {hash[:12]} has lost its documents.")
            return record.inline
        reader = self._collections.reader(record.collection)
        return CandidateList(
            query=Query(id=record.query_id, text=record.query_text, category=record.category),
            documents=reader.documents(record.document_ids),
            collection=record.collection,
            first_stage=record.first_stage,
            first_stage_scores=record.scores,
        )

    def pasted(self, query: str, documents: Sequence[Document]) -> CandidateList:
        """A list from pasted or uploaded text, kept with its documents."""
        self._check_query(query)
        self._check_documents(documents)
        made = CandidateList(
            query=Query(id="", text=query.strip()), documents=tuple(documents), first_stage="as pasted"
        )
        self._store.save_candidates([made])
        return made

    def for_query(self, collection: str, query_id: str, depth: int = DEFAULT_DEPTH) -> CandidateList:
        """The list of one query of a collection: the one that came with it, else BM25 top ``depth``."""
        found = self._collections.get(collection)
        reader = self._collections.reader(collection)
        written = reader.candidates(query_id)
        if written is not None:
            self._store.save_candidates([written], set_name=WRITTEN)
            return written
        known = self._store.candidate_set(found.fingerprint, FirstStage(depth=depth).set_name)
        if query_id in known:
            return self.load(known[query_id])
        return self.retrieve(found, [reader.query(query_id)], depth)[0]

    def for_text(self, collection: str, query: str, depth: int = DEFAULT_DEPTH) -> CandidateList:
        """BM25 candidates of a collection for a query that a person typed."""
        self._check_query(query)
        found = self._collections.get(collection)
        made = self.retrieve(found, [Query(id="", text=query.strip())], depth)[0]
        if len(made.documents) < 2:
            raise InvalidInputError(
                f"BM25 finds {len(made.documents)} passages of {found.name!r} for this query; at least two are needed. "
                "Use other words."
            )
        return made

    def for_collection(self, collection: str, depth: int = DEFAULT_DEPTH, *, written: bool = True) -> dict[str, str]:
        """Query id to list hash for every query of the collection, in query order; made where missing.

        ``written``: lists that came with the collection are taken before BM25's.
        """
        found = self._collections.get(collection)
        reader = self._collections.reader(collection)
        queries = reader.queries()
        known = self._keep_written(found.fingerprint, reader) if written else {}
        if known:
            return {query.id: known[query.id] for query in queries if query.id in known}
        known = self._store.candidate_set(found.fingerprint, FirstStage(depth=depth).set_name)
        missing = [query for query in queries if query.id not in known]
        if missing:
            known |= {made.query.id: made.hash for made in self.retrieve(found, missing, depth)}
        return {query.id: known[query.id] for query in queries if query.id in known}

    def known(self, collection: str) -> dict[str, str]:
        """Query id to list hash of the lists that boards and battles use, without making any: those that came with
        the collection, else BM25's at the default depth, else the largest set there is."""
        found = self._collections.get(collection)
        for set_name in (
            WRITTEN,
            FirstStage(depth=DEFAULT_DEPTH).set_name,
            *self._store.candidate_sets(found.fingerprint),
        ):
            if known := self._store.candidate_set(found.fingerprint, set_name):
                return known
        return {}

    def retrieve(self, collection: Collection, queries: Sequence[Query], depth: int) -> tuple[CandidateList, ...]:
        """BM25 by the engine, kept; lists come back in the order of the queries."""
        self._check_depth(depth)
        stage = FirstStage(depth=depth)
        found = tuple(self._maker.lists(collection, queries, stage))
        self._store.save_candidates([made for made in found if made.query.id], set_name=stage.set_name)
        self._store.save_candidates([made for made in found if not made.query.id])
        return found

    def make(
        self,
        collection: str,
        stage: FirstStage,
        *,
        queries: Sequence[str] = (),
        progress: Callable[[int, int, str], None] = lambda _done, _total, _note: None,
        cancelled: Callable[[], bool] = lambda: False,
        job: str = "",
    ) -> dict[str, str]:
        """Query id to list hash, in query order, of these queries (none: of all); made where missing.

        Written lists and given runs are never made: queries that they lack are missing from the answer, and
        InvalidInputError says so where none is left. ``progress(done, total, note)`` counts documents to embed and
        queries. ``job``: the background job this belongs to; without one, a person waits and is served first.
        CancelledError, EngineError, InterruptedTaskError; lists made before them stay.
        """
        if stage.retriever is not Retriever.WRITTEN:
            self._check_depth(stage.depth)
        found = self._collections.get(collection)
        reader = self._collections.reader(collection)
        asked = tuple(reader.query(id) for id in dict.fromkeys(queries)) if queries else reader.queries()
        if stage.retriever is Retriever.WRITTEN:
            known = self._keep_written(found.fingerprint, reader)
        elif stage.retriever is Retriever.RUN:
            known = self._store.candidate_set(found.fingerprint, stage.set_name)
        else:
            known = self._maker.known(found.fingerprint, stage)
            missing = [query for query in asked if query.id not in known]
            if missing:
                known |= self._maker.keep(found, missing, stage, progress=progress, cancelled=cancelled, job=job)
        made = {query.id: known[query.id] for query in asked if query.id in known}
        if asked and not made:
            kept = ", ".join(one.notation for one in self.stages(collection)) or "none yet"
            raise InvalidInputError(
                f"{found.name!r} has no candidates from {stage.notation!r} at depth {stage.depth}. Kept here: {kept}."
            )
        return made

    def kept(self, collection: str, stage: FirstStage) -> dict[str, str]:
        """Query id to list hash of what ``make`` would take as it is; makes nothing and is quick.

        Lists of another revision of the model are left out, unless the model is not known here any more.
        """
        found = self._collections.get(collection)
        if stage.retriever.embeds:
            try:
                return self._maker.known(found.fingerprint, stage)
            except UnknownNameError:
                pass  # nobody can make them anew
        return self._store.candidate_set(found.fingerprint, stage.set_name)

    def give_run(self, collection: str, name: str, run: GivenRun, depth: int) -> FirstStage:
        """Keep the first ``depth`` documents per query of a run (query id to documents and scores, best first).

        The stage under which they are found; its source is ``name``, with some digits where another run has that
        name. InvalidInputError (ForeignRunError for a query or document that the collection lacks); nothing is kept
        then.
        """
        self._check_depth(depth)
        found = self._collections.get(collection)
        return keep_run(self._store, self._collections.reader(collection), found.name, name, run, depth)

    def give_run_file(self, collection: str, path: Path, depth: int) -> FirstStage:
        """The same for a TREC file, which gives the name; ImportFormatError with the line."""
        try:
            return self.give_run(collection, path.name, read_given_run(path), depth)
        except ForeignRunError as error:
            raise placed(error, path) from error

    def stages(self, collection: str) -> tuple[FirstStage, ...]:
        """First stages whose lists are kept, or came with the collection: written lists first, then the largest set."""
        found = self._collections.get(collection)
        reader = self._collections.reader(collection)
        named = [parsed for name in self._store.candidate_sets(found.fingerprint) if (parsed := stage_of_set(name))]
        written = FirstStage(retriever=Retriever.WRITTEN)
        others = tuple(stage for stage in named if stage != written)
        if written in named or reader.listed():
            return (written, *others)
        return others

    def variants(self, hashes: Mapping[str, str], base: str, variant: Variant) -> dict[str, str]:
        """Query id to the hash of the changed list, kept; the same hashes for the whole lists.

        ``base``: name of the set that ``hashes`` are from. UnknownNameError for a list that is not kept.
        """
        if variant == WHOLE:
            return dict(hashes)
        changed: dict[str, str] = {}
        for query_id, hash in hashes.items():
            made = variant.of(self.load(hash))
            changed[query_id] = made.hash
            self._store.save_candidates([made], set_name=variant.name(base) if made.collection else "")
        return changed

    def hash_of(self, hashes: Mapping[str, str]) -> str:
        """Digest of a set of lists, 64 hexadecimal digits; the order of the queries changes nothing."""
        return set_hash(hashes)

    def _keep_written(self, fingerprint: str, reader: CollectionReader) -> dict[str, str]:
        """The lists that came along, kept; query id to hash."""
        given = reader.listed()
        known = self._store.candidate_set(fingerprint, WRITTEN) if given else {}
        missing = sorted(given.keys() - known.keys())
        for start in range(0, len(missing), KEEP_TOGETHER):
            lists = [
                made for id in missing[start : start + KEEP_TOGETHER] if (made := reader.candidates(id)) is not None
            ]
            self._store.save_candidates(lists, set_name=WRITTEN)
            known |= {made.query.id: made.hash for made in lists}
        return known

    def _check_depth(self, depth: int) -> None:
        if not 1 <= depth <= self._limits.max_candidates:
            raise InvalidInputError(f"Depth must be 1 to {self._limits.max_candidates}, not {depth}.")

    def _check_query(self, query: str) -> None:
        if not query.strip():
            raise InvalidInputError("Enter a query.")
        if len(query) > self._limits.max_query_chars:
            raise InvalidInputError(f"A query may have {self._limits.max_query_chars} characters, not {len(query)}.")

    def _check_documents(self, documents: Sequence[Document]) -> None:
        if len(documents) < 2:
            raise InvalidInputError("Add at least two documents.")
        if len(documents) > self._limits.max_candidates:
            raise InvalidInputError(f"At most {self._limits.max_candidates} documents, not {len(documents)}.")
        if not any(document.content.strip() for document in documents):
            raise InvalidInputError("None of the documents has any text.")
        longest = max(documents, key=lambda document: len(document.content))
        if len(longest.content) > self._limits.max_document_chars:
            raise InvalidInputError(
                f"Document {longest.id!r} has {len(longest.content)} characters; "
                f"at most {self._limits.max_document_chars} are allowed."
            )
        if len({document.id for document in documents}) < len(documents):
            raise InvalidInputError("Two documents have the same id. Give every document its own.")


def set_hash(hashes: Mapping[str, str]) -> str:
    """Digest of a set of lists (query id to list hash), 64 hexadecimal digits; the order of queries changes nothing."""
    return digest(sorted(hashes.items()))
