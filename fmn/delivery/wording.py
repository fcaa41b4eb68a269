"""Putting deliveries in words: from the ledger's rows to the plain values that channels are given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from fmn.catalog import Description, Message
from fmn.delivery.contract import DeliveryError, Item, Letter, Outgoing
from fmn.delivery.letters import (
    CONFIRMED_ALREADY,
    Question,
    letter_in_words,
    question_in_words,
    questions_in,
)
from fmn.filters.models import Filter
from fmn.ledger.models import Delivery, Digest, Kind, Notification
from fmn.ledger.outbox import SWITCHED_OFF
from fmn.people.models import DetailValue, Preference, User
from fmn.people.preferences import Presentation, set_now
from fmn.people.rhythm import rhythm_of

log = structlog.get_logger()

#: Why a delivery isn't sent, in words that its owner reads.
ADDRESS_GONE = "the address was removed or switched off before it could be sent"
MESSAGE_GONE = "the message was deleted before it could be sent"
#: Why one waits that was to be sent already.
QUIET_HOURS = "quiet hours began before it could be sent"

Describe = Callable[[Message], Description]
#: A notification and the name of the filter that matched, empty if the filter is gone.
Found = tuple[Notification, str]


@dataclass(frozen=True)
class Later:
    """Not now: quiet hours have begun since it was decided to send this."""

    at: datetime


@dataclass(frozen=True)
class Claimed:
    """A claimed delivery: in words; or the reason why it isn't to be sent, or not now; or what went wrong."""

    id: int
    context: str
    attempts: int
    created_at: datetime
    words: Outgoing | str | Later | DeliveryError


def put_in_words(session: Session, ids: Sequence[int], describe: Describe, now: datetime) -> list[Claimed]:
    """The deliveries in words, in the order of ``ids``. One that can't be put in words harms no other."""
    describe = _once(describe)
    rows = session.execute(
        select(Delivery, Preference, DetailValue.id, Digest)
        .join(Preference, Preference.id == Delivery.preference_id)
        .join(User, User.id == Preference.user_id)
        .outerjoin(DetailValue, (DetailValue.preference_id == Preference.id)
                   & (DetailValue.value == Delivery.destination) & DetailValue.confirmed_at.is_not(None))
        .outerjoin(Digest, Digest.id == Delivery.digest_id)
        .options(contains_eager(Preference.user))
        .where(Delivery.id.in_(ids))).all()
    questions = questions_in(session, [delivery for delivery, *_ in rows])
    letters = {row[0].id: _letter(row, questions) for row in rows if row[0].letter is not None}
    contents = _contents(session, [delivery for delivery, *_ in rows if delivery.id not in letters])
    found = {
        row[0].id: letters.get(row[0].id) or _claimed(row, contents.get(row[0].id, ()), describe, now)
        for row in rows}
    return [found[delivery_id] for delivery_id in ids if delivery_id in found]


def _once(describe: Describe) -> Describe:
    """The same, with one look at a message however many are told of it."""
    known: dict[str, Description] = {}

    def described(message: Message) -> Description:
        if message.msg_id not in known:
            known[message.msg_id] = describe(message)
        return known[message.msg_id]

    return described


def _letter(row: Row[Delivery, Preference, int, Digest], questions: Mapping[int, Question]) -> Claimed:
    delivery, preference, address_id, _ = row
    asked = questions.get(delivery.id)
    words: Letter | str
    if asked is not None:
        words = CONFIRMED_ALREADY if asked.answered else question_in_words(asked, preference.user.nick)
    elif delivery.kind == Kind.CONFIRMATION or address_id is None:
        words = ADDRESS_GONE
    elif delivery.kind == Kind.NOTICE and not preference.enabled:
        words = SWITCHED_OFF
    else:
        words = letter_in_words(delivery, preference.user.nick, switched_on=preference.enabled)
    return Claimed(
        delivery.id, delivery.context, delivery.attempts, delivery.created_at,
        words if isinstance(words, str) else _outgoing(delivery, preference, [], letter=words))


def _claimed(
    row: Row[Delivery, Preference, int, Digest], content: Sequence[Found], describe: Describe, now: datetime,
) -> Claimed:
    delivery, preference, address_id, digest = row
    words: Outgoing | str | Later | DeliveryError
    if not preference.enabled:
        words = SWITCHED_OFF
    elif address_id is None:
        words = ADDRESS_GONE
    elif not content:
        words = MESSAGE_GONE
    else:
        words = _words(delivery, preference, digest, content, describe)
        if isinstance(words, Outgoing) and (end := _quiet_until(preference, words, now)) is not None:
            words = Later(end)
    return Claimed(delivery.id, delivery.context, delivery.attempts, delivery.created_at, words)


def _quiet_until(preference: Preference, words: Outgoing, now: datetime) -> datetime | None:
    severe = any(item.description.severity.is_severe for item in words.items)
    return rhythm_of(preference, preference.user.time_zone).quiet_until(now, severe=severe)


def _words(
    delivery: Delivery, preference: Preference, digest: Digest | None, content: Iterable[Found],
    describe: Describe,
) -> Outgoing | DeliveryError:
    try:
        items = [_item(notification, filter_name, describe) for notification, filter_name in content]
    except Exception as error:
        log.exception("delivery can't be put in words", delivery=delivery.id)
        return DeliveryError.internal(error)
    return _outgoing(delivery, preference, items, digest)


def _outgoing(
    delivery: Delivery, preference: Preference, items: Sequence[Item], digest: Digest | None = None,
    letter: Letter | None = None,
) -> Outgoing:
    return Outgoing(
        delivery_id=delivery.id, key=delivery.key, nick=preference.user.nick,
        preference_id=delivery.preference_id, destination=delivery.destination, items=items,
        created_at=delivery.created_at, letter=letter,
        presentation=set_now(Presentation, preference), more=digest.unlisted if digest else 0,
        note=(digest.note if digest else None) or "")


def _contents(session: Session, deliveries: Iterable[Delivery]) -> Mapping[int, Sequence[Found]]:
    """What is told of in each delivery, by its id, oldest first. Several may have the same in them."""
    singles: defaultdict[int | None, list[int]] = defaultdict(list)
    digests: defaultdict[int | None, list[int]] = defaultdict(list)
    for delivery in deliveries:
        singles[delivery.notification_id].append(delivery.id)
        digests[delivery.digest_id].append(delivery.id)
    for kind in (singles, digests):
        kind.pop(None, None)
    rows = session.execute(
        select(Notification, Filter.name)
        .options(selectinload(Notification.stored_message))
        .outerjoin(Filter, Filter.id == Notification.filter_id)
        .outerjoin(Digest, Digest.id == Notification.digest_id)
        .where(or_(Notification.id.in_(singles), Notification.digest_id.in_(digests)),
               or_(Digest.last_listed_id.is_(None), Notification.id <= Digest.last_listed_id))
        .order_by(Notification.id))
    contents: defaultdict[int, list[Found]] = defaultdict(list)
    for notification, filter_name in rows:
        for delivery_id in (*singles.get(notification.id, ()), *digests.get(notification.digest_id, ())):
            contents[delivery_id].append((notification, filter_name or ""))
    return contents


def _item(notification: Notification, filter_name: str, describe: Describe) -> Item:
    stored = notification.stored_message
    message = stored.message
    return Item(
        message=message, description=describe(message), agent=stored.agent, usernames=stored.usernames,
        packages=stored.packages, filter_id=notification.filter_id, filter_name=filter_name,
        notification_id=notification.id)
