"""Nonces of rows that links name, which database this is, sessions of browsers, and who signs in as whom.

Rows that are there already get none: no table is written anew, and links that are in people's mailboxes stay
good.

Revision: 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.db import RowId, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: Tables whose rows links, codes and return addresses name.
NAMED = ("users", "preferences", "confirmations", "filters", "notifications", "deliveries")

#: Remembers which database this is; if it's another one than remembered, all sequences leave out a thousand
#: million numbers, which is more than any installation gives to rows between two backups, and few of 2^63.
#: What each sequence has given is more than what is in its table, whose last rows may be deleted. It returns
#: how many jumped. Processes whose roles may change neither the row nor sequences call it, hence the
#: owner's rights.
FOLLOW = """
CREATE FUNCTION follow_database() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    this text := concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                           (SELECT oid FROM pg_database WHERE datname = current_database()),
                           substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8));
    known text;
    jumped bigint;
BEGIN
    INSERT INTO database_timeline (id, identity, settled) VALUES (1, this, true) ON CONFLICT DO NOTHING;
    SELECT identity INTO known FROM database_timeline WHERE id = 1 FOR UPDATE;
    IF known = this THEN
        RETURN 0;
    END IF;
    SELECT count(setval(seqrelid::regclass, coalesce(pg_sequence_last_value(seqrelid), 1) + 1000000000))
    INTO jumped
    FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
    WHERE seqtypid = 'bigint'::regtype AND relnamespace = current_schema()::regnamespace;
    UPDATE database_timeline SET identity = this, changed_at = now(), settled = false WHERE id = 1;
    RETURN jumped;
END $$"""


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
        op.execute(FOLLOW)
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
