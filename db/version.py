"""Which schema this program writes; a constant, so that a start on a current database need not load Alembic."""

from __future__ import annotations

SCHEMA = "0005"
"""Head of db/migrations/versions; tests compare the two."""

APPLICATION = "Runoff 0.1.0"
"""Written into the database by the program that brings its schema up to date."""
