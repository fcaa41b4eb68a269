"""Threads of messages, so that a thread's notifications can be counted and found without reading bodies.

The key is filled in when a message concerns somebody. Older messages, and those that the previous version
matches, have none: until they're deleted, their threads are those of a page.

Revision: 0036.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.concurrent_indexes import create_index

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The index commits, so a run that broke off may have added it. SQLite takes all of it back.
    again = True if op.get_bind().dialect.name == "postgresql" else None
    op.add_column("messages", sa.Column("thread_key", sa.BigInteger()), if_not_exists=again)
    create_index("ix_messages_thread_key", "messages", ["thread_key"], "thread_key IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_messages_thread_key", "messages")
    op.drop_column("messages", "thread_key")
