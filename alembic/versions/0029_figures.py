"""Figures over time, indexes by which the ledger's finished rows are counted once, and channels' outages.

Revision: 0029.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fmn.infra.column_types import RowId
from fmn.infra.concurrent_indexes import create_index

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in INDEXES:
        create_index(f"ix_{table}_{column}", table, [column], f"{column} IS NOT NULL")
    op.create_table(
        "figures",
        sa.Column("series", sa.String(length=100), nullable=False),
        sa.Column("seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "seconds", "begins", name="pk_figures"),
    )
    op.create_table(
        "daily_figures",
        sa.Column("preference_id", RowId, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("filter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("came", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["preference_id"], ["preferences.id"], ondelete="CASCADE",
            name="fk_daily_figures_preference_id_preferences"),
        sa.PrimaryKeyConstraint("preference_id", "day", "filter_id", name="pk_daily_figures"),
    )
    op.create_index("ix_daily_figures_day", "daily_figures", ["day"])
    op.create_table(
        "figure_bookmarks",
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("target", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("horizon", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_figure_bookmarks"),
    )
    op.create_table(
        "channel_outages",
        sa.Column("channel", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_outages"),
    )


def downgrade() -> None:
    for table, column in reversed(INDEXES):
        op.drop_index(f"ix_{table}_{column}", table)
    for name in ("channel_outages", "figure_bookmarks", "daily_figures", "figures"):
        op.drop_table(name)


INDEXES = (("messages", "matched_at"), ("deliveries", "finished_at"))
