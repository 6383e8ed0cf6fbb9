"""What a ranking's model thought, and where the strategy would cut the list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns that are null in every row there is."""
    op.add_column("rankings", sa.Column("reasoning", sa.JSON(none_as_null=True)))
    op.add_column("rankings", sa.Column("keep", sa.Integer()))
