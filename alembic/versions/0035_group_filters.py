"""Filters of groups, which members get: whose a filter is, who may edit them, and who opted out.

A group's filters belong to an account of its own, such as ``@infra``. The previous version makes nothing of
them: the account's only preference is switched off.

Revision: 0032.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId, UtcDateTime

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = ("group_opt_outs", "group_editors")


def upgrade() -> None:
    op.add_column("filters", sa.Column("group_name", sa.String(length=200)))
    op.create_index(
        "ix_filters_group_name", "filters", ["group_name"],
        postgresql_where=sa.text("group_name IS NOT NULL"), sqlite_where=sa.text("group_name IS NOT NULL"))
    for table in _TABLES:
        op.create_table(
            table,
            sa.Column("id", RowId, nullable=False),
            sa.Column("group_name", sa.String(length=200), nullable=False),
            sa.Column("user_id", RowId, nullable=False),
            sa.Column("created_at", UtcDateTime(), nullable=False),
            sa.ForeignKeyConstraint(
                ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("group_name", "user_id", name=f"uq_{table}_group_name_user_id"),
            sqlite_autoincrement=True)
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_filters_group_name", "filters")
    op.drop_column("filters", "group_name")
    op.execute("DELETE FROM users WHERE nick LIKE '@%'")
