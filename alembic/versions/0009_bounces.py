"""Addresses that stopped working, and mails that came back.

Revision: 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import StorableText, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BOUNCED = sa.text("bounced_at IS NOT NULL")


def upgrade() -> None:
    for name in ("off_at", "failing_since"):
        op.add_column("detail_values", sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column("detail_values", sa.Column("off_reason", StorableText(), nullable=True))
    op.add_column("detail_values", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deliveries", sa.Column("bounced_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_deliveries_bounced", "deliveries", ["preference_id", "bounced_at"],
        postgresql_where=BOUNCED, sqlite_where=BOUNCED)


def downgrade() -> None:
    op.drop_index("ix_deliveries_bounced", "deliveries")
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.drop_column("bounced_at")
    with op.batch_alter_table("detail_values") as batch_op:
        for name in ("off_at", "off_reason", "failures", "failing_since"):
            batch_op.drop_column(name)
