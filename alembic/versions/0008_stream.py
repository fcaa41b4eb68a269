"""The stream of events.

Revision: 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "streams",
        sa.Column("preference_id", RowId, autoincrement=False, nullable=False),
        sa.Column("last_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["preference_id"], ["preferences.id"], name="fk_streams_preference_id_preferences",
            ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("preference_id", name="pk_streams"),
    )
    op.create_table(
        "stream_events",
        sa.Column("preference_id", RowId, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_key", sa.String(length=300), nullable=False),
        sa.Column("event_id", sa.String(length=320), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["preference_id"], ["streams.preference_id"], name="fk_stream_events_preference_id_streams",
            ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("preference_id", "number", name="pk_stream_events"),
        sa.UniqueConstraint("event_id", name="uq_stream_events_event_id"),
    )
    op.create_index("ix_stream_events_created_at", "stream_events", ["created_at", "preference_id", "number"])
    op.create_index("ix_stream_events_delivery_key", "stream_events", ["delivery_key"])


def downgrade() -> None:
    op.drop_table("stream_events")
    op.drop_table("streams")
