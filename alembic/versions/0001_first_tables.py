"""First tables.

Revision: 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import JsonText, RowId, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expressions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_expressions"),
        sa.UniqueConstraint("digest", name="uq_expressions_digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "messages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("msg_id", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("usernames", JsonText(), nullable=False),
        sa.Column("packages", JsonText(), nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.Column("hinted_at", UtcDateTime(), nullable=True),
        sa.Column("matched_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("msg_id", name="uq_messages_msg_id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_received_at", ["received_at"], unique=False)
        batch_op.create_index(
            "ix_messages_unmatched",
            ["id"],
            unique=False,
            postgresql_where=sa.text("matched_at IS NULL"),
            sqlite_where=sa.text("matched_at IS NULL"),
        )

    op.create_table(
        "preference_changes",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("revision", "user_id", name="pk_preference_changes"),
    )
    op.create_table(
        "preference_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_preference_revision"),
    )
    op.create_table(
        "slots",
        sa.Column("job", sa.String(length=50), nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name="pk_slots"),
    )
    op.create_table(
        "users",
        sa.Column("id", RowId, nullable=False),
        sa.Column("nick", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("nick", name="uq_users_nick"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "preferences",
        sa.Column("id", RowId, nullable=False),
        sa.Column("user_id", RowId, nullable=False),
        sa.Column("context", sa.String(length=50), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("digest_count", sa.Integer(), nullable=True),
        sa.Column("digest_seconds", sa.Integer(), nullable=True),
        sa.CheckConstraint("digest_count > 1", name="ck_preferences_digest_count"),
        sa.CheckConstraint("digest_seconds > 0", name="ck_preferences_digest_seconds"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_preferences_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_preferences"),
        sa.UniqueConstraint("user_id", "context", name="uq_preferences_user_id_context"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "detail_values",
        sa.Column("id", RowId, nullable=False),
        sa.Column("preference_id", RowId, nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["preference_id"],
            ["preferences.id"],
            name="fk_detail_values_preference_id_preferences",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_detail_values"),
        sa.UniqueConstraint("preference_id", "value", name="uq_detail_values_preference_id_value"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "digests",
        sa.Column("id", RowId, nullable=False),
        sa.Column("preference_id", RowId, nullable=False),
        sa.Column("first_notification_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["preference_id"],
            ["preferences.id"],
            name="fk_digests_preference_id_preferences",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint(
            "preference_id", "first_notification_id", name="uq_digests_preference_id_first_notification_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "filters",
        sa.Column("id", RowId, nullable=False),
        sa.Column("preference_id", RowId, nullable=False),
        sa.Column("expression_id", RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("oneshot", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["expression_id"], ["expressions.id"], name="fk_filters_expression_id_expressions"
        ),
        sa.ForeignKeyConstraint(
            ["preference_id"],
            ["preferences.id"],
            name="fk_filters_preference_id_preferences",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_filters"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("filters", schema=None) as batch_op:
        batch_op.create_index("ix_filters_expression_id", ["expression_id"], unique=False)
        batch_op.create_index(
            "ix_filters_preference_id_position", ["preference_id", "position"], unique=False
        )

    op.create_table(
        "notifications",
        sa.Column("id", RowId, nullable=False),
        sa.Column("message_id", RowId, nullable=False),
        sa.Column("preference_id", RowId, nullable=False),
        sa.Column("filter_id", RowId, nullable=True),
        sa.Column("batched", sa.Boolean(), nullable=False),
        sa.Column("digest_id", RowId, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name="fk_notifications_digest_id_digests"),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filters.id"], name="fk_notifications_filter_id_filters", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_notifications_message_id_messages"),
        sa.ForeignKeyConstraint(
            ["preference_id"],
            ["preferences.id"],
            name="fk_notifications_preference_id_preferences",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("message_id", "preference_id", name="uq_notifications_message_id_preference_id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index("ix_notifications_digest_id", ["digest_id"], unique=False)
        batch_op.create_index("ix_notifications_filter_id", ["filter_id"], unique=False)
        batch_op.create_index("ix_notifications_preference_id", ["preference_id"], unique=False)
        batch_op.create_index(
            "ix_notifications_waiting",
            ["preference_id", "id"],
            unique=False,
            postgresql_where=sa.text("batched AND digest_id IS NULL"),
            sqlite_where=sa.text("batched AND digest_id IS NULL"),
        )

    op.create_table(
        "deliveries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("context", sa.String(length=50), nullable=False),
        sa.Column("preference_id", RowId, nullable=False),
        sa.Column("destination", sa.String(length=500), nullable=False),
        sa.Column("notification_id", RowId, nullable=True),
        sa.Column("digest_id", RowId, nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("hinted_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_by", sa.String(length=100), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name="fk_deliveries_digest_id_digests", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name="fk_deliveries_notification_id_notifications",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["preference_id"],
            ["preferences.id"],
            name="fk_deliveries_preference_id_preferences",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_digest_id", ["digest_id"], unique=False)
        batch_op.create_index("ix_deliveries_notification_id", ["notification_id"], unique=False)
        batch_op.create_index("ix_deliveries_preference_id", ["preference_id"], unique=False)
        batch_op.create_index(
            "ix_deliveries_waiting",
            ["context", "next_attempt_at"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deliveries_waiting",
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index("ix_deliveries_preference_id")
        batch_op.drop_index("ix_deliveries_notification_id")
        batch_op.drop_index("ix_deliveries_digest_id")

    op.drop_table("deliveries")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notifications_waiting",
            postgresql_where=sa.text("batched AND digest_id IS NULL"),
            sqlite_where=sa.text("batched AND digest_id IS NULL"),
        )
        batch_op.drop_index("ix_notifications_preference_id")
        batch_op.drop_index("ix_notifications_filter_id")
        batch_op.drop_index("ix_notifications_digest_id")

    op.drop_table("notifications")
    with op.batch_alter_table("filters", schema=None) as batch_op:
        batch_op.drop_index("ix_filters_preference_id_position")
        batch_op.drop_index("ix_filters_expression_id")

    op.drop_table("filters")
    op.drop_table("digests")
    op.drop_table("detail_values")
    op.drop_table("preferences")
    op.drop_table("users")
    op.drop_table("slots")
    op.drop_table("preference_revision")
    op.drop_table("preference_changes")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_messages_unmatched",
            postgresql_where=sa.text("matched_at IS NULL"),
            sqlite_where=sa.text("matched_at IS NULL"),
        )
        batch_op.drop_index("ix_messages_received_at")

    op.drop_table("messages")
    op.drop_table("expressions")
