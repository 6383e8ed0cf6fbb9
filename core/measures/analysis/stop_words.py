"""Stop words by language, from the lists that bm25s ships.

Only the file with the lists is read: importing bm25s brings scipy, which the web process has no room for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

LISTS = {
    "da": "STOPWORDS_DANISH",
    "de": "STOPWORDS_GERMAN",
    "es": "STOPWORDS_SPANISH",
    "fr": "STOPWORDS_FRENCH",
    "it": "STOPWORDS_ITALIAN",
    "nl": "STOPWORDS_DUTCH",
    "no": "STOPWORDS_NORWEGIAN",
    "pt": "STOPWORDS_PORTUGUESE",
    "ru": "STOPWORDS_RUSSIAN",
    "sv": "STOPWORDS_SWEDISH",
    "tr": "STOPWORDS_TURKISH",
}  # the Chinese and Korean lists are of words, which pairs of characters are not


def stop_words(language: str) -> Sequence[str]:
    """The words as they are listed; none for a language without a list."""
    if language not in LISTS:
        return ()
    found: Sequence[str] = getattr(_lists(), LISTS[language])
    return found


@lru_cache(maxsize=1)
def _lists() -> ModuleType:
    package = find_spec("bm25s")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("bm25s is not installed; install requirements.txt.")
    spec = spec_from_file_location("_bm25s_stop_words", Path(package.origin).with_name("stopwords.py"))
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(
            f"bm25s at {package.origin} has no stop words; install the version in requirements.txt."
        )
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
