"""Asking sources, window by window, each noted once it's in the ledger: so whoever goes on knows where."""

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
from fmn.sources.backfill.backfill_source import Source, SourceError, TooMuchError
from fmn.sources.backfill.datagrepper import Datagrepper
from fmn.sources.backfill.gaps import Claim
from fmn.sources.backfill.ingesting import Taker, Tally
from fmn.sources.backfill.replay_endpoint import Replay
from fmn.sources.backfill.time_windows import Pace, Window, clamped, rest_of

log = structlog.get_logger()

#: How long one task asks; what's left the next one does.
SLICE: Final = timedelta(seconds=60)
#: How long a claim lasts without a window that's done: so long a worker that died is waited for. Where an
#: archive takes longer for one, two workers ask, and what both get is in the ledger once.
CLAIM: Final = timedelta(minutes=5)


def open_source(settings: CatchupSettings, address: str) -> Source:
    """One of those who can be asked, by its address."""
    if address == settings.url:
        return Datagrepper(address, settings.timeout_seconds)
    return Replay(address, settings.timeout_seconds)


def ask(source: Source, whole: Window, take: Taker) -> Iterator[tuple[Window, Tally]]:
    """Ask about a window, piece by piece; yields each that is in the ledger, and what was in it.

    Raises :class:`~fmn.sources.backfill.backfill_source.SourceError`, and what the database does.
    """
    pace, left = Pace(), whole if whole.seconds > 0 else None
    while left is not None:
        window, tally = pace.next(left), Tally()
        try:
            for bodies in source.messages(window):
                tally.add(take.take(source.kind, window, bodies))
        except TooMuchError as error:
            log.debug("shorter windows", source=source.address, seconds=window.seconds, reason=str(error))
            pace.too_much(window)
            continue
        pace.came(tally.fetched)
        yield window, tally
        left = rest_of(left, window)


class CatchUpWorker:
    """Asks about the gaps on record, for a while at a time. Any number may."""

    def __init__(
        self, settings: CatchupSettings, database: Database, taker: Taker, history: timedelta,
    ) -> None:
        self._settings, self._database, self._taker, self._history = settings, database, taker, history

    def work(self, lasting: timedelta = SLICE) -> Tally:
        """Ask for a while, for one window at least; returns what there was. What fails is put on record."""
        deadline, done = time.monotonic() + lasting.total_seconds(), Tally()
        self._forget()
        while (held := self._claim()) is not None:
            with closing(open_source(self._settings, held.source)) as source:
                done.add(self._close(source, held, deadline))
            if time.monotonic() >= deadline:
                break
        return done

    def _forget(self) -> None:
        with self._database.transaction() as session:
            forgotten = gaps.forget(session, self._settings.sources, self._database.now() - self._history)
        if forgotten:
            log.error("gaps given up, there's nobody to ask or no history as old", gaps=forgotten)

    def _claim(self) -> Claim | None:
        claimant = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        with self._database.transaction() as session:
            return gaps.claim(session, self._settings.sources, claimant, self._database.now(), CLAIM)

    def _close(self, source: Source, held: Claim, deadline: float) -> Tally:
        done = Tally()
        try:
            rest = self._ask(source, held, deadline, done)
        except SourceError as error:
            log.warning("source can't be asked, later again", source=source.address, reason=str(error))
            self._postpone(held, str(error))
        except Exception as error:
            log.exception("catching up failed, later again", source=source.address)
            self._postpone(held, f"internal error: {type(error).__name__}")
        else:
            log.info("caught up" if rest is None else "catching up", source=source.address, new=done.new,
                     known=done.known, refused=dict(done.refused),
                     left_from=rest.reached.isoformat() if rest else None)
        return done

    def _postpone(self, held: Claim, reason: str) -> None:
        with self._database.transaction() as session:
            gaps.postpone(session, held, reason, self._database.now())

    def _ask(self, source: Source, held: Claim, deadline: float, done: Tally) -> Claim | None:
        """Returns the claim that is left when time is up; ``None`` if there's none."""
        while (window := self._window(held)) is not None:
            start = held.reached
            for piece, tally in ask(source, window, self._taker):
                done.add(tally)
                with self._database.transaction() as session:
                    now = self._database.now()
                    reached = max(start, min(piece.closes, held.until))
                    further = gaps.advance(session, held, reached, now, CLAIM)
                if further is None:
                    log.warning("somebody else catches up there", source=source.address)
                    return None
                widened = further.reached != reached
                held = further
                if time.monotonic() >= deadline:
                    with self._database.transaction() as session:
                        gaps.give_back(session, held)
                    return held
                if widened:
                    break
        with self._database.transaction() as session:
            if not gaps.finish(session, held):
                gaps.give_back(session, held)
        return None

    def _window(self, held: Claim) -> Window | None:
        since = clamped(held.reached, self._database.now(), self._history)
        return Window.around(since, held.until) if since < held.until else None
