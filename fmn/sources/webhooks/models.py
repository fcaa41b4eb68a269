"""Tables of incoming webhooks and of their last deliveries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from fmn.infra.column_types import RowId, UtcDateTime
from fmn.infra.db import NEVER_REUSED, Base, PublicIdMixin


class Hook(PublicIdMixin, Base):
    """A webhook that a forge calls. Its secret isn't stored, see :mod:`fmn.sources.webhooks.secrets`.

    ``generation`` counts the secrets it has had; the one before is valid until ``previous_until``.
    """

    __tablename__ = "hooks"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    forge: Mapped[str] = mapped_column(String(20))
    topic_prefix: Mapped[str] = mapped_column(String(100))
    logins_are_accounts: Mapped[bool] = mapped_column(default=True, server_default=true())
    private_too: Mapped[bool] = mapped_column(default=False, server_default=false())
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    generation: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HookDelivery(Base):
    """A request that came for a webhook, without its content. ``hook_id`` is empty for unknown names."""

    __tablename__ = "hook_deliveries"
    __table_args__ = (Index("ix_hook_deliveries_hook_id", "hook_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    hook_id: Mapped[int | None] = mapped_column(ForeignKey("hooks.id", ondelete="CASCADE"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20))
    event: Mapped[str] = mapped_column(String(100), default="")
    delivery_id: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[int] = mapped_column(Integer)
