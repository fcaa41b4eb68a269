"""Outages of channels that stay connected: noted by the backend that can't connect, read by the status."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fmn.administration.models import ChannelOutage
from fmn.infra.db import Database, insert_new


def note_outage(database: Database, channel: str, reason: str, now: datetime) -> None:
    """Note why a channel can't connect, or with ``""`` that it can. Writes only what has changed."""
    with database.reading() as session:
        noted = session.scalar(select(ChannelOutage.reason).where(ChannelOutage.channel == channel))
    if (noted or "") == reason:
        return
    with database.transaction() as session:
        if not reason:
            session.execute(delete(ChannelOutage).where(ChannelOutage.channel == channel))
        elif not insert_new(session, ChannelOutage, [{"channel": channel, "reason": reason, "since": now}]):
            session.execute(
                update(ChannelOutage).where(ChannelOutage.channel == channel).values(reason=reason))


def outages(session: Session) -> Sequence[ChannelOutage]:
    """The outages that are noted, by channel."""
    return session.scalars(select(ChannelOutage).order_by(ChannelOutage.channel)).all()
