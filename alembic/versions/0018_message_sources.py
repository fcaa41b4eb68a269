"""Messages know their source, its headers, and the groups that they concern.

Revision: 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = ("groups", "headers", "source")


def upgrade() -> None:
    # Constant defaults: no database rewrites the table for them.
    op.add_column("messages", sa.Column("groups", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("messages", sa.Column("headers", sa.Text(), nullable=False, server_default="{}"))
    op.add_column(
        "messages", sa.Column("source", sa.String(length=100), nullable=False, server_default="fedmsg"))


def downgrade() -> None:
    with op.batch_alter_table("messages", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        for column in COLUMNS:
            batch_op.drop_column(column)
