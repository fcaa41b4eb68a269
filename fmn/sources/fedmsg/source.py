"""fedmsg as a source: reads frames from a bus, and parses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from threading import Event
from typing import Final, Protocol

from fmn.catalog import Message
from fmn.catalog.message import FEDMSG
from fmn.infra.clock import utc_now
from fmn.sources.contract import Batch
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.rejection import MessageRejectedError
from fmn.sources.spool.sqlite_spool import ReceivedMessage

Frames = Sequence[bytes]


class FrameReader(Protocol):
    """Interface of what batches of frames are read from: a subscriber."""

    def batches(
        self, stop: Event, size: int = ..., wait_milliseconds: int = ...,
    ) -> Iterator[list[list[bytes]]]:
        """Batches of messages, each message a list of frames."""


class GapNotes(Protocol):
    """Interface of what records until when everything was received: a gap recorder."""

    def running(self) -> AbstractContextManager[None]:
        """Record until the end of the block."""

    def received(self, messages: Sequence[Message]) -> None:
        """Record that these messages are in the ledger."""

    def record_gap_at(self, since: datetime, until: datetime) -> None:
        """Record that messages of this time may be missing."""


class FedmsgSource:
    """Source of a fedmsg bus. ZeroMQ knows no acknowledgement: what isn't read in time is gone."""

    name: Final = FEDMSG
    acknowledges: Final = False

    def __init__(
        self, bus: FrameReader, message_parser: MessageParser, gap_notes: GapNotes | None = None, *,
        batch_messages: int = 100, batch_milliseconds: int = 20,
    ) -> None:
        self._bus, self._message_parser, self._gap_notes = bus, message_parser, gap_notes
        self._batch = batch_messages, batch_milliseconds

    def running(self) -> AbstractContextManager[None]:
        """Record gaps until the end of the block."""
        return nullcontext() if self._gap_notes is None else self._gap_notes.running()

    def batches(self, stop: Event) -> Iterator[Batch]:
        """Parsed batches of the bus."""
        return map(self.parse, self._bus.batches(stop, *self._batch))

    def parse(self, received: Sequence[Frames]) -> Batch:
        """The acceptable messages among those received together, and the errors of the others."""
        now = utc_now()
        messages, rejected = [], []
        for frames in received:
            try:
                messages.append(ReceivedMessage(self._message_parser.parse(frames), now))
            except MessageRejectedError as error:
                rejected.append(error)
        return Batch(messages, rejected)

    def safe(self, batch: Batch) -> None:
        """Do nothing: nobody waits for an acknowledgement."""

    def stored(self, messages: Sequence[Message]) -> None:
        """Record until when everything was received."""
        if self._gap_notes is not None:
            self._gap_notes.received(messages)

    def dropped(self, since: datetime, until: datetime) -> None:
        """Record a gap, for backfill to fill."""
        if self._gap_notes is not None:
            self._gap_notes.record_gap_at(since, until)

    def waiting(self) -> None:
        """Do nothing: the consumer never waits with messages of a bus."""

    def problem(self) -> str:
        """None: ZeroMQ connects by itself, and doesn't tell."""
        return ""
