"""Nonces of rows that links name, which database this is, sessions of browsers, and who signs in as whom.

Rows that are there already get none: no table is written anew, and links that are in people's mailboxes stay
good.

Revision: 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId, UtcDateTime
from fmn.infra.database_identity import FAILOVER_FUNCTION

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: Tables whose rows links, codes and return addresses name.
NAMED = ("users", "preferences", "confirmations", "filters", "notifications", "deliveries")


def upgrade() -> None:
    for table in NAMED:
        op.add_column(table, sa.Column("nonce", sa.BigInteger()))
    op.create_table(
        "database_timeline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("changed_at", UtcDateTime()),
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_database_timeline"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FAILOVER_FUNCTION)
    op.create_table(
        "browser_sessions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("browser", sa.String(length=100), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_browser_sessions_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_browser_sessions"),
        sa.UniqueConstraint("digest", name="uq_browser_sessions_digest"),
        sqlite_autoincrement=True)
    op.create_index("ix_browser_sessions_user_id", "browser_sessions", ["user_id"])
    op.create_index("ix_browser_sessions_ends_at", "browser_sessions", ["ends_at"])
    op.add_column("users", sa.Column("issuer", sa.String(length=500)))
    op.add_column("users", sa.Column("subject", sa.String(length=255)))
    op.add_column("users", sa.Column("succeeds", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_users_issuer_subject", "users", ["issuer", "subject"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_users_issuer_subject", "users")
    for column in ("succeeds", "subject", "issuer"):
        op.drop_column("users", column)
    op.drop_table("browser_sessions")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION follow_database()")
    op.drop_table("database_timeline")
    for table in reversed(NAMED):
        op.drop_column(table, "nonce")  # not by a copy of the table, which would number its rows otherwise
