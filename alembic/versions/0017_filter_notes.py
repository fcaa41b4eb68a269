"""Filters have a note of their owner, a sentence to oneself.

Revision: 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filters", sa.Column("owner_note", sa.String(length=500), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("filters", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_column("owner_note")
