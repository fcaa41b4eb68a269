"""The backend: takes claimed deliveries through a channel and records how each ended.

The order matters. Claim and commit; put the deliveries in words; make sure that the claim still stands;
hand one to the channel; record and commit; take the next. A process that dies leaves at most one delivery
of which nobody knows whether it went out: the one that was in the channel's hands.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from fmn import metrics
from fmn.clock import utc_now
from fmn.db import Database
from fmn.delivery.contract import Channel, ChannelDownError, DeliveryError, Outgoing
from fmn.delivery.recording import Outcome, Recorder
from fmn.delivery.retry import RetryPolicy
from fmn.delivery.wording import QUIET_HOURS, Claimed, Describe, Later, put_in_words
from fmn.ledger import deliveries
from fmn.ledger.models import State

log = structlog.get_logger()

#: A delivery is only begun while this part of its claim is left: longer than a channel may take for it.
CLAIM_LEFT = 2 / 3


@dataclass(frozen=True)
class Lease:
    """A claim on the deliveries of a chunk: who holds it, until when, and which it covers by now."""

    claimant: str
    until: datetime
    held: frozenset[int]


class Backend:
    """Delivers chunks through the channels it's given. Threads may share it."""

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], describe: Describe, *,
        retry: RetryPolicy, claim_for: timedelta, now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._channels = channels
        self._describe = describe
        self._retry = retry
        self._claim_for = claim_for
        self._now = now
        self._recorder = Recorder(database, now)
        #: Deliveries that a thread of ours is handing over, or knows the outcome of and can't record it yet.
        self._in_hand: set[int] = set()

    def deliver(self, context: str, ids: Sequence[int]) -> None:
        """Deliver what is due and free of these deliveries. What fails is recorded, not raised.

        Once the channel is down, the rest of the chunk fails with it, untried.
        """
        channel = self._channels[context]
        lease, chunk = self._claim([one for one in ids if one not in self._in_hand])
        down: DeliveryError | None = None
        for position, one in enumerate(chunk):
            lease = self._renewed(lease, chunk[position:])
            if one.id not in lease.held:
                log.warning("claim ran out", delivery=one.id, context=context)
            elif isinstance(one.words, str):
                self._finish(one, lease, State.DROPPED, one.words)
            elif isinstance(one.words, Later):
                self._hold(one, lease, one.words.at)
            else:
                with self._holding(one):
                    error = down or self._try(channel, one.words, self._end_of(lease))
                    self._settle(one, lease, error)
                down = error if isinstance(error, ChannelDownError) else None

    def close(self) -> None:
        """Close all channels."""
        for channel in self._channels.values():
            channel.close()

    @contextmanager
    def _holding(self, one: Claimed) -> Iterator[None]:
        # Claims run out while the database is away. When it's back, no other thread may be quicker to
        # claim this one than we're to record it.
        self._in_hand.add(one.id)
        try:
            yield
        finally:
            self._in_hand.discard(one.id)

    def _claim(self, ids: Sequence[int]) -> tuple[Lease, Sequence[Claimed]]:
        now = self._now()
        claimant = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        with self._database.transaction() as session:
            claimed = deliveries.claim(session, ids, claimant, now, self._claim_for)
        lease = Lease(claimant, now + self._claim_for, frozenset(claimed))
        with self._database.reading() as session:
            return lease, put_in_words(session, claimed, self._describe, now)

    def _renewed(self, lease: Lease, rest: Sequence[Claimed]) -> Lease:
        """A lease that lasts long enough to begin a delivery, on what of the rest is still ours."""
        now = self._now()
        if lease.until - now >= self._claim_for * CLAIM_LEFT:
            return lease
        with self._database.transaction() as session:
            held = deliveries.renew(
                session, [one.id for one in rest], lease.claimant, now, self._claim_for)
        return Lease(lease.claimant, now + self._claim_for, held)

    def _end_of(self, lease: Lease) -> float:
        """When the lease ends by the monotonic clock; rather too early if we're stopped in between."""
        return time.monotonic() + (lease.until - self._now()).total_seconds()

    def _try(
        self, channel: Channel, words: Outgoing | DeliveryError, until: float,
    ) -> DeliveryError | None:
        if isinstance(words, DeliveryError):
            return words
        try:
            channel.deliver(words, until)
        except DeliveryError as error:
            return error
        except Exception as error:
            # What can't even be formatted is a fault of ours; nobody else's delivery may suffer from it.
            log.exception("channel failed", context=channel.name, key=words.key)
            return DeliveryError.internal(error)
        return None

    def _settle(self, one: Claimed, lease: Lease, error: DeliveryError | None) -> None:
        if error is None:
            return self._recorder.record(Outcome(one.id, one.context))
        metrics.attempts_failed.labels(one.context, error.label).inc()
        again = None
        if not error.permanent:
            again = self._retry.next_attempt(one.attempts + 1, one.created_at, self._now())
        if again is None:
            return self._finish(one, lease, State.FAILED, error.reason)
        return self._recorder.record(Outcome(
            one.id, one.context, "postponed", error.reason, lambda session: deliveries.postpone(
                session, one.id, lease.claimant, error.reason, again)))

    def _hold(self, one: Claimed, lease: Lease, until: datetime) -> None:
        self._recorder.record(Outcome(
            one.id, one.context, "held", QUIET_HOURS, lambda session: deliveries.hold(
                session, one.id, lease.claimant, QUIET_HOURS, until)))

    def _finish(self, one: Claimed, lease: Lease, state: State, reason: str) -> None:
        self._recorder.record(Outcome(
            one.id, one.context, state.value, reason, lambda session: deliveries.finish(
                session, one.id, lease.claimant, state, reason, self._now())))
