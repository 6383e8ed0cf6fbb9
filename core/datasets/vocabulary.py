"""What files call their columns: hits, documents, queries and judgments under one name each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.datasets.row import Row

_DOCUMENT_ID = ("document_id", "doc_id", "docid", "docno", "corpus_id", "pid", "passage_id")
_QUERY_ID = ("query_id", "qid", "topic", "topic_id")
_GRADE = ("grade", "relevance", "score", "rel", "label")
_ASSESSOR = ("assessor", "assessor_id", "judge", "rater", "annotator")


def plain(name: str) -> str:
    """Lower case, blanks and dashes as underscores."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """``names``: what a file may say (as ``plain`` spells it) to column; ``needed``: columns that must be there."""

    names: Mapping[str, str]
    needed: tuple[str, ...]
    refusal: str

    def knows(self, cells: Sequence[str]) -> bool:
        """Whether a header names every column that is needed."""
        return set(self.needed) <= {self.names.get(plain(cell), "") for cell in cells}

    def knows_name(self, name: str) -> bool:
        """Whether a column of this name means something."""
        return plain(name) in self.names

    def renamed(self, row: Row, ignored: set[str]) -> Row:
        """The values under the names of the columns; what means nothing is added to ``ignored``."""
        values: dict[str, object] = {}
        for key, value in row.values.items():
            column = self.names.get(plain(key))
            if column is None:
                ignored.add(key)
            elif column in values:
                raise row.error(f"two columns mean the {column.replace('_', ' ')}; keep one.", key)
            else:
                values[column] = value
        return Row(file=row.file, line=row.line, values=values, unit=row.unit)


HITS = Vocabulary(
    names={
        **dict.fromkeys(("query", "query_text", "question"), "query"),
        **dict.fromkeys(("query_id", "qid"), "query_id"),
        **dict.fromkeys(("document_id", "doc_id", "docid", "id"), "document_id"),
        **dict.fromkeys(("text", "passage"), "text"),
        **dict.fromkeys(("grade", "relevance"), "grade"),
        **dict.fromkeys(_ASSESSOR, "assessor"),
        **{name: name for name in ("title", "rank", "category")},
    },
    needed=("query", "document_id", "text"),
    refusal="the first line must name the columns query, document id and text; title, rank, grade and assessor are "
    "optional.",
)
DOCUMENTS = Vocabulary(
    names={
        **dict.fromkeys(("_id", "id", *_DOCUMENT_ID), "id"),
        **dict.fromkeys(("text", "contents", "content", "passage", "body", "code"), "text"),
        **dict.fromkeys(("title", "headline"), "title"),
    },
    needed=("id", "text"),
    refusal="the columns id and text are needed (title is optional); a file of hits also has a column query.",
)
QUERIES = Vocabulary(
    names={
        **dict.fromkeys(("_id", "id", "number", *_QUERY_ID), "id"),
        **dict.fromkeys(("text", "query", "query_text", "question"), "text"),
        **{name: name for name in ("title", "category")},
    },
    needed=("id",),
    refusal="the columns id and text are needed; category is optional.",
)
JUDGMENTS = Vocabulary(
    names={
        **dict.fromkeys(("query", *_QUERY_ID), "query-id"),
        **dict.fromkeys(("id", "document", *_DOCUMENT_ID), "corpus-id"),
        **dict.fromkeys(_GRADE, "score"),
        **dict.fromkeys(_ASSESSOR, "assessor"),
    },
    needed=("query-id", "corpus-id", "score"),
    refusal="the columns query id, document id and grade are needed; assessor is optional.",
)
