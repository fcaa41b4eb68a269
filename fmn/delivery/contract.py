"""What a channel promises: deliver one thing, or raise :class:`DeliveryError` and say why.

A channel is a folder (see :mod:`fmn.channels`) with a class that fulfils :class:`Channel`. It gets plain
values, and knows neither the database nor the broker.
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

#: Milliseconds that are waited without a look at the clock.
LONGEST_WAIT: Final = 1000.0


class DeliveryError(Exception):
    """This delivery failed, for the reason in the text.

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
    """Nothing can be delivered through this channel now: the server is away or refuses us all.

    Whoever delivers a chunk stops there instead of failing on every one of it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=False, code=Reason.CHANNEL_DOWN)


class RecipientOfflineError(DeliveryError):
    """Nobody was there to be told, and later it's too late. That says nothing of the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True, code=Reason.RECIPIENT_OFFLINE)


@dataclass(frozen=True, slots=True)
class RenderedNotification:
    """One notification in words: the message, what the catalogue says of it, and why it is sent.

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

    @property
    def notification(self) -> PublicId:
        """What links call the notification."""
        return PublicId(self.notification_id, self.notification_nonce)

    @property
    def public_filter_id(self) -> PublicId | None:
        """What links call the filter, ``None`` if it's deleted."""
        return None if self.filter_id is None else PublicId(self.filter_id, self.filter_nonce)


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """What is said to somebody that isn't about notifications; ``because`` says why they get it.

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
    """One delivery in words. ``key`` is stable: the same thing sent twice has the same key.

    ``items`` are the notifications in it, oldest first: one of them for a single, none with a
    ``system_message``. There may be so many ``more`` in it, which are to be counted, with a link to the
    inbox; ``note`` is a sentence on why they come together, ``""`` if there's nothing to say of it.
    ``presentation`` is how its owner wants them to look, as far as the channel can. ``delivery_id`` is its
    row in the ledger.
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

    @property
    def preference(self) -> PublicId:
        """What links call the preference."""
        return PublicId(self.preference_id, self.preference_nonce)

    @property
    def count(self) -> int:
        """How many notifications are in it."""
        return len(self.items) + self.more

    @property
    def remarks(self) -> str:
        """What there's to say of all of it besides what it tells; ``""`` if that's nothing."""
        return " ".join(filter(None, [self.note, lag_summary([item.lag for item in self.items])]))


class Channel(Protocol):
    """A way to reach people."""

    #: The context it serves.
    name: str

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Hand it over, or raise :class:`DeliveryError`. May keep connections open between calls.

        From ``until`` on, in seconds of the monotonic clock, another process may deliver the same thing.
        What isn't sure to be over by then mustn't be handed over any more, which has to be looked at in
        the last moment: the process may have been stopped at any point before.
        """

    def close(self) -> None:
        """Give connections back. A later :meth:`deliver` opens them again."""


class Pause(NamedTuple):
    """A step is over: the next may follow when there's something to read, or when it's too late for that.

    Without a ``connection`` all is agreed: the next step hands it over. ``deadline`` is in seconds of the
    monotonic clock.
    """

    connection: HasFileno | None
    deadline: float

    def wait(self) -> None:
        """Wait until the next step may follow."""
        if self.connection is not None:
            waiting = select.poll()
            waiting.register(self.connection, select.POLLIN)
            waiting.poll(milliseconds_until(self.deadline))


def milliseconds_until(moment: float) -> float:
    """How long to wait for a moment of the monotonic clock, up to a second; then one looks at it again."""
    return min(max((moment - time.monotonic()) * 1000, 0.0), LONGEST_WAIT)


class HasFileno(Protocol):
    """A connection, as one waits for it."""

    def fileno(self) -> int:
        """Its number."""


#: Hands something over that is ready, until a moment, in steps. It pauses once without a connection, unless
#: it fails before that: what comes before may take place while other things are in doubt. What the last step
#: returns, if anything, goes into the log: a mapping of what finds it again on the other side.
Transmission = Callable[[float], Generator[Pause, None, Mapping[str, str] | None]]


@runtime_checkable
class PipelinedChannel(Channel, Protocol):
    """A channel that delivers several things at the same time, where each takes long and costs little."""

    #: How many. So many are in its hands when a process dies.
    batch_size: int

    def prepare(self, delivery: RenderedDelivery) -> Transmission:
        """Make it ready to be handed over, or raise :class:`DeliveryError`; returns what does that.

        What that is called with is ``until`` of :meth:`deliver`. It does the same in steps, and pauses
        between them where others can be gone on with. Gone on with too early, it pauses again.
        """


class PersistentChannel(Channel, Protocol):
    """A channel that is connected all the time, by one process only: the one whose backend is active.

    Its :class:`~fmn.channels.ChannelType` says that it is ``persistent``.
    """

    def keep_connected(self, until: float) -> None:
        """Be connected, and remain so until then, in seconds of the monotonic clock.

        Called every now and then while this process's backend is the active one. When nobody has called for
        so long, another one may be, so the connection ends by itself.
        """


class ChatCommands(Protocol):
    """Answers people who write to us through a channel."""

    def answer(self, context: str, sender: str, text: str) -> Sequence[str]:
        """The lines that answer what the owner of an address wrote; none if there's nothing to say.

        ``sender`` is an address whose owner, the channel is sure, wrote this. Never raises for what they
        wrote; may raise what the database does.
        """


class EventStream(Protocol):
    """Keeps events for those who listen, now or later."""

    def append(self, preference_id: int, delivery_key: str, events: Mapping[str, str]) -> None:
        """Append a delivery's events, by their ids, as JSON in ASCII. The same delivery twice is there once.

        May raise what the database does.
        """


@dataclass(frozen=True)
class ChannelContext:
    """What a channel is opened with. ``applications`` are the applications' titles by category."""

    settings: Settings
    links: Links
    applications: Mapping[str, str]
    commands: ChatCommands
    stream: EventStream
