"""Filters that people share by a link.

Revision: 0032.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import JsonText, RowId, UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shared_filters",
        sa.Column("id", RowId, nullable=False),
        sa.Column("nonce", sa.BigInteger()),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("filters", JsonText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_shared_filters_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_shared_filters"),
        sa.UniqueConstraint("user_id", "digest", name="uq_shared_filters_user_id_digest"),
        sqlite_autoincrement=True)


def downgrade() -> None:
    op.drop_table("shared_filters")
