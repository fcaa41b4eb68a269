"""Inbox entries can be done or snoozed; saved searches, and what undoes a change of an inbox.

Revision: 0028.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.concurrent_indexes import create_index

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
#: Indexes of notifications that nothing touches while these are new, by name, with columns and condition.
PARTIAL = (
    ("ix_notifications_read", ["preference_id", "id"], "read_at IS NOT NULL AND done_at IS NULL"),
    ("ix_notifications_done", ["preference_id", "id"], "done_at IS NOT NULL"),
    ("ix_notifications_snoozed", ["preference_id", "snoozed_until"],
     "snoozed_until IS NOT NULL AND done_at IS NULL"),
)


def upgrade() -> None:
    # The indexes' first commits, so a run that broke off may have added them. SQLite takes all of it back.
    again = True if op.get_bind().dialect.name == "postgresql" else None
    op.add_column("notifications", sa.Column("done_at", MOMENT), if_not_exists=again)
    op.add_column("notifications", sa.Column("snoozed_until", MOMENT), if_not_exists=again)
    for name, columns, condition in PARTIAL:
        create_index(name, "notifications", columns, condition)
    op.create_table(
        "saved_searches",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=400), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_saved_searches_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_searches"),
        sa.UniqueConstraint("user_id", "name", name="uq_saved_searches_user_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbox_undos",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_inbox_undos_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_undos"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_undos_user_id", "inbox_undos", ["user_id"])
    op.create_index("ix_inbox_undos_created_at", "inbox_undos", ["created_at"])


def downgrade() -> None:
    op.drop_table("inbox_undos")
    op.drop_table("saved_searches")
    for name, *_ in PARTIAL:
        op.drop_index(name, table_name="notifications")
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.drop_column("snoozed_until")
        batch_op.drop_column("done_at")
