"""A system as a few lines of code to copy, standing on public libraries alone.

``snippet`` writes a module with ``rerank(query, documents) -> list[int]``: positions of the documents, best first,
equal scores in the order given, as Runoff ranks. What takes more than a few lines (windows over long lists) calls
Runoff's command line instead and says so.
"""

from core.strategies.snippets.script import Snippet
from core.strategies.snippets.writing import snippet

__all__ = ["Snippet", "snippet"]
