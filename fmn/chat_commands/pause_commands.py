"""The commands ``pause`` and ``resume``."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from fmn.chat_commands.reply_format import Requester
from fmn.errors import UserError
from fmn.ledger.pauses import end_on, pause, resume
from fmn.people.local_time import zone_or_utc
from fmn.translations import gettext


def pause_all(session: Session, requester: Requester, span: timedelta | date) -> str:
    """Pause all the requester's channels."""
    user = requester.preference.user
    until = requester.now + span if isinstance(span, timedelta) else end_on(
        span, zone_or_utc(user.time_zone))
    try:
        pause(session, user, until, requester.now)
    except UserError as error:
        return str(error)
    return gettext(
        "All your notifications are paused until {moment}. Then you get a digest of what came. Say “resume” "
        "to go on earlier.").format(moment=requester.moment(until))


def resume_all(session: Session, requester: Requester) -> str:
    """End the requester's pause."""
    if resume(session, requester.preference.user, requester.now):
        return gettext("Your notifications are on again. What came meanwhile is on its way.")
    return gettext("Your notifications aren’t paused.")
