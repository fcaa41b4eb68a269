"""Contract of sources: what a source of messages gives to the consumer, and what it's told.

A source reads its batches in a thread of its own, and parses and checks them: what it yields can be stored.
The consumer stores a batch in the ledger, or in the spool while the database is away, and says so. After this
contract, all sources share the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Protocol

from fmn.catalog import Message
from fmn.ledger.unreadable import UnreadableMessage
from fmn.sources.rejection import MessageRejectedError
from fmn.sources.spool.sqlite_spool import ReceivedMessage


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that a source received together.

    ``rejected`` are the errors of those that it doesn't accept, ``unreadable`` what administrators may want
    to see of them. ``receipt`` is the source's own: it tells what to acknowledge.
    """

    messages: Sequence[ReceivedMessage]
    rejected: Sequence[MessageRejectedError] = ()
    unreadable: Sequence[UnreadableMessage] = ()
    receipt: object = None


class Source(Protocol):
    """Source of messages, such as a bus. :meth:`batches` runs in one thread; the rest may be called from any.

    ``acknowledges`` says whether the sender keeps what isn't acknowledged. Then the consumer calls
    :meth:`safe` only once a batch is in the ledger or on disk, and waits for room instead of dropping any
    message. Without it, a batch may also wait in memory.
    """

    @property
    def name(self) -> str:
        """The name in settings, commands, metrics and ``messages.source``."""

    @property
    def acknowledges(self) -> bool:
        """Whether the sender keeps messages until they are safe."""

    def running(self) -> AbstractContextManager[None]:
        """Run what the source needs besides :meth:`batches`, until the end of the block."""

    def batches(self, stop: Event) -> Iterator[Batch]:
        """Batches of messages, until ``stop`` is set. An error ends the process."""

    def safe(self, batch: Batch) -> None:
        """Take note that a batch, and all before it, is in the ledger or in the spool."""

    def stored(self, messages: Sequence[Message]) -> None:
        """Take note that messages of this source are in the ledger."""

    def dropped(self, since: datetime, until: datetime) -> None:
        """Take note that messages of this time were given up: the backlog had no room."""

    def waiting(self) -> None:
        """Take note that the consumer still waits for room to put a batch."""

    def problem(self) -> str:
        """What keeps the source from receiving messages, a sentence; "" if nothing does."""
