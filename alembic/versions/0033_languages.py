"""The language that somebody has chosen for pages and mails.

Revision: 0033.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("language", sa.String(length=16)))


def downgrade() -> None:
    op.drop_column("users", "language")
