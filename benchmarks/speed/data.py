"""Real passages as candidate lists by BM25: Cranfield where the shared data is at hand, else the sample collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from core.datasets.beir import BeirFolder
from core.datasets.meter import silent
from core.datasets.sample import sample_folder
from core.datasets.source import ImportLimits
from core.domain.documents import CandidateList, Document, Query
from core.retrieval.bm25_index import Bm25Index

PROJECT = Path(__file__).resolve().parents[2]
CRANFIELD = PROJECT.parent / "shared" / "data" / "cranfield"


@dataclass(frozen=True)
class Passages:
    """A corpus with its queries and judgments."""

    name: str
    documents: Mapping[str, Document]
    queries: tuple[Query, ...]
    judged: Mapping[str, Mapping[str, int]]

    @cached_property
    def _index(self) -> Bm25Index:
        return Bm25Index.build(self.documents.values())

    def lists(self, queries: int, depth: int, *, words: int | None = None, skip: int = 0) -> list[CandidateList]:
        """The first queries for which BM25 finds ``depth`` documents, after ``skip`` of them.

        ``words``: passages are cut after as many, where a workload needs short ones.
        """
        found: list[CandidateList] = []
        for query in self.queries:
            hits = self._index.top(query.text, depth)
            if len(hits) < depth:
                continue
            documents = [_cut(self.documents[id], words) for id, _ in hits]
            found.append(CandidateList(query=query, documents=tuple(documents), first_stage=f"bm25 top {depth}"))
            if len(found) == queries + skip:
                return found[skip:]
        raise ValueError(f"{self.name} has {len(found)} queries with {depth} candidates; {queries + skip} are needed.")

    def deep(self, depth: int, *, words: int | None = None) -> CandidateList:
        """One query with any depth up to the corpus: what BM25 finds, then documents in the order of the corpus."""
        query = self.queries[0]
        ids = [id for id, _ in self._index.top(query.text, depth)]
        seen = set(ids)
        ids += [id for id in self.documents if id not in seen][: depth - len(ids)]
        documents = tuple(_cut(self.documents[id], words) for id in ids)
        return CandidateList(query=query, documents=documents, first_stage="bm25, then the corpus")


@lru_cache(maxsize=1)
def passages() -> Passages:
    """What is at hand."""
    return (
        passages_in(CRANFIELD, "Cranfield")
        if CRANFIELD.is_dir()
        else passages_in(sample_folder(), "the sample collection")
    )


def passages_in(folder: Path, name: str) -> Passages:
    """A folder in BEIR layout."""
    contents = BeirFolder(folder).read(ImportLimits(), silent())
    documents = {document.id: document for document in contents.documents if document.content.strip()}
    return Passages(name, documents, tuple(contents.queries), contents.qrels)


def uniform(lists: Sequence[CandidateList], words: int) -> list[CandidateList]:
    """The same with every passage of exactly ``words`` words (short ones repeat themselves)."""
    return [replace(one, documents=tuple(_exactly(d, words) for d in one.documents)) for one in lists]


def _cut(document: Document, words: int | None) -> Document:
    if words is None:
        return document
    return Document(id=document.id, text=" ".join(document.content.split()[:words]))


def _exactly(document: Document, words: int) -> Document:
    own = document.content.split()
    return Document(id=document.id, text=" ".join((own * (words // len(own) + 1))[:words]))
