"""Which words of a document match the query, for marking: the same terms as BM25 counts."""

from __future__ import annotations

from core.measures.analysis import Analyzer

Span = tuple[int, int]  # characters, end excluded


def matching_spans(query: str, text: str) -> tuple[Span, ...]:
    """Places in ``text`` of words whose stem is a stem of ``query``, in order, none overlapping."""
    analyzer = Analyzer()
    wanted = set(analyzer.stems(query))
    return tuple((term.start, term.end) for term in analyzer.terms(text) if term.stem in wanted)
