"""BM25 and the order as it stands."""

from __future__ import annotations

from core.domain.systems import System
from core.strategies.snippets.script import BY_SCORE, NotInFewLinesError, Script

ENGLISH = "en"
# The analysis of core/measures/analysis.py and the constants of core/retrieval, which strategies may not import; the
# tests of the snippets hold them together.
_ANALYSIS = """
CORPUS: list[str] = []  # all passages that you search; without them word counts are those of the documents given
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with".split()
)
stem = Stemmer.Stemmer("english").stemWord


def terms(text: str) -> list[str]:
    words = (word.lower().replace("\\u2019", "'") for word in re.findall(r"\\w+(?:['\\u2019]\\w+)*", text))
    return [stem(word) for word in words if word not in STOP_WORDS]


def bm25_index(texts: list[str]) -> bm25s.BM25:
    index = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    index.index([terms(text) for text in texts], show_progress=False)
    return index


whole = bm25_index(CORPUS) if CORPUS else None
rows = {text: row for row, text in enumerate(CORPUS)}
"""
_BM25 = """    wanted = terms(query)
    if whole is not None:
        found = whole.get_scores(wanted)
        scores = [found[rows[document]] for document in documents]
    else:
        scores = bm25_index(documents).get_scores(wanted)
"""


def first_stage(script: Script, _system: System, name: str) -> None:
    """No reranker."""
    script.function(name, "    return list(range(len(documents)))  # as your search returned them\n")


def bm25(script: Script, _system: System, name: str) -> None:
    """With the statistics of the whole corpus, as Runoff has them, or of the list."""
    if script.language != ENGLISH:
        raise NotInFewLinesError(
            f"BM25 takes the words of other languages than English ({script.language}) apart in Runoff's own way."
        )
    script.use("import re", "import bm25s", "import Stemmer", packages=("bm25s", "PyStemmer"))
    script.once(_ANALYSIS)
    script.function(name, _BM25 + BY_SCORE)
    script.notes["Put your whole corpus into CORPUS: Runoff weighs words by how rare they are in the collection."] = (
        None
    )
