"""Users can pause all notifications, and say that their time zone is the right one.

Revision: 0031.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
    # A constant default: no database rewrites the table for it.
    op.add_column(
        "users", sa.Column("time_zone_chosen", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_column("time_zone_chosen")
        batch_op.drop_column("paused_until")
