"""Full-text search inside a collection file: FTS5 made by sqlite-utils, with a tokeniser that suits the language.

English is stemmed (Porter). Other languages with blanks between words are split there, combining marks (vowel signs of
Hindi, for one) staying inside words. Languages without blanks, and source code, are indexed by trigrams: any three
characters in a row can be found. Words under three characters are looked up with LIKE.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.datasets.languages.names import CODE, UNSPACED

TABLE = "documents_fts"  # the name that sqlite-utils gives
MAX_WORDS = 32
SHORT = 3  # trigrams find nothing shorter
STEMMED = "porter unicode61 remove_diacritics 2"
SPACED = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
TRIGRAM = "trigram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One statement: an FTS5 expression (may be empty) and texts that must be (``any_of``: one of which must be) in
    the title or text."""

    match: str = ""
    like: tuple[str, ...] = ()
    any_of: bool = False


def tokeniser(language: str) -> str:
    """FTS5's tokenize option for a language."""
    if language == "en":
        return STEMMED
    return TRIGRAM if language == CODE or language in UNSPACED else SPACED


def add_search(db: sqlite3.Connection, language: str) -> None:
    """Index title and text of the table ``documents``. Only for a process that may grow: sqlite-utils brings pandas."""
    from sqlite_utils import Database

    Database(db).table("documents").enable_fts(["title", "text"], tokenize=tokeniser(language))


def lookups(text: str, language: str) -> tuple[Lookup, ...]:
    """What to try one after the other until something is found: all words, then any of them. None for no words."""
    words = _words(text)
    if not words:
        return ()
    if tokeniser(language) != TRIGRAM:
        return tuple(Lookup(match=glue.join(map(_quoted, words))) for glue in (" AND ", " OR "))
    long = [word for word in words if len(word) >= SHORT]
    short = tuple(word for word in words if len(word) < SHORT)
    every = Lookup(match=" AND ".join(map(_quoted, long)), like=short)
    if not long:
        return (every, Lookup(like=short, any_of=True))
    pieces = dict.fromkeys(word[at : at + SHORT] for word in long for at in range(len(word) - SHORT + 1))
    return (every, Lookup(match=" OR ".join(map(_quoted, list(pieces)[: 4 * MAX_WORDS]))))


def statement(lookup: Lookup, table: str, limit: int) -> tuple[str, list[str | int]]:
    """SQL for ``id, title, text`` of the best documents, and its parameters. ``table``: the FTS5 table."""
    conditions, values = [], []
    if lookup.match:
        conditions.append(f"{table} MATCH ?")
        values.append(lookup.match)
    likes = "(documents.title || ' ' || documents.text) LIKE ? ESCAPE '\\'"
    if lookup.like:
        conditions.append("(" + (" OR " if lookup.any_of else " AND ").join([likes] * len(lookup.like)) + ")")
        values += [_pattern(word) for word in lookup.like]
    source = f"{table} JOIN documents ON position = {table}.rowid" if lookup.match else "documents"
    order = "rank, id" if lookup.match else "position"
    sql = f"SELECT id, documents.title, documents.text FROM {source} WHERE {' AND '.join(conditions)}"
    return f"{sql} ORDER BY {order} LIMIT ?", [*values, max(limit, 0)]


def _words(text: str) -> Sequence[str]:
    """Runs of letters, digits, combining marks and underscores."""
    return "".join(c if c == "_" or unicodedata.category(c)[0] in "LMN" else " " for c in text).split()[:MAX_WORDS]


def _quoted(word: str) -> str:
    return f'"{word}"'


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
