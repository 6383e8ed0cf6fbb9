"""Which files of a folder in TREC's manner are documents, topics, judgments and runs, by their names.

Documents: everything in ``docs/``, ``documents/``, ``collection/`` or ``corpus/``, else files whose names begin so;
topics: ``topics*`` or ``queries*``; judgments: ``qrels*``, ``*.qrels`` or everything in ``qrels/``; runs: ``*.run`` or
everything in ``runs/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.errors import ImportFormatError

DOCUMENTS = ("docs", "documents", "collection", "corpus")
TOPICS = ("topics", "queries")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrecFolder:
    """What was found. ``documents`` is never empty."""

    documents: tuple[Path, ...]
    topics: Path | None
    qrels: tuple[Path, ...]
    runs: tuple[Path, ...]


def has_trec_documents(folder: Path) -> bool:
    """Whether the folder has files that are documents by their names."""
    return bool(_documents(folder))


def find_trec_files(folder: Path, topics: Path | None = None) -> TrecFolder:
    """Look into ``folder``; ``topics`` decides where there are several. ImportFormatError where documents are missing
    or it is open which topics are meant."""
    documents = _documents(folder)
    if not documents:
        cause = "holds no documents: name them docs*, documents*, collection* or corpus*, or put them into docs/."
        raise ImportFormatError(folder.name, cause)
    found = [path for path in _files(folder) if path.name.lower().startswith(TOPICS) and path not in documents]
    if topics is None and len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise ImportFormatError(folder.name, f"has several files of topics: {names}. Say which one is meant.")
    return TrecFolder(
        documents=tuple(documents),
        topics=topics or (found[0] if found else None),
        qrels=tuple(_named(folder, "qrels", ".qrels")),
        runs=tuple(_named(folder, "runs", ".run")),
    )


def _documents(folder: Path) -> Sequence[Path]:
    for name in DOCUMENTS:
        if inside := _files(folder / name):
            return inside
    return [path for path in _files(folder) if path.name.lower().startswith(DOCUMENTS)]


def _named(folder: Path, name: str, ending: str) -> list[Path]:
    """Files in the subfolder, and files beside it with this beginning (judgments) or ending."""
    beside = [
        path
        for path in _files(folder)
        if path.suffix.lower() == ending or (name == "qrels" and path.name.lower().startswith(name))
    ]
    return [*_files(folder / name), *beside]


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
