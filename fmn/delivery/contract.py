"""Contract of channels: deliver one delivery, or raise :class:`DeliveryError` with the reason.

A channel is a folder (see :mod:`fmn.channels`) with a class that implements :class:`Channel`. It gets plain
values, and uses neither the database nor the broker.
"""

from __future__ import annotations

import math
import select
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol, Self, runtime_checkable

from fmn.catalog import Description, Message
from fmn.delivery.bus_lag import NO_LAG, lag_summary
from fmn.delivery.signed_links import Links
from fmn.infra.public_ids import PublicId
from fmn.ledger.reasons import Reason
from fmn.people.preferences import Presentation
from fmn.settings import Settings
from fmn.translations import SOURCE_LANGUAGE

#: Milliseconds that are waited without a look at the clock.
LONGEST_WAIT: Final = 1000.0


class DeliveryError(Exception):
    """A delivery failed; the text is the reason.

    ``permanent`` is true if trying again can't help (the mail is too large), false if it may.
    ``address_gone`` is true if nothing can be delivered to the address, whatever it is (there's no such
    mailbox): then it's switched off, and trying again can't help either.
    ``code`` says the same as ``reason`` for programs and metrics.
    ``wait`` is for how long the other side asked not to be tried again.
    """

    def __init__(
        self, reason: str, *, permanent: bool, address_gone: bool = False,
        code: Reason = Reason.REFUSED, wait: timedelta = timedelta(),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent or address_gone
        self.address_gone = address_gone
        self.code = code
        self.wait = wait

    @classmethod
    def internal(cls, error: Exception) -> Self:
        """What isn't the channel's but our own fault; we may have mended it by the next attempt."""
        code = Reason.INTERNAL_ERROR
        return cls(code.with_detail(type(error).__name__), permanent=False, code=code)


class ChannelDownError(DeliveryError):
    """The channel is down: its server can't be reached, or refuses FMN as such.

    The backend stops at it instead of trying the rest of the chunk.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=False, code=Reason.CHANNEL_DOWN)


class RecipientOfflineError(DeliveryError):
    """The recipient was offline for too long. It doesn't count against the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True, code=Reason.RECIPIENT_OFFLINE)


@dataclass(frozen=True, slots=True)
class RenderedNotification:
    """A rendered notification: the message, its description by the catalogue, and the filter that matched.

    ``lag`` is how much later than it was sent the message came, see :mod:`fmn.delivery.bus_lag`.
    """

    message: Message
    description: Description
    agent: str | None
    usernames: Sequence[str]
    packages: Sequence[str]
    filter_id: int | None
    filter_name: str
    notification_id: int
    lag: timedelta = NO_LAG
    notification_nonce: int | None = None
    filter_nonce: int | None = None
    groups: Sequence[str] = ()

    @property
    def notification(self) -> PublicId:
        """Public id of the notification."""
        return PublicId(self.notification_id, self.notification_nonce)

    @property
    def public_filter_id(self) -> PublicId | None:
        """Public id of the filter, ``None`` if it's deleted."""
        return None if self.filter_id is None else PublicId(self.filter_id, self.filter_nonce)


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """A system message: confirmation, test or notice. ``because`` says why its recipient gets it.

    ``kind`` says for programs what it is: ``confirmation``, ``test`` or ``notice``. With a
    ``confirmation`` it asks whether the address is theirs, and needs the link or the code that says so.
    Who gets it may never have heard of us, so it offers nothing else.
    """

    subject: str
    paragraphs: Sequence[str]
    because: str
    confirmation: PublicId | None = None
    kind: str = "notice"


@dataclass(frozen=True, slots=True)
class RenderedDelivery:
    """A rendered delivery. ``key`` is stable: the same delivery has the same key at each attempt.

    ``items`` are the notifications in it, oldest first: one of them for a single, none with a
    ``system_message``. There may be so many ``more`` in it, which are to be counted, with a link to the
    inbox; ``note`` is a sentence on why they come together, ``""`` if there's nothing to say of it.
    ``presentation`` is how its owner wants them to look, as far as the channel can, ``time_zone`` where they
    are and ``language`` theirs, for what isn't the catalogue's. ``delivery_id`` is its row in the ledger.
    """

    key: str
    nick: str
    preference_id: int
    destination: str
    items: Sequence[RenderedNotification]
    created_at: datetime
    system_message: SystemMessage | None = None
    presentation: Presentation = field(default_factory=Presentation)
    more: int = 0
    note: str = ""
    delivery_id: int | None = None
    preference_nonce: int | None = None
    delivery_nonce: int | None = None
    time_zone: str = "UTC"
    language: str = SOURCE_LANGUAGE

    @property
    def preference(self) -> PublicId:
        """Public id of the preference."""
        return PublicId(self.preference_id, self.preference_nonce)

    @property
    def count(self) -> int:
        """Number of notifications, with those that are only counted."""
        return len(self.items) + self.more

    @property
    def remarks(self) -> str:
        """Sentences about the whole delivery: its note, and the lag of its messages; often ``""``."""
        return " ".join(filter(None, [self.note, lag_summary([item.lag for item in self.items])]))


class Channel(Protocol):
    """Interface of a channel."""

    #: The context it serves.
    name: str

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Send a delivery, or raise :class:`DeliveryError`. May keep connections open between calls.

        From ``until`` on, in seconds of the monotonic clock, another process may send the same delivery. A
        channel must not transmit what may not be over by then, and must check that right before it
        transmits: the process may have been paused before.
        """

    def close(self) -> None:
        """Close connections. A later :meth:`deliver` opens them again."""


class Pause(NamedTuple):
    """Pause of a transmission until ``connection`` is readable or ``deadline`` has passed.

    Without a ``connection`` the delivery is negotiated, and the next step transmits it. ``deadline`` is in
    seconds of the monotonic clock.
    """

    connection: HasFileno | None
    deadline: float

    def wait(self) -> None:
        """Wait for the next step."""
        if self.connection is not None:
            waiting = select.poll()
            waiting.register(self.connection, select.POLLIN)
            waiting.poll(milliseconds_until(self.deadline))


def milliseconds_until(moment: float) -> float:
    """Milliseconds until a moment of the monotonic clock, one second at most."""
    return min(max((moment - time.monotonic()) * 1000, 0.0), LONGEST_WAIT)


class HasFileno(Protocol):
    """An object with a file descriptor, to be waited for."""

    def fileno(self) -> int:
        """The file descriptor."""


#: Sends a prepared delivery in steps, until a moment. It pauses once without a connection, when all that's
#: left is to transmit, unless it fails before: steps before that may run while other deliveries are in
#: doubt. The last step may return a mapping for the log, with what identifies the delivery at the server.
Transmission = Callable[[float], Generator[Pause, None, Mapping[str, str] | None]]


@runtime_checkable
class PipelinedChannel(Channel, Protocol):
    """A channel that pipelines: several deliveries in a thread at the same time."""

    #: Deliveries in a batch: at most so many are in doubt when a process dies.
    batch_size: int

    def prepare(self, delivery: RenderedDelivery) -> Transmission:
        """Prepare a delivery, or raise :class:`DeliveryError`; returns its transmission.

        The transmission takes ``until`` as :meth:`deliver` does. It pauses between steps where it waits for
        the server; resumed too early, it pauses again.
        """


class PersistentChannel(Channel, Protocol):
    """A channel that keeps a connection open in one process, whose backend is the active one.

    Its :class:`~fmn.channels.ChannelType` says that it is ``persistent``.
    """

    def keep_connected(self, until: float) -> None:
        """Connect, and stay connected until then, in seconds of the monotonic clock.

        Called periodically while this process's backend is the active one. Without a call until then the
        connection closes by itself, since another backend may be active.
        """

    def outage(self) -> str:
        """Why it can't connect; ``""`` if it's connected, or hasn't failed to be yet."""


class ChatCommands(Protocol):
    """Interface of the handler of chat commands."""

    def answer(self, context: str, sender: str, text: str) -> Sequence[str]:
        """Lines that answer a message from the owner of an address; none for an empty message.

        ``sender`` is an address whose owner, the channel is sure, wrote this. Never raises for what they
        wrote; may raise what the database does.
        """


class EventStream(Protocol):
    """Interface of the store of the live feed's events."""

    def append(self, preference_id: int, delivery_key: str, events: Mapping[str, str]) -> None:
        """Append a delivery's events, by their ids, as JSON in ASCII. The same delivery twice is there once.

        May raise what the database does.
        """


@dataclass(frozen=True)
class ChannelContext:
    """Services for a channel: settings, links, commands, stream, and applications' titles by category.

    ``partition`` is the one that a persistent channel is for; others serve all of them.
    """

    settings: Settings
    links: Links
    applications: Mapping[str, str]
    commands: ChatCommands
    stream: EventStream
    partition: int = 0
