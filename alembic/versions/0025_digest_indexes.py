"""Indexes of what is in a digest leave out what is in none, which is nearly everything.

Each delivery that is recorded as sent gets an entry in all indexes of its table without a condition.

Revision: 0025.
"""

from __future__ import annotations

from alembic import op

from fmn.infra.concurrent_indexes import replace_index

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("deliveries", "notifications")


def upgrade() -> None:
    for table in TABLES:
        replace_index(f"ix_{table}_digest_id", table, ["digest_id"], "digest_id IS NOT NULL")


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_digest_id", table)
        op.create_index(f"ix_{table}_digest_id", table, ["digest_id"])
