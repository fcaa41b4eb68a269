"""PostgreSQL leaves room for the next version of a delivery's row beside it: a claim touches no index then.

Each delivery is updated twice within a second: when it's claimed, and when it's sent. In a full page the new
version goes elsewhere, and each of the table's seven indexes gets an entry for it.

Revision: 0024.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE deliveries SET (fillfactor = 70)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE deliveries RESET (fillfactor)")
