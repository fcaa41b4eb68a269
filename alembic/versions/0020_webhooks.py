"""Webhooks that forges call, and their last deliveries.

Revision: 0020.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", RowId, nullable=False),
        sa.Column("nonce", sa.BigInteger()),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("forge", sa.String(length=20), nullable=False),
        sa.Column("topic_prefix", sa.String(length=100), nullable=False),
        sa.Column("logins_are_accounts", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("private_too", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("previous_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
        sa.UniqueConstraint("name", name="uq_hooks_name"),
        sqlite_autoincrement=True)
    op.create_table(
        "hook_deliveries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("hook_id", RowId),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("event", sa.String(length=100), nullable=False),
        sa.Column("delivery_id", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["hooks.id"], name="fk_hook_deliveries_hook_id_hooks", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_hook_deliveries"),
        sqlite_autoincrement=True)
    op.create_index("ix_hook_deliveries_hook_id", "hook_deliveries", ["hook_id", "id"])


def downgrade() -> None:
    op.drop_table("hook_deliveries")
    op.drop_table("hooks")
