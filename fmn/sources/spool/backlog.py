"""The backlog: what the ledger hasn't taken yet, on the disk and, while the disk takes nothing, in memory."""

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

from fmn.errors import MistakeError
from fmn.infra import metrics
from fmn.settings import SpoolSettings
from fmn.sources.spool.sqlite_spool import Received, Spool, SpoolError

log = structlog.get_logger()

#: Messages that are read at once.
AT_ONCE: Final = 100
FILE: Final = "spool.sqlite"
#: What waits in memory while the disk is full, or without a spool: some 100,000 messages.
MEMORY_MEGABYTES: Final = 128
#: A directory that can't be made for these reasons is no mistake in the settings.
DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class Portion:
    """Messages of the backlog, oldest first, and what they're forgotten by."""

    messages: Sequence[Received]
    spool: Spool
    last: int


class Backlog:
    """Takes messages in, and gives them out in the same order. Threads may share it.

    What is in memory came after all that is on the disk, and goes there as soon as the disk takes it.
    When both are full, the newest messages are given up: what is here stays one piece, and so does what's
    missing, which is between two moments that are logged.
    """

    def __init__(
        self, disk: Spool | None, memory: Spool, missed: Callable[[datetime, datetime], None] | None = None,
    ) -> None:
        """``missed`` is told from when to when messages were given up."""
        self._disk, self._memory, self._missed = disk, memory, missed
        self._lock = Lock()
        #: What was last said to be wrong with the disk.
        self._trouble = ""
        #: The first and the last of the messages that were given up, and how many they are.
        self._given_up: Sequence[Received] = ()
        self._lost = 0
        self._measure()

    @classmethod
    def from_settings(
        cls, settings: SpoolSettings, missed: Callable[[datetime, datetime], None] | None = None,
    ) -> Self:
        """The backlog that the settings describe. Raises :class:`MistakeError`."""
        disk = None
        if settings.directory is not None:
            _prepare(settings.directory)
            disk = Spool(settings.directory / FILE, settings.max_megabytes)
        return cls(disk, Spool(None, MEMORY_MEGABYTES), missed)

    @property
    def empty(self) -> bool:
        """Whether nothing waits. What can't be read doesn't count."""
        return not any(_waiting(spool) for spool in self._spools)

    @property
    def _spools(self) -> Sequence[Spool]:
        return (self._memory,) if self._disk is None else (self._disk, self._memory)

    def put(self, messages: Sequence[Received]) -> None:
        """Keep messages until they're :meth:`done`."""
        with self._lock:
            try:
                if not self._put_on_disk(messages):
                    self._memory.put(messages)
            except SpoolError as error:
                self._give_up(messages, error)
            else:
                metrics.spool_spooled.inc(len(messages))
                self._tell_what_is_missing()
        self._measure()

    def _put_on_disk(self, messages: Sequence[Received]) -> bool:
        if self._disk is None:
            return False
        try:
            self._move(self._disk)
            self._disk.put(messages)
        except SpoolError as error:
            self._complain("spool can't be written, messages wait in memory", error)
            return False
        if self._trouble:
            log.warning("spool can be written again")
        self._trouble = ""
        return True

    def _move(self, disk: Spool) -> None:
        while _waiting(self._memory):
            last, messages = self._memory.first(AT_ONCE)
            disk.put(messages)
            self._memory.forget(last)

    def _give_up(self, messages: Sequence[Received], error: SpoolError) -> None:
        if not self._given_up:
            log.error("backlog full, new messages are given up", reason=str(error))
        self._given_up = [(self._given_up or messages)[0], messages[-1]]
        self._lost += len(messages)
        metrics.spool_dropped.inc(len(messages))

    def _tell_what_is_missing(self) -> None:
        if self._given_up:
            first, last = self._given_up
            log.error("messages are missing", messages=self._lost,
                      since=first.at.isoformat(), until=last.at.isoformat())
            if self._missed is not None:
                self._missed(first.at, last.at)
        self._given_up, self._lost = (), 0

    def first(self) -> Portion | None:
        """The oldest messages, ``None`` if nothing waits. What can't be read holds up nothing else."""
        for spool in self._spools:
            try:
                last, messages = spool.first(AT_ONCE)
            except SpoolError as error:
                self._complain("spool can't be read", error)
                continue
            if last:
                return Portion(messages, spool, last)
        if self._measured:  # somebody else who shares the spool may have emptied it
            self._measure()
        return None

    def _complain(self, trouble: str, error: SpoolError) -> None:
        """Say what's wrong with the disk, but not again and again."""
        if self._trouble != trouble:
            log.error(trouble, reason=str(error))
        self._trouble = trouble

    def done(self, portion: Portion) -> None:
        """Let go of messages: they're in the ledger."""
        with self._lock, suppress(SpoolError):  # then they're known already when they're read again
            portion.spool.forget(portion.last)
        metrics.spool_drained.inc(len(portion.messages))
        self._measure()

    def _measure(self) -> None:
        self._measured = 0
        for place, spool in zip(("memory", "disk"), reversed(self._spools), strict=False):
            with suppress(SpoolError):
                metrics.spool_messages.labels(place).set(spool.messages)
                metrics.spool_bytes.labels(place).set(spool.bytes)
                self._measured += spool.messages

    def close(self) -> None:
        """Leave for the next process what can be left."""
        with self._lock:
            if self._disk is not None:
                with suppress(SpoolError):
                    self._move(self._disk)
            if waiting := _waiting(self._memory):
                log.error("stopped with messages not stored", messages=waiting)
            self._tell_what_is_missing()
            for spool in self._spools:
                spool.close()


def _waiting(spool: Spool) -> int:
    try:
        return spool.messages
    except SpoolError:
        return 0


def _prepare(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in DISK_FULL:
            return
        raise MistakeError(
            f"fmn.spool.directory = {directory} can't be made: {error.strerror}. "
            "Make it, or name one that the user who runs FMN can write to") from error
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        raise MistakeError(
            f"fmn.spool.directory = {directory} can't be written: give it to the user who runs FMN")
