"""The channel "apprise": Matrix, chat and push."""

from __future__ import annotations

import math
import time

from apprise import Apprise, AppriseResult, NotifyFormat
from apprise.plugins import NotifyBase

from fmn.delivery.apprise import failures
from fmn.delivery.apprise.apprise_errors import delivery_error
from fmn.delivery.apprise.apprise_urls import make_idempotent, open_service
from fmn.delivery.apprise.formatter import ChatMessage, format_message
from fmn.delivery.apprise.response_limit import limit_response_size
from fmn.delivery.apprise.settings import AppriseSettings
from fmn.delivery.contract import ChannelContext, DeliveryError, RenderedDelivery
from fmn.delivery.egress.cooldown import Cooldown
from fmn.delivery.egress.library_guard import ConnectionGuard, guarded, require_guard
from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.ledger.reasons import Reason

#: Part of a service's longest text that ours has. The rest is for what its own notation makes of it.
_SHARE = 0.75


class AppriseChannel:
    """Formats deliveries and sends them by Apprise. Threads may share it."""

    name = "apprise"

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._networks = NetworkPolicy.of(context.settings.egress)
        self._patience = AppriseSettings.of(context.settings).timeout_seconds
        self._cooldown = Cooldown()

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Send a delivery as one message. Raises :class:`~fmn.delivery.contract.DeliveryError`.

        It takes ``timeout_seconds`` at most, name look-ups aside, and is over by ``until``.
        """
        if self._cooldown.is_active(delivery.destination):
            raise DeliveryError(failures.COOLDOWN, permanent=False, code=Reason.COOLDOWN)
        with guarded(self._networks.check, min(time.monotonic() + self._patience, until)) as guard:
            error = self._error(delivery, guard)
        if error is None:
            return
        if error.code is Reason.TIMED_OUT and time.monotonic() < until:
            self._cooldown.start(delivery.destination)
        raise error

    def close(self) -> None:
        """Nothing is kept open."""

    def _error(self, delivery: RenderedDelivery, guard: ConnectionGuard) -> DeliveryError | None:
        try:
            service = open_service(delivery.destination, self._context.settings)
        except ValueError as error:
            return DeliveryError(str(error), permanent=True, code=Reason.BAD_ADDRESS)
        make_idempotent(service, delivery.key)
        # It's called before each request, and waits as long as a server wants.
        service.throttle = lambda **asked: guard.pause(asked.get("wait") or 0.0)  # type: ignore[method-assign]
        result = _sent(service, self._message(delivery, service))
        if result:
            return None
        said = [entry.message for entry in result.logs()]
        return delivery_error(str(service.service_name), said, guard.refusal, is_late=guard.is_late)

    def _message(self, delivery: RenderedDelivery, service: NotifyBase) -> ChatMessage:
        context = self._context
        return format_message(
            delivery, context.applications, context.links, room=int(service.body_maxlen * _SHARE),
            markdown=delivery.presentation.markup and _knows_markup(service))


def _sent(service: NotifyBase, message: ChatMessage) -> AppriseResult:
    sender = Apprise(asset=service.asset)
    sender.add(service)
    return sender.notify(
        body=message.text, title=message.title,
        body_format=NotifyFormat.MARKDOWN if message.is_markdown else NotifyFormat.TEXT)


def _knows_markup(service: NotifyBase) -> bool:
    formats = service.notify_format
    known = (formats,) if isinstance(formats, str) else formats
    return NotifyFormat.MARKDOWN in known or NotifyFormat.HTML in known


def open_channel(context: ChannelContext) -> AppriseChannel:
    """Open the channel. It connects at the first delivery."""
    limit_response_size()
    # Nobody else here uses requests, so what it does outside of a delivery is done by a service, too.
    for package in ("apprise", "requests"):
        require_guard(package)
    return AppriseChannel(context)
