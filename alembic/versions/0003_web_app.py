"""What the web app shows and changes: sign-ins, confirmations, tokens, mutes, undo, the audit log.

Revision: 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import JsonText, RowId, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SNOOZED = sa.text("snoozed_until IS NOT NULL")
UNREAD = sa.text("read_at IS NULL")
FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    make_tables_of_people()
    make_tables_of_filters()
    make_audit_log()
    extend_people()
    extend_filters()
    extend_ledger()


def make_tables_of_people() -> None:
    op.create_table(
        "confirmations",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("detail_value_id", RowId, nullable=True),
        sa.Column("context", sa.String(length=50), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["detail_value_id"], ["detail_values.id"], name="fk_confirmations_detail_value_id_detail_values",
            ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_confirmations_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_confirmations"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_confirmations_created_at", "confirmations", ["created_at"])
    op.create_index("ix_confirmations_detail_value_id", "confirmations", ["detail_value_id"])
    op.create_index("ix_confirmations_user_id_created_at", "confirmations", ["user_id", "created_at"])
    op.create_index("ix_confirmations_value_created_at", "confirmations", ["context", "value", "created_at"])
    op.create_table(
        "api_tokens",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", JsonText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_api_tokens_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])


def make_tables_of_filters() -> None:
    op.create_table(
        "mutes",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mutes_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mutes"),
        sa.UniqueConstraint("user_id", "kind", "value", name="uq_mutes_user_id_kind_value"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "undos",
        sa.Column("id", RowId, nullable=False),
        sa.Column("preference_id", RowId, nullable=False),
        sa.Column("filters", JsonText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["preference_id"], ["preferences.id"], name="fk_undos_preference_id_preferences",
            ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_undos"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_undos_created_at", "undos", ["created_at"])
    op.create_index("ix_undos_preference_id", "undos", ["preference_id"])


def make_audit_log() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject"])


def extend_people() -> None:
    op.add_column("users", sa.Column("email", sa.String(length=500), nullable=True))
    op.add_column(
        "users", sa.Column("time_zone", sa.String(length=64), server_default="UTC", nullable=False))
    for name in ("set_up_at", "signed_in_at"):
        op.add_column("users", sa.Column(name, UtcDateTime(), nullable=True))
    for name in ("session_version", "feed_version"):
        op.add_column("users", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in ("clock_times", "clock_days"):
        op.add_column("preferences", sa.Column(name, JsonText(), server_default="[]", nullable=False))
    for name in ("quiet_from", "quiet_until"):
        op.add_column("preferences", sa.Column(name, sa.Time(), nullable=True))
    for name in ("quiet_lets_severe", "long_text", "trigger_links", "markup"):
        op.add_column(
            "preferences", sa.Column(name, sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column(
        "preferences", sa.Column("short_links", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("preferences", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("detail_values", sa.Column("created_at", UtcDateTime(), nullable=True))


def extend_filters() -> None:
    op.add_column("filters", sa.Column("snoozed_until", UtcDateTime(), nullable=True))
    op.add_column("filters", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("filters", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_filters_snoozed_until", "filters", ["snoozed_until"],
        postgresql_where=SNOOZED, sqlite_where=SNOOZED)


def extend_ledger() -> None:
    op.add_column("notifications", sa.Column("read_at", UtcDateTime(), nullable=True))
    op.drop_index("ix_notifications_preference_id", "notifications")
    op.create_index("ix_notifications_preference_id_id", "notifications", ["preference_id", "id"])
    op.create_index(
        "ix_notifications_unread", "notifications", ["preference_id", "id"],
        postgresql_where=UNREAD, sqlite_where=UNREAD)
    op.add_column("deliveries", sa.Column("letter", JsonText(), nullable=True))
    op.create_index(
        "ix_deliveries_failed", "deliveries", ["context", "id"],
        postgresql_where=FAILED, sqlite_where=FAILED)


def downgrade() -> None:
    op.drop_index("ix_deliveries_failed", "deliveries")
    op.drop_index("ix_notifications_unread", "notifications")
    op.drop_index("ix_notifications_preference_id_id", "notifications")
    op.drop_index("ix_filters_snoozed_until", "filters")
    for table, columns in {
        "users": (
            "email", "time_zone", "set_up_at", "signed_in_at", "session_version", "feed_version"),
        "preferences": (
            "clock_times", "clock_days", "quiet_from", "quiet_until", "quiet_lets_severe", "long_text",
            "trigger_links", "short_links", "markup", "version"),
        "detail_values": ("created_at",),
        "filters": ("snoozed_until", "note", "version"),
        "notifications": ("read_at",),
        "deliveries": ("letter",),
    }.items():
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
    op.create_index("ix_notifications_preference_id", "notifications", ["preference_id"])
    for table in ("audit_entries", "undos", "mutes", "api_tokens", "confirmations"):
        op.drop_table(table)
