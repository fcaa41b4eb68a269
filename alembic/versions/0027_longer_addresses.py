"""Addresses of up to 1,000 characters: push subscriptions have an endpoint of up to 450, and keys.

PostgreSQL changes its catalogue only: it rewrites no row and no index when a length grows. The previous
version reads longer addresses like others.

Revision: 0027.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

COLUMNS = (("detail_values", "value"), ("confirmations", "value"), ("deliveries", "destination"))


def upgrade() -> None:
    _resize(500, 1_000)


def downgrade() -> None:
    # What doesn't fit was added by the version that is being left, and means nothing to the one before.
    for table, column in COLUMNS:
        op.execute(sa.text(f"DELETE FROM {table} WHERE length({column}) > 500"))  # noqa: S608 - our own names
    _resize(1_000, 500)


def _resize(before: int, after: int) -> None:
    for table, column in COLUMNS:
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
            batch_op.alter_column(column, existing_type=sa.String(before), type_=sa.String(after))
