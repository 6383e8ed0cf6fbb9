"""What is to be imported, in a shape that can be kept with a job and handed to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from core.domain.canonical import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """``source``: a path of this machine, or ``ir_datasets:ID``. ``format``: empty to recognise it.

    ``queries``, ``qrels``: files beside documents that have none inside. ``runs``: TREC runs to keep as candidate
    sets. ``language``: "auto", "code", "und" or ISO 639-1. ``pasted``: the source is a text that a person pasted.
    ``sample``: the collection of this project. ``uploaded``: a folder to remove when the import has ended.
    """

    source: str
    name: str
    format: str = ""
    language: str = "auto"
    queries: str = ""
    qrels: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    pasted: bool = False
    sample: bool = False
    uploaded: str = ""

    def as_json(self) -> dict[str, Json]:
        """For a job or a pipe."""
        return {**asdict(self), "qrels": list(self.qrels), "runs": list(self.runs)}


def request_from(value: Mapping[str, Json]) -> ImportRequest:
    """What ``as_json`` made."""
    given = {**value, "qrels": tuple(_texts(value["qrels"])), "runs": tuple(_texts(value["runs"]))}
    return ImportRequest(**given)  # type: ignore[arg-type]  # as_json wrote the types that the fields have


def _texts(value: Json) -> list[str]:
    return [str(item) for item in cast(list[str], value)]
