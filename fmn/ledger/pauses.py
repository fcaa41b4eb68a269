"""Pauses: all of a user's channels are silent until a time, and then a digest tells what came.

A pause works like quiet hours that let nothing through: notifications wait for the digest that is due at its
end, and deliveries that were waiting already are deferred. So nothing is lost, however long it takes.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import Reason
from fmn.people.change_log import record_change
from fmn.people.local_time import utc_of_local_time
from fmn.people.models import Preference, User
from fmn.translations import gettext

#: The longest pause, which bounds what waits for somebody.
MAX_PAUSE: Final = timedelta(days=90)
#: When a pause until a day ends: people are up, and find the digest of what came.
MORNING: Final = time(8)


def end_on(day: date, zone: ZoneInfo) -> datetime:
    """The end of a pause until a day: in its morning."""
    return utc_of_local_time(day, MORNING, zone)


def pause(session: Session, user: User, until: datetime, now: datetime) -> None:
    """Pause all channels until then, or change the end of a pause.

    :raises ~fmn.errors.UserError: that's over already, or too far away
    """
    if until <= now:
        raise UserError(gettext("Choose a time in the future."), "paused_until")
    if until > now + MAX_PAUSE:
        raise UserError(gettext(
            "A pause lasts up to {number} days. Choose an earlier day, or switch your channels off.",
        ).format(number=MAX_PAUSE.days), "paused_until")
    _set(session, user, until)


def resume(session: Session, user: User, now: datetime) -> bool:
    """End a pause now; returns whether there was one."""
    if not is_paused(user, now):
        return False
    _set(session, user, now)
    return True


def is_paused(user: User, now: datetime) -> bool:
    """Whether a user's notifications are paused."""
    return user.paused_until is not None and user.paused_until > now


def _set(session: Session, user: User, until: datetime) -> None:
    user.paused_until = until
    session.flush()  # the row before the revision, as everybody does
    record_change(session, [user.id])
    mine = select(Preference.id).where(Preference.user_id == user.id)
    session.execute(
        update(Delivery)
        .where(Delivery.preference_id.in_(mine), Delivery.state == DeliveryState.WAITING,
               Delivery.reason == Reason.PAUSED.sentence)
        .values(next_attempt_at=until, enqueued_at=None)
        .execution_options(synchronize_session=False))
