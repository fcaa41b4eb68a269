"""What changed of preferences, to be announced on the bus.

Revision: 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import JsonText

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "preference_changes", sa.Column("changed", JsonText(), server_default="[]", nullable=False))
    op.create_table(
        "announced_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_announced_revision"),
    )


def downgrade() -> None:
    op.drop_table("announced_revision")
    with op.batch_alter_table("preference_changes") as batch_op:
        batch_op.drop_column("changed")
