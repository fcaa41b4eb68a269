"""Rendering of deliveries: from the ledger's rows to the plain values for channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from fmn.catalog import Description, Message
from fmn.delivery.bus_lag import bus_lag
from fmn.delivery.contract import DeliveryError, RenderedDelivery, RenderedNotification, SystemMessage
from fmn.delivery.delivery_rows import (
    DeliveryRow,
    MessageRow,
    NotificationRow,
    read_deliveries,
    read_messages,
    read_notifications,
)
from fmn.delivery.notification_text import in_time_zone
from fmn.delivery.system_messages import (
    ConfirmationRequest,
    read_confirmation_requests,
    render_confirmation_request,
    render_system_message,
)
from fmn.ledger.models import DeliveryKind
from fmn.ledger.reasons import Reason
from fmn.people.preferences import Presentation, QuietHours
from fmn.people.schedule import quiet_period
from fmn.translations import SOURCE_LANGUAGE, in_language

log = structlog.get_logger()

Describe = Callable[[Message], Description]


@dataclass(frozen=True)
class Deferred:
    """A delivery deferred because quiet hours, or a pause, have begun since it became due."""

    at: datetime
    reason: Reason = Reason.QUIET_HOURS


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A claimed delivery: rendered, dropped with a reason, deferred, or failed with an error."""

    due: DeliveryRow
    rendered: RenderedDelivery | Reason | Deferred | DeliveryError

    @property
    def id(self) -> int:
        """Id of its row in the ledger."""
        return self.due.id

    @property
    def context(self) -> str:
        """Name of its channel."""
        return self.due.context

    @property
    def msg_ids(self) -> Sequence[str]:
        """Ids on the bus of its messages, as far as it's rendered."""
        return [item.message.msg_id for item in self.rendered.items] if isinstance(
            self.rendered, RenderedDelivery) else []


def render_deliveries(
    session: Session | Connection, ids: Sequence[int], describe: Describe, now: datetime,
) -> list[ClaimedDelivery]:
    """Render deliveries, in the order of ``ids``. A failure affects its own delivery only."""
    found = {due.id: due for due in read_deliveries(session, ids)}
    system_rows = [due for due in found.values() if due.system_message is not None]
    requests = read_confirmation_requests(session, system_rows)
    contents = read_notifications(session, (due for due in found.values() if due.system_message is None))
    renderer = _NotificationRenderer(read_messages(session, contents.values()), describe)
    words = {due.id: _render_system_message(due, requests.get(due.id)) for due in system_rows}
    return [
        ClaimedDelivery(
            due, words.get(due.id) or _render_notifications(due, contents.get(due.id, ()), renderer, now))
        for due in (found[delivery_id] for delivery_id in ids if delivery_id in found)]


def reason_not_to_send(
    claimed: ClaimedDelivery, due: DeliveryRow, request: ConfirmationRequest | None, now: datetime,
) -> Reason | Deferred | None:
    """Why a delivery that is in words isn't to be sent, or not now, as ``due`` has it by now."""
    assert isinstance(claimed.rendered, RenderedDelivery)
    reason = _reason(due, request)
    if reason or due.system_message is not None:
        return reason
    return _deferral(due, claimed.rendered.items, now)


def _reason(due: DeliveryRow, request: ConfirmationRequest | None = None) -> Reason | None:
    """The reason to drop a delivery; ``None`` if it is to be sent.

    If it asks to confirm an address, ``request`` is what it asks, ``None`` if that's no question any more.
    """
    if due.kind == DeliveryKind.CONFIRMATION:
        if request is None:
            return Reason.ADDRESS_REMOVED
        return Reason.CONFIRMED_ALREADY if request.answered else None
    if not due.enabled and due.kind != DeliveryKind.TEST:
        return Reason.SWITCHED_OFF
    if due.address_id is None:
        return Reason.ADDRESS_REMOVED
    has_content = any(each is not None for each in (due.system_message, due.notification_id, due.digest_id))
    return None if has_content else Reason.MESSAGE_DELETED


class _NotificationRenderer:
    """Renders notifications; each message is described once, however many people get it."""

    def __init__(self, stored: Mapping[int, MessageRow], describe: Describe) -> None:
        self._stored = stored
        self._describe = describe
        self._known: dict[int, _MessageParts] = {}

    def item(self, row: NotificationRow) -> RenderedNotification:
        """Render a notification."""
        known, stored = self._known.get(row.message_id), self._stored[row.message_id]
        if known is None:
            known = self._known[row.message_id] = self._describe_message(stored)
        return RenderedNotification(
            *known, row.filter_id, row.filter_name or "", row.notification_id,
            bus_lag(stored.sent_at, stored.received_at), row.nonce, row.filter_nonce, stored.groups)

    def _describe_message(self, stored: MessageRow) -> _MessageParts:
        message = stored.message
        return message, self._describe(message), stored.agent, stored.usernames, stored.packages


#: What all items about a message have in common: what they begin with.
_MessageParts = tuple[Message, Description, str | None, Sequence[str], Sequence[str]]


def _render_system_message(
    due: DeliveryRow, request: ConfirmationRequest | None,
) -> RenderedDelivery | Reason:
    if reason := _reason(due, request):
        return reason
    with in_language(due.language or SOURCE_LANGUAGE), in_time_zone(due.time_zone):
        message = render_system_message(due) if request is None else render_confirmation_request(
            request, due.nick)
    return _rendered(due, system_message=message)


def _render_notifications(
    due: DeliveryRow, content: Sequence[NotificationRow], renderer: _NotificationRenderer, now: datetime,
) -> RenderedDelivery | Reason | Deferred | DeliveryError:
    if reason := _reason(due):
        return reason
    if not content:
        return Reason.MESSAGE_DELETED
    try:
        items = [renderer.item(row) for row in content]
    except Exception as error:
        log.exception("delivery can't be rendered", delivery=due.id)
        return DeliveryError.internal(error)
    return _deferral(due, items, now) or _rendered(due, items)


def _deferral(due: DeliveryRow, items: Sequence[RenderedNotification], now: datetime) -> Deferred | None:
    if due.paused_until is not None and due.paused_until > now:
        return Deferred(due.paused_until, Reason.PAUSED)
    quiet = quiet_period(QuietHours(
        quiet_from=due.quiet_from, quiet_until=due.quiet_until, quiet_lets_severe=due.quiet_lets_severe,
    ), due.time_zone)
    if quiet is None:
        return None
    end = quiet.until(now, severe=any(item.description.severity.is_severe for item in items))
    return None if end is None else Deferred(end)


def _rendered(
    due: DeliveryRow, items: Sequence[RenderedNotification] = (), system_message: SystemMessage | None = None,
) -> RenderedDelivery:
    return RenderedDelivery(
        delivery_id=due.id, delivery_nonce=due.nonce, preference_nonce=due.preference_nonce,
        key=due.key, nick=due.nick, preference_id=due.preference_id,
        destination=due.destination, items=items, created_at=due.created_at, system_message=system_message,
        presentation=_presentation(
            due.long_text, due.trigger_links, due.short_links, due.markup, due.mime_digest),
        more=due.unlisted or 0, note=due.note or "", time_zone=due.time_zone,
        language=due.language or SOURCE_LANGUAGE)


@lru_cache
def _presentation(
    long_text: bool, trigger_links: bool, short_links: bool, markup: bool,  # noqa: FBT001 - a row's columns
    mime_digest: bool,  # noqa: FBT001
) -> Presentation:
    return Presentation(
        long_text=long_text, trigger_links=trigger_links, short_links=short_links, markup=markup,
        mime_digest=mime_digest)
