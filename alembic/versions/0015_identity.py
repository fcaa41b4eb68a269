"""Nonces of rows that links name, and which database this is.

Rows that are there already get none: no table is written anew, and links that are in people's mailboxes stay
good.

Revision: 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_database_timeline"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FOLLOW)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION follow_database()")
    op.drop_table("database_timeline")
    for table in reversed(NAMED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("nonce")
