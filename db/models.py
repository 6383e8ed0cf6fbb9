"""Models registered by people (domain.ports.ModelStore)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from core.domain.canonical import Json
from core.domain.capabilities import Capability
from core.domain.errors import UnknownNameError
from core.domain.models import ModelEntry, ModelKind
from db.part import StorePart, replace
from db.schema import models


class SqlModels(StorePart):
    """Implements domain.ports.ModelStore."""

    def save_model(self, entry: ModelEntry) -> None:
        """Insert or replace by id."""
        with self.database.write("model NOT saved") as connection:
            replace(connection, models, [{"id": entry.id, "entry": entry_json(entry)}])

    def models(self) -> tuple[ModelEntry, ...]:
        """All, by id."""
        with self.database.read() as connection:
            rows = connection.execute(select(models.c.entry).order_by(models.c.id))
            return tuple(_entry(row.entry) for row in rows)

    def remove_model(self, id: str) -> None:
        """UnknownNameError where absent."""
        with self.database.write("model NOT removed") as connection:
            if connection.execute(delete(models).where(models.c.id == id)).rowcount == 0:
                raise UnknownNameError("model", id)


def entry_json(entry: ModelEntry) -> Json:
    """Every field of an entry."""
    return {
        "id": entry.id,
        "kind": str(entry.kind),
        "source": entry.source,
        "revision": entry.revision,
        "capabilities": sorted(str(capability) for capability in entry.capabilities),
        "max_length": entry.max_length,
        "precision": entry.precision,
        "title": entry.title,
        "licence": entry.licence,
        "parameters": entry.parameters,
        "options": [list(pair) for pair in entry.options],
        "languages": list(entry.languages),
        "formats": list(entry.formats),
    }


def _entry(fields: Mapping[str, Any]) -> ModelEntry:
    changed = {
        "kind": ModelKind(fields["kind"]),
        "capabilities": frozenset(Capability(name) for name in fields["capabilities"]),
        "options": tuple((name, value) for name, value in fields["options"]),
        "languages": tuple(fields.get("languages", ())),  # entries of before have none
        "formats": tuple(fields.get("formats", ())),
    }
    return ModelEntry(**{**fields, **changed})
