"""What makes candidates: BM25, dense vectors, both fused, a given run, or lists that came with the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.domain.errors import InvalidInputError

DEFAULT_EMBEDDER = "all-minilm-l6-v2"


class Retriever(StrEnum):
    """How candidates are found."""

    BM25 = "bm25"
    DENSE = "dense"
    HYBRID = "hybrid"  # BM25 and dense, fused by reciprocal rank
    RUN = "run"  # a TREC run that was given
    WRITTEN = "written"  # lists that came with the collection

    @property
    def embeds(self) -> bool:
        """Whether a model of vectors takes part, so that another revision of it makes other lists."""
        return self in (Retriever.DENSE, Retriever.HYBRID)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStage:
    """One way to make candidate lists, and how many documents each may have.

    ``source``: the embedding model's id (dense, hybrid) or the name of the run; empty otherwise. A written list is as
    long as it came, whatever ``depth`` says.
    """

    retriever: Retriever = Retriever.BM25
    depth: int = 100
    source: str = ""

    @property
    def notation(self) -> str:
        """What a person writes: "bm25", "dense:all-minilm-l6-v2", "run:mine.trec"."""
        return f"{self.retriever}:{self.source}" if self.source else str(self.retriever)

    @property
    def set_name(self) -> str:
        """The name of its candidate set in the store, for example "bm25 top 100"."""
        if self.retriever is Retriever.WRITTEN:
            return "written"
        return f"{' '.join(part for part in (self.retriever, self.source) if part)} top {self.depth}"


def first_stage(notation: str, depth: int = 100) -> FirstStage:
    """Read "bm25", "dense", "dense:MODEL", "hybrid", "hybrid:MODEL", "run:NAME" or "written".

    InvalidInputError for anything else, for a run without a name, for a depth under 1.
    """
    kind, colon, source = notation.strip().partition(":")
    if kind not in {str(retriever) for retriever in Retriever}:
        raise InvalidInputError(
            f"Unknown first stage {notation!r}. Allowed: {', '.join(Retriever)}, such as dense:MODEL."
        )
    if depth < 1:
        raise InvalidInputError(f"Depth must be at least 1, not {depth}.")
    retriever = Retriever(kind)
    if retriever in (Retriever.DENSE, Retriever.HYBRID):
        source = source or DEFAULT_EMBEDDER
    elif retriever is Retriever.RUN and not source:
        raise InvalidInputError("Name the run: run:NAME.")
    elif colon and retriever is not Retriever.RUN:
        raise InvalidInputError(f"{retriever} takes no source; write it without {':' + source!r}.")
    return FirstStage(retriever=retriever, depth=depth, source=source)


_SET = re.compile(r"(bm25|dense|hybrid|run)(?: (.+))? top ([1-9][0-9]*)", re.DOTALL)


def stage_of_set(name: str) -> FirstStage | None:
    """The stage whose ``set_name`` this is; None for any other set, such as cut or shuffled lists."""
    if name == str(Retriever.WRITTEN):
        return FirstStage(retriever=Retriever.WRITTEN)
    found = _SET.fullmatch(name)
    if found is None or bool(found[2]) == (found[1] == Retriever.BM25):
        return None
    return FirstStage(retriever=Retriever(found[1]), depth=int(found[3]), source=found[2] or "")
