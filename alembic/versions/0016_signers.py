"""Messages are told apart by who signed them as well, ids are remembered, and late ones are marked.

Revision: 0016.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: Messages whose ids are remembered at once.
AT_ONCE = 5_000
_MESSAGES = sa.table(
    "messages", sa.column("id", sa.BigInteger), sa.column("msg_id", sa.Text), sa.column("signer", sa.Text),
    sa.column("received_at", sa.DateTime(timezone=True)))


def upgrade() -> None:
    with op.batch_alter_table("messages", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_constraint("uq_messages_msg_id", type_="unique")
        batch_op.create_unique_constraint("uq_messages_msg_id_signer", ["msg_id", "signer"])
    remembered = op.create_table(
        "remembered_ids",
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_remembered_ids"),
    )
    op.create_index("ix_remembered_ids_since", "remembered_ids", ["since"])
    _remember(op.get_bind(), remembered)


def _remember(connection: sa.Connection, remembered: sa.Table) -> None:
    """Remember what is in the ledger."""
    last = 0
    while rows := connection.execute(
            sa.select(_MESSAGES).where(_MESSAGES.c.id > last).order_by(_MESSAGES.c.id).limit(AT_ONCE)).all():
        connection.execute(remembered.insert(), [
            {"digest": _digest(row.signer, row.msg_id), "since": _day(row.received_at)} for row in rows])
        last = rows[-1].id


def _digest(signer: str, msg_id: str) -> bytes:
    return sha256(f"{signer}\0{msg_id}".encode("utf-8", "surrogatepass")).digest()[:16]


def _day(moment: object) -> date:
    return date.fromisoformat(str(moment)[:10])


def downgrade() -> None:
    op.drop_table("remembered_ids")
    # One of each id stays, with what was sent of it: the first.
    later = sa.text(
        "SELECT id FROM messages AS later WHERE EXISTS ("
        "SELECT 1 FROM messages AS earlier WHERE earlier.msg_id = later.msg_id AND earlier.id < later.id)")
    op.execute(sa.text(f"DELETE FROM notifications WHERE message_id IN ({later.text})"))  # noqa: S608  ours
    op.execute(sa.text(f"DELETE FROM messages WHERE id IN ({later.text})"))  # noqa: S608  ours
    with op.batch_alter_table("messages", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint("uq_messages_msg_id_signer", type_="unique")
        batch_op.create_unique_constraint("uq_messages_msg_id", ["msg_id"])
        batch_op.drop_column("late")
