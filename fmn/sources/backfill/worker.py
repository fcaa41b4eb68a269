"""Backfill worker: fetches window by window, and records each once it's stored, so that others can resume."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Final

import structlog

from fmn.infra.db import Database
from fmn.settings import CatchupSettings
from fmn.sources.backfill import gaps
from fmn.sources.backfill.backfill_source import BackfillSource, BackfillSourceError, WindowTooLargeError
from fmn.sources.backfill.datagrepper import Datagrepper
from fmn.sources.backfill.gaps import BackfillClaim
from fmn.sources.backfill.ingesting import BackfillIngester, IngestCounts
from fmn.sources.backfill.replay_endpoint import ReplayEndpoint
from fmn.sources.backfill.time_windows import BackfillWindow, WindowSizer, clamp_to_history, remaining

log = structlog.get_logger()

#: Duration of a task; the next one continues.
TASK_DURATION: Final = timedelta(seconds=60)
#: Duration of a claim without progress, after which the worker counts as dead. Where an archive takes longer
#: for a window, two workers fetch it, and each message is stored once.
CLAIM_DURATION: Final = timedelta(minutes=5)


def open_source(settings: CatchupSettings, address: str) -> BackfillSource:
    """Open the source at an address."""
    if address == settings.url:
        return Datagrepper(address, settings.timeout_seconds)
    return ReplayEndpoint(address, settings.timeout_seconds)


def backfill(
    source: BackfillSource, whole: BackfillWindow, ingester: BackfillIngester,
) -> Iterator[tuple[BackfillWindow, IngestCounts]]:
    """Backfill a period window by window; yields each stored window with its counts.

    Raises the database's errors, too.

    :raises ~fmn.sources.backfill.backfill_source.BackfillSourceError: the source failed
    """
    sizer, left = WindowSizer(), whole if whole.seconds > 0 else None
    while left is not None:
        window, counts = sizer.next(left), IngestCounts()
        try:
            for bodies in source.messages(window):
                counts.add(ingester.ingest(source, window, bodies))
        except WindowTooLargeError as error:
            log.debug("shorter windows", source=source.address, seconds=window.seconds, reason=str(error))
            sizer.shrink(window)
            continue
        sizer.record(counts.fetched)
        yield window, counts
        left = remaining(left, window)


class BackfillWorker:
    """Worker that backfills stored gaps for a limited time. Any number may run."""

    def __init__(
        self, settings: CatchupSettings, database: Database, ingester: BackfillIngester, history: timedelta,
    ) -> None:
        self._settings, self._database, self._ingester, self._history = settings, database, ingester, history

    def run(self, duration: timedelta = TASK_DURATION) -> IngestCounts:
        """Backfill for ``duration``, at least one window; returns the counts. Failures are recorded."""
        deadline, done = time.monotonic() + duration.total_seconds(), IngestCounts()
        self._delete_expired()
        while (current := self._claim()) is not None:
            with closing(open_source(self._settings, current.source)) as source:
                done.add(self._close(source, current, deadline))
            if time.monotonic() >= deadline:
                break
        return done

    def _delete_expired(self) -> None:
        with self._database.transaction() as session:
            forgotten = gaps.delete_expired(
                session, self._settings.sources, self._database.now() - self._history)
        if forgotten:
            log.error("gaps given up, there's nobody to ask or no history as old", gaps=forgotten)

    def _claim(self) -> BackfillClaim | None:
        claimant = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        with self._database.transaction() as session:
            return gaps.claim(session, self._settings.sources, claimant, self._database.now(), CLAIM_DURATION)

    def _close(self, source: BackfillSource, current: BackfillClaim, deadline: float) -> IngestCounts:
        done = IngestCounts()
        try:
            rest = self._ask(source, current, deadline, done)
        except BackfillSourceError as error:
            log.warning("source doesn't answer, retrying later", source=source.address, reason=str(error))
            self._postpone(current, str(error))
        except Exception as error:
            log.exception("catching up failed, later again", source=source.address)
            self._postpone(current, f"internal error: {type(error).__name__}")
        else:
            log.info("caught up" if rest is None else "catching up", source=source.address, new=done.new,
                     known=done.known, refused=dict(done.refused),
                     left_from=rest.reached.isoformat() if rest else None)
        return done

    def _postpone(self, current: BackfillClaim, reason: str) -> None:
        with self._database.transaction() as session:
            gaps.postpone(session, current, reason, self._database.now())

    def _ask(
        self, source: BackfillSource, current: BackfillClaim, deadline: float, done: IngestCounts,
    ) -> BackfillClaim | None:
        """Fetch until the deadline; returns the remaining claim, ``None`` without one."""
        while (window := self._window(current)) is not None:
            start = current.reached
            for piece, counts in backfill(source, window, self._ingester):
                done.add(counts)
                with self._database.transaction() as session:
                    now = self._database.now()
                    reached = max(start, min(piece.end_time, current.until))
                    further = gaps.advance(session, current, reached, now, CLAIM_DURATION)
                if further is None:
                    log.warning("somebody else catches up there", source=source.address)
                    return None
                widened = further.reached != reached
                current = further
                if time.monotonic() >= deadline:
                    with self._database.transaction() as session:
                        gaps.release(session, current)
                    return current
                if widened:
                    break
        with self._database.transaction() as session:
            if not gaps.finish(session, current):
                gaps.release(session, current)
        return None

    def _window(self, current: BackfillClaim) -> BackfillWindow | None:
        since = clamp_to_history(current.reached, self._database.now(), self._history)
        return BackfillWindow.covering(since, current.until) if since < current.until else None
