"""Backend: delivers claimed deliveries through a channel, and records their outcomes.

The order of steps matters:

1. Claim a chunk of deliveries, and commit.
2. Render them, and renew the lease if little of it is left.
3. Negotiate a batch with the server: as many deliveries as the channel pipelines, or one.
4. Meanwhile, recheck that each is still claimed by this process and still to be sent.
5. Once the previous batch is recorded, and if the lease has time left by the database's clock, transmit.
6. Record the outcomes, and commit.

If the process dies or is paused, only transmitted deliveries are in doubt.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from fmn.delivery.contract import (
    Channel,
    ChannelDownError,
    DeliveryError,
    RecipientOfflineError,
    RenderedDelivery,
)
from fmn.delivery.pipelining import DeliveryAttempt, Prepare, batch_size_of, negotiate, preparer, transmit
from fmn.delivery.rechecking import Rechecker
from fmn.delivery.recording import DeliveryOutcome, Recorder
from fmn.delivery.rendering import ClaimedDelivery, Deferred, Describe, render_deliveries
from fmn.delivery.retry import RetryPolicy
from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.dedicated_connection import DedicatedConnections
from fmn.ledger import deliveries
from fmn.ledger.failing_addresses import PermanentFailure, record_permanent_failure
from fmn.ledger.models import DeliveryState
from fmn.ledger.reasons import Reason
from fmn.settings import BounceSettings

log = structlog.get_logger()

#: A delivery is only begun while this part of its claim is left: longer than a channel may take for it.
CLAIM_LEFT = 2 / 3

#: What was read of deliveries is read again after this, before more of them are transmitted. To read it for
#: every batch takes a fast backend a seventh of its time, and nobody can tell what is sooner than this.
RECHECK_AFTER = timedelta(seconds=0.25)

#: After this the rest of a chunk is left to another task: this one would be ended amid a delivery.
LONGEST_TASK = timedelta(minutes=10)

#: How much may fail at an address, where nothing else is set.
USUAL_LIMITS = BounceSettings()

#: How one delivery ended: sent, failed, dropped for a reason, or not to be tried before some time.
DeliveryResult = DeliveryError | Reason | Deferred | None


@dataclass(frozen=True)
class Lease:
    """Lease on the deliveries of a chunk: its holder, its end, and the deliveries it still covers."""

    claimant: str
    until: datetime
    delivery_ids: frozenset[int]


class PreparedDelivery(NamedTuple):
    """A claimed delivery and, if it's to be sent, the attempt to send it."""

    claimed: ClaimedDelivery
    attempt: DeliveryAttempt | None

    @property
    def end(self) -> DeliveryResult:
        """Outcome of the attempt."""
        if self.attempt is not None:
            return self.attempt.error
        assert not isinstance(self.claimed.rendered, RenderedDelivery)
        return self.claimed.rendered

    @property
    def receipt(self) -> Mapping[str, str] | None:
        """What the server returned, for the log."""
        return self.attempt.receipt if self.attempt else None


@dataclass
class ChunkChanges:
    """Changes of a chunk until ``as_of``: lost claims, and deliveries that aren't to be sent any more."""

    as_of: datetime
    lost: set[int] = field(default_factory=set)
    withdrawn: dict[int, Reason | Deferred] = field(default_factory=dict)

    def applied_to(self, one: PreparedDelivery) -> PreparedDelivery:
        """The same delivery, abandoned if it isn't to be sent any more."""
        reason = self.withdrawn.get(one.claimed.id)
        if reason is None or one.attempt is None or one.attempt.is_over:
            return one
        one.attempt.abandon()
        return PreparedDelivery(replace(one.claimed, rendered=reason), None)


class Backend:
    """Delivers chunks of deliveries through channels. Threads may share it."""

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], describe: Describe, *,
        retry: RetryPolicy, claim_for: timedelta, bounce: BounceSettings = USUAL_LIMITS,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._channels = channels
        self._prepare = {name: preparer(channel) for name, channel in channels.items()}
        self._batch_size = {name: batch_size_of(channel) for name, channel in channels.items()}
        self._describe = describe
        self._retry = retry
        self._claim_for = claim_for
        self._bounce = bounce
        self._now = now
        self._recorder = Recorder(database, now)
        self._connections = DedicatedConnections(database)
        self._rechecker = Rechecker(database, self._connections)
        #: What a channel that takes several at once was handed is one thread's until it's recorded, or more
        #: would be in doubt. Meanwhile another one agrees with the other side on what comes next.
        self._in_doubt, self._negotiating = (
            {name: nullcontext() if batch_size == 1 else Lock() for name,
                batch_size in self._batch_size.items()}
            for _ in range(2))
        #: Deliveries that a thread of ours is handing over, or knows the outcome of and can't record it yet.
        self._in_progress: set[int] = set()

    def deliver(self, context: str, ids: Sequence[int]) -> None:
        """Claim and deliver those of these deliveries that are due. Failures are recorded, not raised.

        Once the channel is down, the rest of the chunk fails with it, untried. What a slow channel doesn't
        get done within :data:`LONGEST_TASK` is given back.
        """
        latest = self._now() + LONGEST_TASK
        changes = ChunkChanges(self._now())
        lease, chunk = self._claim([one for one in ids if one not in self._in_progress])
        making = _prepared(self._prepare[context], chunk)
        down: DeliveryError | None = None
        size = self._batch_size[context]
        ahead: list[PreparedDelivery] = []
        for first in range(0, len(chunk), size):
            if self._now() >= latest:
                return self._release(lease, chunk[first:])
            rest = chunk[first:]
            batch = [changes.applied_to(each) for each in (*ahead, *islice(making, size - len(ahead)))]
            ahead = []
            with ExitStack() as until_recorded:
                with self._negotiating[context]:
                    lease = self._renewed(lease, rest)
                    ours = [each for each in batch if self._is_still_claimed(each, lease)]
                    until_recorded.enter_context(self._marked_in_progress(ours))
                    negotiate(_attempts(
                        ours), self._monotonic_end_of(lease), down, self._rechecking(lease, rest, changes))
                    until_recorded.enter_context(self._in_doubt[context])
                    # Recording those before told the database's time: our own clocks may have stood still.
                    self._recheck(lease, rest, changes)
                    lease = self._renewed(
                        replace(lease, delivery_ids=lease.delivery_ids - changes.lost), rest)
                    ours = [changes.applied_to(each) for each in ours if self._is_still_claimed(each, lease)]
                    transmit(_attempts(ours), _appending_to(ahead, islice(making, size)))
                down = self._record(ours, lease)
        return None

    def close(self) -> None:
        """Close all channels and the dedicated database connections."""
        for channel in self._channels.values():
            channel.close()
        self._recorder.close()
        self._connections.close()

    def _rechecking(
        self, lease: Lease, rest: Sequence[ClaimedDelivery], changes: ChunkChanges,
    ) -> Iterator[None]:
        """The same in a step."""
        self._recheck(lease, rest, changes)
        yield

    def _recheck(self, lease: Lease, rest: Sequence[ClaimedDelivery], changes: ChunkChanges) -> None:
        """Read again the state of the rest of a chunk, unless that has been done."""
        now = self._now()
        if now - changes.as_of < RECHECK_AFTER:
            return
        asked = [each for each in rest if isinstance(each.rendered, RenderedDelivery)]
        found = self._rechecker.recheck(asked, lease.claimant, now)
        changes.lost |= {each.id for each in asked} - found.claimed
        changes.withdrawn |= found.withdrawn
        changes.as_of = now

    def _record(self, ours: Sequence[PreparedDelivery], lease: Lease) -> DeliveryError | None:
        """Record the outcomes; returns the error if the channel is down."""
        self._recorder.record(*[self._outcome_of(each, lease) for each in ours])
        return next((each.end for each in ours if isinstance(each.end, ChannelDownError)), None)

    @contextmanager
    def _marked_in_progress(self, ours: Sequence[PreparedDelivery]) -> Iterator[None]:
        # Claims run out while the database is away. When it's back, no other thread may be quicker to
        # claim these than we're to record them.
        ids = [each.claimed.id for each in ours]
        self._in_progress.update(ids)
        try:
            yield
        finally:
            self._in_progress.difference_update(ids)

    def _claim(self, ids: Sequence[int]) -> tuple[Lease, Sequence[ClaimedDelivery]]:
        now = self._now()
        claimant = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        claimed = self._connections.run(
            lambda connection: deliveries.claim(connection, ids, claimant, now, self._claim_for))
        lease = Lease(claimant, now + self._claim_for, frozenset(claimed))
        return lease, self._connections.run(
            lambda connection: render_deliveries(connection, claimed, self._describe, now))

    def _renewed(self, lease: Lease, rest: Sequence[ClaimedDelivery]) -> Lease:
        """Renew a lease on the rest of a chunk, if too little of it is left to begin a delivery."""
        now = self._now()
        if lease.until - now >= self._claim_for * CLAIM_LEFT:
            return lease
        with self._database.transaction() as session:
            held = deliveries.renew(
                session, [one.id for one in rest], lease.claimant, now, self._claim_for)
        return Lease(lease.claimant, now + self._claim_for, held)

    def _release(self, lease: Lease, rest: Sequence[ClaimedDelivery]) -> None:
        with self._database.transaction() as session:
            deliveries.renew(session, [one.id for one in rest], lease.claimant, self._now(), timedelta())
        log.info("rest of a chunk given back", deliveries=len(rest))

    def _monotonic_end_of(self, lease: Lease) -> float:
        """End of the lease by the monotonic clock; too early rather than too late."""
        return time.monotonic() + (lease.until - self._now()).total_seconds()

    def _is_still_claimed(self, one: PreparedDelivery, lease: Lease) -> bool:
        if one.claimed.id in lease.delivery_ids:
            return True
        log.warning("claim ran out", delivery=one.claimed.id, context=one.claimed.context)
        if one.attempt is not None:
            one.attempt.abandon()
        return False

    def _outcome_of(self, each: PreparedDelivery, lease: Lease) -> DeliveryOutcome:
        one, end = each.claimed, each.end
        if end is None:
            return DeliveryOutcome(one.id, one.context, msg_ids=one.msg_ids, receipt=each.receipt)
        return self._unsent(one, lease, end)._replace(msg_ids=one.msg_ids, receipt=each.receipt)

    def _unsent(
        self, one: ClaimedDelivery, lease: Lease, end: DeliveryError | Reason | Deferred,
    ) -> DeliveryOutcome:
        if isinstance(end, Reason):
            return self._dropped(one, lease, end, end.sentence)
        if isinstance(end, Deferred):
            reason = end.reason.sentence
            return DeliveryOutcome(
                one.id, one.context, "held", reason, lambda session: deliveries.reschedule(
                session, one.id, lease.claimant, reason, end.at))
        return self._failed(one, lease, end)

    def _failed(self, one: ClaimedDelivery, lease: Lease, error: DeliveryError) -> DeliveryOutcome:
        metrics.attempts_failed.labels(one.context, error.code.label).inc()
        if isinstance(error, RecipientOfflineError):
            return self._dropped(one, lease, error.code, error.reason)
        if error.permanent:
            return self._failed_for_good(one, lease, error)
        again = self._retry.next_attempt(one.due.attempts + 1, one.due.created_at, self._now(), error.wait)
        if again is None:
            return self._finished(one, lease, DeliveryState.FAILED, error.reason)
        return DeliveryOutcome(
            one.id, one.context, "postponed", error.reason, lambda session: deliveries.schedule_retry(
            session, one.id, lease.claimant, error.reason, again))

    def _failed_for_good(self, one: ClaimedDelivery, lease: Lease, error: DeliveryError) -> DeliveryOutcome:
        """Record a permanent failure, and count it against the address."""
        failure = PermanentFailure(error.reason, error.address_gone)

        def write(session: Session) -> bool:
            now = self._now()
            recorded = deliveries.finish(
                session, one.id, lease.claimant, DeliveryState.FAILED, error.reason, now)
            if recorded:
                record_permanent_failure(session, one.id, failure, now, self._bounce)
            return recorded

        return DeliveryOutcome(one.id, one.context, DeliveryState.FAILED.value, error.reason, write)

    def _dropped(self, one: ClaimedDelivery, lease: Lease, code: Reason, sentence: str) -> DeliveryOutcome:
        return self._finished(one, lease, DeliveryState.DROPPED, sentence)._replace(dropped=code)

    def _finished(
        self, one: ClaimedDelivery, lease: Lease, state: DeliveryState, reason: str,
    ) -> DeliveryOutcome:
        return DeliveryOutcome(one.id, one.context, state.value, reason, lambda session: deliveries.finish(
            session, one.id, lease.claimant, state, reason, self._now()))


def _prepared(prepare: Prepare, chunk: Iterable[ClaimedDelivery]) -> Iterator[PreparedDelivery]:
    """Prepare deliveries one by one; those to be sent are ready to be transmitted."""
    for one in chunk:
        yield PreparedDelivery(one, DeliveryAttempt(
            prepare, one.rendered) if isinstance(one.rendered, RenderedDelivery) else None)


def _attempts(ready: Iterable[PreparedDelivery]) -> Sequence[DeliveryAttempt]:
    return [each.attempt for each in ready if each.attempt is not None]


def _appending_to(these: list[PreparedDelivery], making: Iterable[PreparedDelivery]) -> Iterator[None]:
    """Append each value of an iterator as it's stepped through."""
    for each in making:
        these.append(each)
        yield
