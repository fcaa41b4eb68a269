"""Backlog of messages not stored yet: on disk and, while the disk fails, in memory."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final, Self

import structlog

from fmn.errors import OperatorError
from fmn.infra import metrics
from fmn.settings import SpoolSettings
from fmn.sources.spool.sqlite_spool import ReceivedMessage, Spool, SpoolError

log = structlog.get_logger()

#: Messages read at once.
BATCH_MESSAGES: Final = 100
SPOOL_FILE: Final = "spool.sqlite"
#: Bytes in memory while the disk is full, or without a spool: some 100,000 messages.
MEMORY_MEGABYTES: Final = 128
#: Errors of creating the directory that are no mistake in the settings.
DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class SpoolBatch:
    """Messages of the backlog, oldest first, and the position to acknowledge them by."""

    messages: Sequence[ReceivedMessage]
    spool: Spool
    last: int


class Backlog:
    """FIFO queue of messages on disk and in memory. Thread-safe.

    Messages in memory are newer than all on disk, and move there as soon as the disk works. When both are
    full, the newest messages are dropped: what remains has no holes, and the lost period is logged.
    """

    def __init__(
        self, disk: Spool | None, memory: Spool,
        on_dropped: Callable[[datetime, datetime], None] | None = None,
    ) -> None:
        """``on_dropped`` is called with the start and end of a period of dropped messages."""
        self._disk, self._memory, self._on_dropped = disk, memory, on_dropped
        self._lock = Lock()
        #: The disk's last logged problem.
        self._problem = ""
        #: First and last dropped message, and their number.
        self._dropped: Sequence[ReceivedMessage] = ()
        self._dropped_count = 0
        self._update_gauges()

    @classmethod
    def from_settings(
        cls, settings: SpoolSettings, on_dropped: Callable[[datetime, datetime], None] | None = None,
    ) -> Self:
        """The backlog of the settings.

        :raises OperatorError: its directory can't be used
        """
        disk = None
        if settings.directory is not None:
            _make_directory(settings.directory)
            disk = Spool(settings.directory / SPOOL_FILE, settings.max_megabytes)
        return cls(disk, Spool(None, MEMORY_MEGABYTES), on_dropped)

    @property
    def empty(self) -> bool:
        """Whether no readable message waits."""
        return not any(_waiting(spool) for spool in self._spools)

    @property
    def _spools(self) -> Sequence[Spool]:
        return (self._memory,) if self._disk is None else (self._disk, self._memory)

    def put(self, messages: Sequence[ReceivedMessage]) -> None:
        """Append messages, to keep until :meth:`acknowledge`."""
        with self._lock:
            try:
                if not self._put_on_disk(messages):
                    self._memory.put(messages)
            except SpoolError as error:
                self._drop(messages, error)
            else:
                metrics.spool_spooled.inc(len(messages))
                self._report_dropped()
        self._update_gauges()

    def put_durably(self, messages: Sequence[ReceivedMessage]) -> bool:
        """Append messages if the disk has room for them; returns whether they are on disk.

        Nothing is kept in memory, and nothing counts as dropped: the sender has the messages still.
        """
        with self._lock:
            kept = self._put_on_disk(messages, "spool can't be written, messages stay with their sender")
            if kept:
                metrics.spool_spooled.inc(len(messages))
                self._report_dropped()
        self._update_gauges()
        return kept

    def _put_on_disk(
        self, messages: Sequence[ReceivedMessage],
        problem: str = "spool can't be written, messages wait in memory",
    ) -> bool:
        if self._disk is None:
            return False
        try:
            self._move(self._disk)
            self._disk.put(messages)
        except SpoolError as error:
            self._log_once(problem, error)
            return False
        if self._problem:
            log.warning("spool can be written again")
        self._problem = ""
        return True

    def _move(self, disk: Spool) -> None:
        while _waiting(self._memory):
            last, messages = self._memory.peek(BATCH_MESSAGES)
            disk.put(messages)
            self._memory.delete_up_to(last)

    def _drop(self, messages: Sequence[ReceivedMessage], error: SpoolError) -> None:
        if not self._dropped:
            log.error("backlog full, new messages are given up", reason=str(error))
        self._dropped = [(self._dropped or messages)[0], messages[-1]]
        self._dropped_count += len(messages)
        metrics.spool_dropped.inc(len(messages))

    def _report_dropped(self) -> None:
        if self._dropped:
            first, last = self._dropped
            log.error("messages are missing", messages=self._dropped_count,
                      since=first.at.isoformat(), until=last.at.isoformat())
            if self._on_dropped is not None:
                self._on_dropped(first.at, last.at)
        self._dropped, self._dropped_count = (), 0

    def peek(self) -> SpoolBatch | None:
        """The oldest messages; ``None`` without any. Unreadable ones are skipped."""
        for spool in self._spools:
            try:
                last, messages = spool.peek(BATCH_MESSAGES)
            except SpoolError as error:
                self._log_once("spool can't be read", error)
                continue
            if last:
                return SpoolBatch(messages, spool, last)
        if self._measured:  # another process that shares the spool may have emptied it
            self._update_gauges()
        return None

    def _log_once(self, problem: str, error: SpoolError) -> None:
        """Log the disk's problem, once until it changes."""
        if self._problem != problem:
            log.error(problem, reason=str(error))
        self._problem = problem

    def acknowledge(self, batch: SpoolBatch) -> None:
        """Delete messages that are in the ledger."""
        with self._lock, suppress(SpoolError):  # they count as known when they're read again
            batch.spool.delete_up_to(batch.last)
        metrics.spool_drained.inc(len(batch.messages))
        self._update_gauges()

    def _update_gauges(self) -> None:
        self._measured = 0
        for place, spool in zip(("memory", "disk"), reversed(self._spools), strict=False):
            with suppress(SpoolError):
                metrics.spool_messages.labels(place).set(spool.messages)
                metrics.spool_bytes.labels(place).set(spool.bytes)
                self._measured += spool.messages

    def close(self) -> None:
        """Move messages from memory to disk for the next process, as far as possible."""
        with self._lock:
            if self._disk is not None:
                with suppress(SpoolError):
                    self._move(self._disk)
            if waiting := _waiting(self._memory):
                log.error("stopped with messages not stored", messages=waiting)
            self._report_dropped()
            for spool in self._spools:
                spool.close()


def _waiting(spool: Spool) -> int:
    try:
        return spool.messages
    except SpoolError:
        return 0


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in DISK_FULL:
            return
        raise OperatorError(
            f"fmn.spool.directory = {directory} can't be made: {error.strerror}. "
            "Make it, or name one that the user who runs FMN can write to") from error
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        raise OperatorError(
            f"fmn.spool.directory = {directory} can't be written: give it to the user who runs FMN")
