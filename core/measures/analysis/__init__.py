"""Text to terms by language, as BM25 and the marking of matches see it."""

from core.measures.analysis.analyzer import VERSION, Analyzer
from core.measures.analysis.english import STOP_WORDS
from core.measures.analysis.term import Term

__all__ = ["STOP_WORDS", "VERSION", "Analyzer", "Term"]
