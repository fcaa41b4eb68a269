"""Nonces of rows that links name, and which database this is.

Rows that are there already get none: no table is written anew, and links that are in people's mailboxes stay
good.

Revision: 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: Tables whose rows links, codes and return addresses name.
NAMED = ("users", "preferences", "confirmations", "filters", "notifications", "deliveries")


def upgrade() -> None:
    for table in NAMED:
        op.add_column(table, sa.Column("nonce", sa.BigInteger()))
    op.create_table(
        "database_timeline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_database_timeline"))


def downgrade() -> None:
    op.drop_table("database_timeline")
    for table in reversed(NAMED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("nonce")
