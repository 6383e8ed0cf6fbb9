"""Which words of a document match the query, for marking: the same terms as BM25 counts."""

from __future__ import annotations

from core.measures.analysis import Analyzer

Span = tuple[int, int]  # characters, end excluded


def matching_spans(query: str, text: str, language: str = "en") -> tuple[Span, ...]:
    """Places in ``text`` of terms whose stem is a stem of ``query``, in order, none overlapping.

    Terms that overlap, as pairs of Chinese characters do, become one place.
    """
    analyzer = Analyzer(language)
    wanted = set(analyzer.stems(query))
    found: list[Span] = []
    for term in analyzer.terms(text):
        if term.stem not in wanted:
            continue
        if found and term.start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], term.end))
        else:
            found.append((term.start, term.end))
    return tuple(found)
