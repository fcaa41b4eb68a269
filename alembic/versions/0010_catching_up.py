"""Until when everything was heard, and what is still to be asked for.

Revision: 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("id", RowId, nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard")))
    # What comes while this version is installed is missed like anything else.
    op.execute(sa.text(
        "INSERT INTO heard (id, until) SELECT 1, max(received_at) FROM messages HAVING count(*) > 0"))
    op.create_table(
        "catch_ups",
        sa.Column("id", RowId, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("reached", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catch_ups")),
        sa.UniqueConstraint("source", "slot", name=op.f("uq_catch_ups_source_slot")),
        sqlite_autoincrement=True)


def downgrade() -> None:
    op.drop_table("catch_ups")
    op.drop_table("heard")
