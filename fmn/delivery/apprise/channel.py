"""Matrix, chat and push as a channel."""

from __future__ import annotations

import math
import time

from apprise import Apprise, AppriseResult, NotifyFormat
from apprise.plugins import NotifyBase

from fmn.delivery.apprise.apprise_errors import failure
from fmn.delivery.apprise.apprise_urls import make_repeatable, open_service
from fmn.delivery.apprise.formatter import Message, format_message
from fmn.delivery.apprise.response_limit import bound_answers
from fmn.delivery.contract import DeliveryError, Outgoing, Surroundings
from fmn.delivery.egress.cooldown import Silences
from fmn.delivery.egress.library_guard import Guard, guarded, never_unguarded
from fmn.delivery.egress.network_policy import Networks

#: Part of a service's longest text that ours has. The rest is for what its own notation makes of it.
_SHARE = 0.75


class AppriseChannel:
    """Formats, and has Apprise send it. Threads may share it."""

    name = "apprise"

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._networks = Networks.of(surroundings.settings.egress)
        self._patience = surroundings.settings.apprise.timeout_seconds
        self._silences = Silences()

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Send it, in one message. Raises :class:`~fmn.delivery.contract.DeliveryError`.

        It takes ``timeout_seconds`` at most, name look-ups aside, and is over by ``until``.
        """
        if self._silences.is_silent(outgoing.destination):
            raise DeliveryError("it didn't answer in time a moment ago", permanent=False, label="silent")
        with guarded(self._networks.check, min(time.monotonic() + self._patience, until)) as guard:
            error = self._error(outgoing, guard)
        if error is None:
            return
        if error.label == "timed out" and time.monotonic() < until:
            self._silences.note(outgoing.destination)
        raise error

    def close(self) -> None:
        """Nothing is kept open."""

    def _error(self, outgoing: Outgoing, guard: Guard) -> DeliveryError | None:
        try:
            service = open_service(outgoing.destination, self._surroundings.settings)
        except ValueError as error:
            return DeliveryError(str(error), permanent=True, label="bad address")
        make_repeatable(service, outgoing.key)
        # It's called before each request, and waits as long as a server wants.
        service.throttle = lambda **asked: guard.pause(asked.get("wait") or 0.0)  # type: ignore[method-assign]
        result = _sent(service, self._message(outgoing, service))
        if result:
            return None
        said = [entry.message for entry in result.logs()]
        return failure(str(service.service_name), said, guard.refusal, is_late=guard.is_late)

    def _message(self, outgoing: Outgoing, service: NotifyBase) -> Message:
        around = self._surroundings
        return format_message(
            outgoing, around.applications, around.links, room=int(service.body_maxlen * _SHARE),
            markdown=outgoing.presentation.markup and _knows_markup(service))


def _sent(service: NotifyBase, message: Message) -> AppriseResult:
    sender = Apprise(asset=service.asset)
    sender.add(service)
    return sender.notify(
        body=message.text, title=message.title,
        body_format=NotifyFormat.MARKDOWN if message.is_markdown else NotifyFormat.TEXT)


def _knows_markup(service: NotifyBase) -> bool:
    formats = service.notify_format
    known = (formats,) if isinstance(formats, str) else formats
    return NotifyFormat.MARKDOWN in known or NotifyFormat.HTML in known


def open_channel(surroundings: Surroundings) -> AppriseChannel:
    """The channel. Nothing is connected before the first delivery."""
    bound_answers()
    # Nobody else here uses requests, so what it does outside of a delivery is done by a service, too.
    for package in ("apprise", "requests"):
        never_unguarded(package)
    return AppriseChannel(surroundings)
