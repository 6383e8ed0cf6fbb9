"""The sliding window of listwise reranking: from the last candidates to the first.

end = N, start = max(0, N - w); rank [start, end); stop once start is 0, else move both up by s. That makes
1 + ceil(max(0, N - w) / s) windows (arXiv:2304.09542, without the off-by-one of its reference code, which
skips lists shorter than a window). With a perfect ranker one pass makes the first w - s places exact.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.errors import InvalidInputError


def check_window(window: int, step: int) -> None:
    """InvalidInputError unless windows overlap or touch: 1 <= step <= window."""
    if not 1 <= step <= window:
        raise InvalidInputError(f"step must be from 1 to the window's size {window}, not {step}.")


def windows(n_docs: int, window: int, step: int) -> Iterator[tuple[int, int]]:
    """(start, end) of every window, last places first; nothing for an empty list."""
    check_window(window, step)
    end, start = n_docs, max(0, n_docs - window)
    while end > 0:
        yield start, end
        if start == 0:
            return
        end, start = end - step, max(0, start - step)


def window_count(n_docs: int, window: int, step: int) -> int:
    """1 + ceil(max(0, N - w) / s), and 0 for an empty list."""
    check_window(window, step)
    return 1 + -(-max(0, n_docs - window) // step) if n_docs else 0
