"""Deletion of an account and all data about the user."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fmn.filters.models import Filter
from fmn.ledger.models import DelayedFailure, Delivery, Notification
from fmn.people.change_log import record_change
from fmn.people.models import Preference, User

#: Whatever this session knows of the rows, it's deleted in the database.
_AS_IT_IS: Final = {"synchronize_session": False}


def delete_account(session: Session, user_id: int) -> None:
    """Delete a user with all preferences, filters, notifications and deliveries.

    Messages stay, since they belong to nobody. A delivery that a backend is sending at this moment may still
    go out. Nothing happens if there's no such user.
    """
    # Those who sign in have to wait, who begin with the account; those who edit and those who close digests,
    # who begin with a preference; and, as all of it is about to go, whoever else refers to it. A matcher does
    # while it records, so the rows come in its order, see fmn/matching/pipeline.py, and before the
    # revision, which it may want next. In any other order each could wait for the other.
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    session.execute(
        select(Preference.id).where(Preference.user_id == user_id).order_by(Preference.id)
        .with_for_update(key_share=True))
    session.execute(
        select(Preference.id, Filter.id).join(Filter, Filter.preference_id == Preference.id)
        .where(Preference.user_id == user_id, Preference.enabled, Filter.enabled)
        .order_by(Filter.position.desc(), Filter.id.desc())
        .with_for_update(of=(Preference, Filter)))
    # A matcher that hears that something recovered has a hand on what is held, and wants its deliveries next;
    # a backend that was refused has a delivery, and wants its address. All of this would go with the account
    # anyway, but in an order of the database's own.
    mine = select(Preference.id).where(Preference.user_id == user_id)
    notifications = select(Notification.id).where(Notification.preference_id.in_(mine))
    session.execute(delete(
        DelayedFailure).where(DelayedFailure.notification_id.in_(notifications)), execution_options=_AS_IT_IS)
    session.execute(delete(Delivery).where(Delivery.preference_id.in_(mine)), execution_options=_AS_IT_IS)
    record_change(session, [user_id])
    session.execute(delete(User).where(User.id == user_id))
