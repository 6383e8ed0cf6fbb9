"""What goes into and comes out of the process that imports, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.datasets.importing import Imported, ImportedRun
from core.datasets.request import ImportRequest, request_from
from core.datasets.source import ImportLimits
from core.domain.canonical import Json
from core.domain.collections import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Import ``request`` into a file at ``aside``."""

    request: ImportRequest
    aside: Path
    limits: ImportLimits

    def as_json(self) -> dict[str, Json]:
        """For the pipe."""
        return {"request": self.request.as_json(), "aside": str(self.aside), "limits": asdict(self.limits)}


def order_from(value: Mapping[str, Any]) -> Order:
    """What ``Order.as_json`` made."""
    return Order(
        request=request_from(value["request"]), aside=Path(value["aside"]), limits=ImportLimits(**value["limits"])
    )


def imported_as_json(imported: Imported) -> dict[str, Json]:
    """For the pipe."""
    collection = imported.collection
    fields = {**asdict(collection), "path": str(collection.path), "created_at": collection.created_at.isoformat()}
    return {
        "collection": fields,
        "language": imported.language,
        "warnings": list(imported.warnings),
        "runs": [{"path": str(run.path), "depth": run.depth} for run in imported.runs],
    }


def imported_from(value: Mapping[str, Any]) -> Imported:
    """What ``imported_as_json`` made."""
    fields = dict(value["collection"])
    fields |= {"path": Path(fields["path"]), "created_at": datetime.fromisoformat(fields["created_at"])}
    return Imported(
        collection=Collection(**fields),
        language=value["language"],
        warnings=tuple(value["warnings"]),
        runs=tuple(ImportedRun(path=Path(run["path"]), depth=run["depth"]) for run in value["runs"]),
    )
