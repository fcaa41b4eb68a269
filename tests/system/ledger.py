"""Looking into an installation's database: what is done, and what is still to be done."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fmn.delivery.email.settings import EmailSettings
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState, Notification, StoredMessage
from fmn.people.models import Preference, User

#: Seconds: looking costs the processes that do the work some of theirs.
LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Work:
    """What is still to be done; nothing if all of it is 0."""

    unmatched: int
    #: Notifications that wait for a digest which time or number has made due, or will.
    due: int
    unsent: int

    @property
    def done(self) -> bool:
        return not (self.unmatched or self.unsent or self.due)


def messages_in(database: Database) -> set[str]:
    """The ids of the messages in the ledger."""
    with database.transaction() as session:
        return set(session.scalars(select(StoredMessage.msg_id)))


def work_left(database: Database) -> Work:
    """What is still to be done, but for digests that wait for more to come."""
    # In the order in which work moves on, so that nothing slips through between two questions.
    with database.transaction() as session:
        unmatched = session.scalar(
            select(func.count()).select_from(StoredMessage).where(StoredMessage.matched_at.is_(None))) or 0
        due = _due(session)
        unsent = session.scalar(
            select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.WAITING)) or 0
        return Work(unmatched, due, unsent)


def _due(session: Session) -> int:
    waiting = (
        select(Preference.id, func.count().label("number"))
        .join(Notification, Notification.preference_id == Preference.id)
        .where(Notification.batched, Notification.digest_id.is_(None))
        .group_by(Preference.id).subquery())
    return session.scalar(
        select(func.coalesce(func.sum(waiting.c.number), 0))
        .join(Preference, Preference.id == waiting.c.id)
        .where(or_(Preference.digest_count.is_(None), Preference.digest_seconds.is_not(None),
                   waiting.c.number >= Preference.digest_count))) or 0


def wait_until_done(database: Database, messages: int, timeout: float) -> None:
    """Wait until as many messages have been dealt with, as far as can be without more of them."""
    deadline = time.monotonic() + timeout
    while (left := _what_is_left(database, messages)) is not None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{messages} messages aren't dealt with after {timeout:g} s: {left}")
        time.sleep(LOOK_EVERY)


def _what_is_left(database: Database, messages: int) -> str | None:
    try:
        with database.transaction() as session:
            missing = messages - (session.scalar(select(func.count()).select_from(StoredMessage)) or 0)
        left = work_left(database)
    except DBAPIError as error:
        return f"the database is away: {error}"
    return f"{missing} not in the ledger, {left}" if missing or not left.done else None


def notifications_by_nick(database: Database) -> Counter[str]:
    """How many messages concern whom."""
    with database.transaction() as session:
        rows = session.execute(
            select(User.nick, func.count())
            .join(Preference, Preference.user_id == User.id)
            .join(Notification, Notification.preference_id == Preference.id)
            .group_by(User.nick))
        return Counter({row[0]: row[1] for row in rows})


def deliveries_by_state(database: Database) -> Counter[tuple[str, str, str]]:
    """How many deliveries there are of each kind, state and reason."""
    with database.transaction() as session:
        rows = session.execute(
            select(Delivery.kind, Delivery.state, Delivery.reason, func.count())
            .group_by(Delivery.kind, Delivery.state, Delivery.reason))
        return Counter({(row[0], row[1], row[2]): row[3] for row in rows})


def sent_at(database: Database) -> dict[str, float]:
    """When what was sent was recorded, in seconds since 1970, by its key and, of mails, their Message-ID."""
    with database.transaction() as session:
        rows = session.execute(
            select(Delivery.key, Delivery.finished_at).where(Delivery.state == DeliveryState.SENT)).all()
    return {
        name: finished_at.timestamp()
        for key, finished_at in rows if finished_at
        for name in (key, message_id(key))
    }


def message_id(key: str) -> str:
    """The Message-ID of the mail of a delivery, by its key."""
    domain = EmailSettings().sender.rpartition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def has_claims(database: Database, process: int) -> bool:
    """Whether a process has claimed deliveries and is at work on them."""
    with database.transaction() as session:
        claimed = select(Delivery.id).where(Delivery.claimed_by.like(f"%:{process}:%"))
        return bool(session.scalar(claimed.exists().select()))


def stop_waiting_for_numbers(database: Database) -> None:
    """Have everybody whose digests wait for a number only be told at once from now on."""
    with database.transaction() as session:
        session.execute(
            update(Preference).where(Preference.digest_seconds.is_(None)).values(digest_count=None))
