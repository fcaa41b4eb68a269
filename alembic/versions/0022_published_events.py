"""Events that are published in several forms are remembered, and which filters a user changed.

Revision: 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_events",
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("occurrences", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_published_events"),
    )
    op.create_index("ix_published_events_since", "published_events", ["since"])
    # A constant default: no database rewrites the table for it.
    op.add_column("preference_changes", sa.Column("filters", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("preference_changes") as batch_op:
        batch_op.drop_column("filters")
    op.drop_table("published_events")
