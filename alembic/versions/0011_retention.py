"""Indexes by which what is over is found.

Revision: 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ENDS = sa.text("until IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_preference_changes_changed_at", "preference_changes", ["changed_at"])
    op.create_index("ix_mutes_until", "mutes", ["until"], postgresql_where=ENDS, sqlite_where=ENDS)


def downgrade() -> None:
    op.drop_index("ix_mutes_until", "mutes")
    op.drop_index("ix_preference_changes_changed_at", "preference_changes")
