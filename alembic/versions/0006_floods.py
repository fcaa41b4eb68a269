"""Floods, and failures that are held.

Revision: 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# As each database is asked: SQLite takes a partial index for what says the same in the same words only.
AT_ONCE = sa.text("NOT batched OR flooded")
AT_ONCE_ON_SQLITE = sa.text("batched = 0 OR flooded = 1")


def upgrade() -> None:
    op.add_column(
        "notifications", sa.Column("flooded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_notifications_at_once", "notifications", ["preference_id", "created_at"],
        postgresql_where=AT_ONCE, sqlite_where=AT_ONCE_ON_SQLITE)
    op.add_column("digests", sa.Column("flooded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("digests", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("digests", sa.Column("last_listed_id", sa.BigInteger(), nullable=True))
    op.add_column("digests", sa.Column("unlisted", sa.Integer(), server_default="0", nullable=False))
    op.add_column("filters", sa.Column("hold_minutes", sa.Integer(), nullable=True))
    op.create_table(
        "holds",
        sa.Column("notification_id", RowId, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"], name="fk_holds_notification_id_notifications",
            ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notification_id", name="pk_holds"),
    )
    op.create_index("ix_holds_key", "holds", ["key"])


def downgrade() -> None:
    op.drop_table("holds")
    op.drop_index("ix_notifications_at_once", "notifications")
    for table, columns in {
        "filters": ("hold_minutes",),
        "digests": ("flooded", "note", "last_listed_id", "unlisted"),
        "notifications": ("flooded",),
    }.items():
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
