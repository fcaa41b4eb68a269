"""Putting deliveries in words: from the ledger's rows to the plain values that channels are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import structlog
from sqlalchemy.orm import Session

from fmn.catalog import Description, Message
from fmn.delivery.bus_lag import lateness
from fmn.delivery.contract import DeliveryError, Item, Letter, Outgoing
from fmn.delivery.delivery_rows import Due, Told, messages_of, told_in, what_is_due
from fmn.delivery.system_messages import (
    CONFIRMED_ALREADY,
    Question,
    letter_in_words,
    question_in_words,
    questions_in,
)
from fmn.ledger.models import Kind, StoredMessage
from fmn.ledger.outbox import SWITCHED_OFF
from fmn.people.preferences import Presentation
from fmn.people.schedule import quiet_hours

log = structlog.get_logger()

#: Why a delivery isn't sent, in words that its owner reads.
ADDRESS_GONE = "the address was removed or switched off before it could be sent"
MESSAGE_GONE = "the message was deleted before it could be sent"
#: Why one waits that was to be sent already.
QUIET_HOURS = "quiet hours began before it could be sent"

Describe = Callable[[Message], Description]


@dataclass(frozen=True)
class Later:
    """Not now: quiet hours have begun since it was decided to send this."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed delivery: in words; or the reason why it isn't to be sent, or not now; or what went wrong."""

    due: Due
    words: Outgoing | str | Later | DeliveryError

    @property
    def id(self) -> int:
        """Its row in the ledger."""
        return self.due.id

    @property
    def context(self) -> str:
        """Through which channel it goes."""
        return self.due.context

    @property
    def msg_ids(self) -> Sequence[str]:
        """What the bus calls the messages in it, as far as it's in words."""
        return [item.message.msg_id for item in self.words.items] if isinstance(self.words, Outgoing) else []


def put_in_words(session: Session, ids: Sequence[int], describe: Describe, now: datetime) -> list[Claimed]:
    """The deliveries in words, in the order of ``ids``. One that can't be put in words harms no other."""
    found = {due.id: due for due in what_is_due(session, ids)}
    letters = [due for due in found.values() if due.letter is not None]
    questions = questions_in(session, letters)
    contents = told_in(session, (due for due in found.values() if due.letter is None))
    telling = _Telling(messages_of(session, contents.values()), describe)
    words = {due.id: _letter(due, questions.get(due.id)) for due in letters}
    return [
        Claimed(due, words.get(due.id) or _words(due, contents.get(due.id, ()), telling, now))
        for due in (found[delivery_id] for delivery_id in ids if delivery_id in found)]


def refusal(claimed: Claimed, due: Due, question: Question | None, now: datetime) -> str | Later | None:
    """Why a delivery that is in words isn't to be sent, or not now, as ``due`` has it by now."""
    assert isinstance(claimed.words, Outgoing)
    reason = _reason(due, question)
    if reason or due.letter is not None:
        return reason or None
    end = _quiet_until(due, claimed.words.items, now)
    return None if end is None else Later(end)


def _reason(due: Due, asked: Question | None = None) -> str:
    """Why a delivery isn't to be sent at all, in words that its owner reads; ``""`` if it is.

    If it asks to confirm an address, ``asked`` is what it asks, ``None`` if that's no question any more.
    """
    if due.kind == Kind.CONFIRMATION:
        if asked is None:
            return ADDRESS_GONE
        return CONFIRMED_ALREADY if asked.answered else ""
    if not due.enabled and due.kind != Kind.TEST:
        return SWITCHED_OFF
    if due.address_id is None:
        return ADDRESS_GONE
    has_content = due.letter is not None or due.notification_id is not None or due.digest_id is not None
    return "" if has_content else MESSAGE_GONE


class _Telling:
    """What is told of messages, each of which is looked at once however many people are told of it."""

    def __init__(self, stored: Mapping[int, StoredMessage], describe: Describe) -> None:
        self._stored = stored
        self._describe = describe
        self._known: dict[int, _Known] = {}

    def item(self, told: Told) -> Item:
        """The notification in words."""
        known, stored = self._known.get(told.message_id), self._stored[told.message_id]
        if known is None:
            known = self._known[told.message_id] = self._look_at(stored)
        return Item(
            *known, told.filter_id, told.filter_name or "", told.notification_id,
            lateness(stored.sent_at, stored.received_at), told.nonce, told.filter_nonce)

    def _look_at(self, stored: StoredMessage) -> _Known:
        message = stored.message
        return message, self._describe(message), stored.agent, stored.usernames, stored.packages


#: What all items about a message have in common: what they begin with.
_Known = tuple[Message, Description, str | None, Sequence[str], Sequence[str]]


def _letter(due: Due, asked: Question | None) -> Outgoing | str:
    if reason := _reason(due, asked):
        return reason
    if asked is not None:
        return _outgoing(due, letter=question_in_words(asked, due.nick))
    return _outgoing(due, letter=letter_in_words(due))


def _words(
    due: Due, content: Sequence[Told], telling: _Telling, now: datetime,
) -> Outgoing | str | Later | DeliveryError:
    if reason := _reason(due):
        return reason
    if not content:
        return MESSAGE_GONE
    try:
        items = [telling.item(told) for told in content]
    except Exception as error:
        log.exception("delivery can't be put in words", delivery=due.id)
        return DeliveryError.internal(error)
    end = _quiet_until(due, items, now)
    return _outgoing(due, items) if end is None else Later(end)


def _quiet_until(due: Due, items: Sequence[Item], now: datetime) -> datetime | None:
    quiet = quiet_hours(
        due.quiet_from, due.quiet_until, due.time_zone, lets_severe=due.quiet_lets_severe)
    if quiet is None:
        return None
    return quiet.until(now, severe=any(item.description.severity.is_severe for item in items))


def _outgoing(due: Due, items: Sequence[Item] = (), letter: Letter | None = None) -> Outgoing:
    return Outgoing(
        delivery_id=due.id, delivery_nonce=due.nonce, preference_nonce=due.preference_nonce,
        key=due.key, nick=due.nick, preference_id=due.preference_id,
        destination=due.destination, items=items, created_at=due.created_at, letter=letter,
        presentation=_presentation(
            due.long_text, due.trigger_links, due.short_links, due.markup, due.mime_digest),
        more=due.unlisted or 0, note=due.note or "")


@lru_cache
def _presentation(
    long_text: bool, trigger_links: bool, short_links: bool, markup: bool,  # noqa: FBT001 - a row's columns
    mime_digest: bool,  # noqa: FBT001
) -> Presentation:
    return Presentation(long_text, trigger_links, short_links, markup, mime_digest)
