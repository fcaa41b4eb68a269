"""Status of an installation, read from its database, RabbitMQ and Redis.

Processes aren't asked, since they may be on other hosts. A server that can't be reached is part of the
status.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fmn.administration import budget_enforcement
from fmn.administration.channel_outages import outages
from fmn.administration.pending_work import PendingWork, pending_work
from fmn.administration.queues import BrokerUnavailableError, Queue, queues
from fmn.administration.restored_database import unsettled_since
from fmn.catalog.current import catalog_problems
from fmn.infra import migrations
from fmn.infra.leadership import leader_description
from fmn.infra.slots import Slot
from fmn.ledger.failed_deliveries import DeliverySelection, FailureGroup, failure_groups, retry_groups
from fmn.ledger.models import Notification, StoredMessage
from fmn.monitoring.clock_skew import measure_skew
from fmn.sources.backfill.models import Backfill
from fmn.translations import gettext
from fmn.wiring import Services

#: How far back messages, and failures, are counted.
RECENT: Final = timedelta(hours=1)
RECENT_FAILURES: Final = timedelta(days=1)
#: Time limit for Redis's answers, in seconds.
TIMEOUT_SECONDS: Final = 3


@dataclass(frozen=True)
class PendingBackfill:
    """A time window that a source is due to be asked about; ``reason`` is why that failed last."""

    source: str
    since: datetime
    until: datetime
    failures: int
    reason: str


@dataclass(frozen=True)
class Outage:
    """A channel that can't connect, or a partition of one."""

    channel: str
    reason: str
    since: datetime


@dataclass(frozen=True)
class LedgerStatus:
    """Status according to the database. ``swept`` is when the scheduler last started a sweep.

    ``lag`` is how many seconds the newest message took from its sender to FMN. ``matched`` is how many
    messages of the last hour were matched, and ``notified`` whether any of them notified anybody.
    ``unsettled_since`` is when the database was found to be another one, until that is settled.
    ``retries`` are deliveries whose last attempt failed, and ``outages`` channels that can't connect.
    ``overspent`` are the nicks of people whose filters were switched off over budget within a day.
    """

    newest: datetime | None
    lag: float
    standing: PendingWork
    failures: Sequence[FailureGroup]
    matched: int
    notified: bool
    leader: str
    swept: datetime | None
    missed: Sequence[PendingBackfill] = ()
    unsettled_since: datetime | None = None
    overspent: Sequence[str] = ()
    retries: Sequence[FailureGroup] = ()
    outages: Sequence[Outage] = ()


@dataclass(frozen=True)
class SystemStatus:
    """Status of an installation. A server that can't be reached has a ``…_problem`` in words and ``None``.

    ``clock_skew`` is how many seconds this host's clock is ahead of the database's. ``catalog_problems`` are
    those of this host's files of event types.
    """

    at: datetime
    ledger: LedgerStatus | None = None
    ledger_problem: str = ""
    queues: Sequence[Queue] | None = None
    queues_problem: str = ""
    cache_problem: str = ""
    directory_fetched: datetime | None = None
    clock_skew: float = 0.0
    catalog_problems: Sequence[str] = ()


def system_status(services: Services, now: datetime) -> SystemStatus:
    """Read the status. Takes a few seconds at most, whichever server is away."""
    ledger, ledger_problem = _ledger(services, now)
    found, queues_problem = _queues(services)
    cache_problem = _cache_problem(services.settings.cache.url)
    fetched = None if cache_problem else services.directory.fetched_at()
    skew = timedelta() if ledger is None else measure_skew(services.database)
    return SystemStatus(
        now, ledger, ledger_problem, found, queues_problem, cache_problem, fetched, skew.total_seconds(),
        tuple(map(str, catalog_problems())))


def _ledger(services: Services, now: datetime) -> tuple[LedgerStatus | None, str]:
    database = services.database
    try:
        if not migrations.is_usable(database.engine):
            return None, gettext(
                "the tables in the database aren't those of this version; run fmn db upgrade")
        with database.reading() as session:
            return _read(session, services.contexts, now), ""
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        said = gettext("the database doesn't answer ({reason}); start it, or correct fmn.database.url")
        return None, said.format(reason=reason)


def _read(session: Session, contexts: Sequence[str], now: datetime) -> LedgerStatus:
    newest = session.execute(
        select(StoredMessage.received_at, StoredMessage.sent_at)
        .order_by(StoredMessage.received_at.desc()).limit(1)).one_or_none()
    lately = StoredMessage.received_at > now - RECENT
    matched = session.scalar(
        select(func.count()).where(lately, StoredMessage.matched_at.is_not(None))) or 0
    notified = session.scalar(
        select(exists().where(Notification.message_id == StoredMessage.id, lately))) or False
    slot = session.scalar(select(func.max(Slot.slot)).where(Slot.job == "sweep"))
    return LedgerStatus(
        newest=newest.received_at if newest else None,
        lag=(newest.received_at - newest.sent_at).total_seconds() if newest else 0.0,
        standing=pending_work(session, contexts, now),
        failures=failure_groups(session, DeliverySelection(since=now - RECENT_FAILURES)),
        matched=matched, notified=notified, leader=leader_description(session),
        swept=None if slot is None else datetime.fromtimestamp(slot, UTC),
        missed=[
            PendingBackfill(each.source, each.reached, each.until, each.failures, each.reason)
            for each in session.scalars(
                select(Backfill).where(or_(Backfill.not_before <= now, Backfill.failures > 0))
                .order_by(Backfill.source, Backfill.slot))],
        unsettled_since=unsettled_since(session),
        retries=retry_groups(session),
        outages=[Outage(each.channel, each.reason, each.since) for each in outages(session)],
        overspent=budget_enforcement.owners_of_disabled_filters(session, now - budget_enforcement.LATELY))


def _queues(services: Services) -> tuple[Sequence[Queue] | None, str]:
    try:
        return queues(services.settings.broker, services.partitions), ""
    except BrokerUnavailableError as error:
        if services.settings.broker.url == "memory://":
            return None, ""  # they are in the memory of fmn up, and this is another process
        return None, gettext(
            "{reason}; start it, or correct fmn.broker.url. Until then the sweep delivers, slowly").format(
                reason=error)


def _cache_problem(url: str) -> str:
    if url == "memory://":
        return ""
    import redis  # noqa: PLC0415 - it takes long to import

    try:
        with redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=None) as asked:
            asked.ping()
    except redis.RedisError as error:
        return gettext(
            "Redis doesn't answer ({reason}); start it, or correct fmn.cache.url. "
            "Until then workers use the directory that they have in memory").format(
                reason=type(error).__name__)
    return ""
