"""Messages that can't be read are kept for administrators.

Revision: 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId, UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unreadable_messages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=50), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unreadable_messages"),
        sqlite_autoincrement=True)
    op.create_index("ix_unreadable_messages_received_at", "unreadable_messages", ["received_at"])


def downgrade() -> None:
    op.drop_table("unreadable_messages")
