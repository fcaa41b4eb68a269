"""Threads of messages, so that a thread's notifications can be counted and found without reading bodies.

The key is filled in when a message concerns somebody. Older messages, and those that the previous version
matches, have none: until they're deleted, their threads are those of a page.

Revision: 0036.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("thread_key", sa.BigInteger()))
    condition = sa.text("thread_key IS NOT NULL")
    op.create_index(
        "ix_messages_thread_key", "messages", ["thread_key"], postgresql_where=condition,
        sqlite_where=condition)


def downgrade() -> None:
    op.drop_index("ix_messages_thread_key", "messages")
    op.drop_column("messages", "thread_key")
