"""The same candidates cut shorter or in another order: what depth buys, and whether input order matters."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """``first``: only so many documents of each list (0: all). ``shuffle``: a seed from 1 on (0: as it is)."""

    first: int = 0
    shuffle: int = 0

    def __post_init__(self) -> None:
        if self.first < 0 or self.shuffle < 0:
            raise InvalidInputError("A variant is made by numbers from 0 on.")

    def of(self, candidates: CandidateList) -> CandidateList:
        """The list so changed; itself where nothing changes. The same seed gives the same order on every machine."""
        rows = list(range(len(candidates.documents)))
        if self.first:
            rows = rows[: self.first]
        if self.shuffle:
            random.Random(f"{self.shuffle} {candidates.hash}").shuffle(rows)
        if rows == list(range(len(candidates.documents))):
            return candidates
        scores = candidates.first_stage_scores
        return replace(
            candidates,
            documents=tuple(candidates.documents[row] for row in rows),
            first_stage=self.name(candidates.first_stage),
            first_stage_scores=None if scores is None else tuple(scores[row] for row in rows),
        )

    def name(self, base: str) -> str:
        """The name of a candidate set so changed: "bm25 top 100, first 20, shuffled 1"."""
        cut = f", first {self.first}" if self.first else ""
        return f"{base}{cut}" + (f", shuffled {self.shuffle}" if self.shuffle else "")


WHOLE = Variant()
