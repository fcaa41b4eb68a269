"""The commands ``pause`` and ``resume``."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from fmn.chat_commands.reply_format import Requester
from fmn.errors import UserError
from fmn.ledger.pauses import end_on, pause, resume
from fmn.people.local_time import zone_or_utc


def pause_all(session: Session, requester: Requester, span: timedelta | date) -> str:
    """Pause all the requester's channels."""
    user = requester.preference.user
    until = requester.now + span if isinstance(span, timedelta) else end_on(
        span, zone_or_utc(user.time_zone))
    try:
        pause(session, user, until, requester.now)
    except UserError as error:
        return str(error)
    return (f"All your notifications are paused until {requester.moment(until)}. "
            "Then you get a digest of what came. Say “resume” to go on earlier.")


def resume_all(session: Session, requester: Requester) -> str:
    """End the requester's pause."""
    if resume(session, requester.preference.user, requester.now):
        return "Your notifications are on again. What came meanwhile is on its way."
    return "Your notifications aren’t paused."
