"""What all tables share: the collection they are registered in, naming of constraints, and common column types."""

from __future__ import annotations

from sqlalchemy import JSON, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

HASH = String(64)
ID = String(128)
KIND = String(32)
NULLABLE_JSON = JSON(none_as_null=True)
