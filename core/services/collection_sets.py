"""The candidate sets of a collection in figures: how many lists, how long, and the recall no reranker can pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.collections import CollectionReader
from core.domain.first_stages import FirstStage, Retriever
from core.domain.ports import CollectionStore
from core.services.candidate_ceiling import ceiling


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSetRow:
    """``recall``: mean share of a query's relevant documents that are candidates, None where nothing is relevant.

    ``longest``: documents of the longest list; ``lists``: queries that have one.
    """

    stage: FirstStage
    lists: int
    longest: int
    recall: float | None


def describe_set(store: CollectionStore, reader: CollectionReader, stage: FirstStage) -> CandidateSetRow:
    """One kept set, or the lists that came with the collection."""
    ids = _kept(store, reader, stage) or _written(reader, stage)
    return CandidateSetRow(
        stage=stage,
        lists=len(ids),
        longest=max((len(found) for found in ids.values()), default=0),
        recall=ceiling(ids, reader.qrels()).mean_recall,
    )


def _kept(store: CollectionStore, reader: CollectionReader, stage: FirstStage) -> Mapping[str, Sequence[str]]:
    known = store.candidate_set(reader.fingerprint, stage.set_name)
    return {query: store.candidates_record(hash).document_ids for query, hash in known.items()}


def _written(reader: CollectionReader, stage: FirstStage) -> Mapping[str, Sequence[str]]:
    if stage.retriever is not Retriever.WRITTEN:
        return {}
    found = ((query.id, reader.candidates(query.id)) for query in reader.queries())
    return {query: made.ids for query, made in found if made is not None}
