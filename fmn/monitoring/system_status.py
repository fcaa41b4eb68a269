"""How all of an installation stands, seen from its database, RabbitMQ and Redis, and not from its processes.

These may be on other hosts. What can't be reached is a part of how it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import redis
from sqlalchemy import exists, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fmn.administration import budget_enforcement
from fmn.administration.pending_work import Standing, standing
from fmn.administration.queues import Queue, QueuesUnknownError, queues
from fmn.administration.restored_database import unsettled_since
from fmn.infra import migrations
from fmn.infra.leadership import leader
from fmn.infra.slots import Slot
from fmn.ledger.failed_deliveries import Failures, Which, failures
from fmn.ledger.models import Notification, StoredMessage
from fmn.monitoring.clock_skew import skew_of
from fmn.sources.backfill.models import CatchUp
from fmn.wiring import Services

#: What happened lately, of which we tell.
LATELY: Final = timedelta(hours=1)
FAILED_LATELY: Final = timedelta(days=1)
#: Seconds that Redis has for an answer.
PATIENCE: Final = 3


@dataclass(frozen=True)
class Missed:
    """A stretch of time that a source is to be asked about by now; ``reason`` is why that failed last."""

    source: str
    since: datetime
    until: datetime
    failures: int
    reason: str


@dataclass(frozen=True)
class Ledger:
    """What the database says. ``swept`` is when the scheduler last had waiting work looked for.

    ``lag`` is how many seconds the newest message took from whoever sent it. ``matched`` is how many messages
    of the last hour were matched, and ``notified`` whether any of them concerned anybody.
    ``unsettled_since`` is since when it's another database than before, of which nobody has said what it
    lacks. ``overspent`` are the nicks of those of whom filters were switched off lately for what they cost.
    """

    newest: datetime | None
    lag: float
    standing: Standing
    failures: Sequence[Failures]
    matched: int
    notified: bool
    leader: str
    swept: datetime | None
    missed: Sequence[Missed] = ()
    unsettled_since: datetime | None = None
    overspent: Sequence[str] = ()


@dataclass(frozen=True)
class State:
    """How it stands. Where there's a problem instead, it's in words, and what can't be known is ``None``.

    ``clock_skew`` is how many seconds this host's clock is ahead of the database's.
    """

    at: datetime
    ledger: Ledger | None = None
    ledger_problem: str = ""
    queues: Sequence[Queue] | None = None
    queues_problem: str = ""
    cache_problem: str = ""
    directory_fetched: datetime | None = None
    clock_skew: float = 0.0


def look(services: Services, now: datetime) -> State:
    """See how it stands. Takes seconds at most, whatever is away."""
    ledger, ledger_problem = _ledger(services, now)
    found, queues_problem = _queues(services)
    cache_problem = _cache_problem(services.settings.cache.url)
    fetched = None if cache_problem else services.directory.fetched_at()
    skew = timedelta() if ledger is None else skew_of(services.database)
    return State(
        now, ledger, ledger_problem, found, queues_problem, cache_problem, fetched, skew.total_seconds())


def _ledger(services: Services, now: datetime) -> tuple[Ledger | None, str]:
    database = services.database
    try:
        if not migrations.is_usable(database.engine):
            return None, "the tables in the database aren't those of this version; run fmn db upgrade"
        with database.reading() as session:
            return _read(session, services.contexts, now), ""
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        return None, f"the database can't be asked ({reason}); start it, or set fmn.database.url right"


def _read(session: Session, contexts: Sequence[str], now: datetime) -> Ledger:
    newest = session.execute(
        select(StoredMessage.received_at, StoredMessage.sent_at)
        .order_by(StoredMessage.received_at.desc()).limit(1)).one_or_none()
    lately = StoredMessage.received_at > now - LATELY
    matched = session.scalar(
        select(func.count()).where(lately, StoredMessage.matched_at.is_not(None))) or 0
    notified = session.scalar(
        select(exists().where(Notification.message_id == StoredMessage.id, lately))) or False
    slot = session.scalar(select(func.max(Slot.slot)).where(Slot.job == "sweep"))
    return Ledger(
        newest=newest.received_at if newest else None,
        lag=(newest.received_at - newest.sent_at).total_seconds() if newest else 0.0,
        standing=standing(session, contexts, now),
        failures=failures(session, Which(since=now - FAILED_LATELY)),
        matched=matched, notified=notified, leader=leader(session),
        swept=None if slot is None else datetime.fromtimestamp(slot, UTC),
        missed=[
            Missed(each.source, each.reached, each.until, each.failures, each.reason)
            for each in session.scalars(
                select(CatchUp).where(or_(CatchUp.not_before <= now, CatchUp.failures > 0))
                .order_by(CatchUp.source, CatchUp.slot))],
        unsettled_since=unsettled_since(session),
        overspent=budget_enforcement.whose_were_switched_off(session, now - budget_enforcement.LATELY))


def _queues(services: Services) -> tuple[Sequence[Queue] | None, str]:
    if services.settings.broker.url == "memory://":
        return None, ""  # they are in the memory of fmn up, and come and go with it
    try:
        return queues(services.settings.broker, services.contexts), ""
    except QueuesUnknownError as error:
        return None, f"{error}; start it, or set fmn.broker.url right. Until then the sweep delivers, slowly"


def _cache_problem(url: str) -> str:
    if url == "memory://":
        return ""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=None) as asked:
            asked.ping()
    except redis.RedisError as error:
        return (
            f"Redis can't be asked ({type(error).__name__}); start it, or set fmn.cache.url right. "
            "Until then workers go on with the directory that they know")
    return ""
