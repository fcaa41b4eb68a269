"""PostgreSQL vacuums the tables that grow with traffic more often, so that retention leaves less room unused.

By default it waits until a fifth of a table is dead. With 90 days of deliveries that takes weeks, and then a
run takes long.

Revision: 0023.
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = ("messages", "notifications", "deliveries")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.05)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor)")
