"""The language of a corpus, found out from a sample of it: by script where that decides, else by py3langid.

py3langid (Barbaresi, after Lui and Baldwin 2012, langid.py) takes 2 s to load and is imported when it is needed.
Source code is recognised only by the ids of documents, where they are names of source files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.datasets.languages.names import CODE, NAMES, UNKNOWN
from core.datasets.languages.scripts import language_of_script

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

BLOCK_CHARS = 2_000
LEAST_CONFIDENCE = 0.3  # py3langid's own, for a block of text
MOST_IDS = 0.9  # share of ids that are names of source files
_CODE = """
c cc cpp cs css cu f90 go h hpp hs java jl js jsx kt lua m php pl py r rb rs scala sh sql swift ts tsx vue
"""
CODE_ENDINGS = frozenset(f".{ending}" for ending in _CODE.split())


def detect_language(texts: Sequence[str], ids: Sequence[str] = ()) -> str:
    """ISO 639-1 code, "code", or "und" where no language has more than half of the sample.

    ``texts``: beginnings of documents, taken from all over the corpus; ``ids``: of the same documents.
    """
    if ids and sum(is_source_file(id) for id in ids) >= MOST_IDS * len(ids):
        return CODE
    blocks = _blocks(texts)
    votes = Counter(language_of_script(block) or _by_letters(block) for block in blocks)
    if not votes:
        return UNKNOWN
    language, count = votes.most_common(1)[0]
    return language if 2 * count > len(blocks) else UNKNOWN


def is_source_file(name: str) -> bool:
    """Whether ``name`` (also ``path/file.py#12`` or ``file.py:30``) is that of a file of source code."""
    return PurePosixPath(name.split("#")[0].split(":")[0]).suffix.lower() in CODE_ENDINGS


def _blocks(texts: Sequence[str]) -> list[str]:
    """The texts joined to blocks that are long enough to be told apart."""
    blocks, gathered, length = [], [], 0
    for text in texts:
        gathered.append(text)
        length += len(text)
        if length >= BLOCK_CHARS:
            blocks.append("\n".join(gathered))
            gathered, length = [], 0
    if not blocks or 2 * length >= BLOCK_CHARS:
        blocks.append("\n".join(gathered))
    return [block for block in blocks if any(character.isalpha() for character in block)]


def _by_letters(block: str) -> str:
    language, confidence = _identifier().classify(block)
    return str(language) if confidence >= LEAST_CONFIDENCE and language in NAMES else UNKNOWN


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # "zxx" (no language) stays a way out; languages that cannot be chosen here would only take votes away.
    identifier.set_languages([label for label in identifier.labels if label in NAMES or label == "zxx"])
    return identifier
