"""What supervisors ask of a process: whether it lives, and whether it can work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, NullPool
from sqlalchemy.exc import SQLAlchemyError

from fmn.administration.queues import BrokerUnavailableError, check_connection
from fmn.infra import metrics, migrations
from fmn.infra.db import Database, make_engine
from fmn.monitoring.metrics_registry import metrics_registry
from fmn.settings import BrokerSettings

#: Seconds without a round after which a main loop counts as stuck. Some rounds wait for a database host that
#: vanished, which takes 25.
STUCK_SECONDS: Final = 90.0
#: Seconds that an answer counts for, so that nobody who asks often wears anything out.
CACHE_SECONDS: Final = 1.0
#: How long PostgreSQL may take: seconds to connect, milliseconds to answer.
_CONNECTION: Final = {
    "connect_timeout": 3, "tcp_user_timeout": 3_000, "options": "-c statement_timeout=3000"}


@dataclass(frozen=True)
class ProbeResult:
    """What is wrong, if anything is, and what else there is to say."""

    problem: str = ""
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        return "\n".join([self.problem or "ok", *self.notes])


Probe = Callable[[], ProbeResult]
#: What else there is to say.
Notes = Callable[[], Iterable[str]]
#: Looks at something a process needs; returns what is wrong with it, or "".
ReadinessCheck = Callable[[], str]


def liveness(now: Callable[[], float] = time.time, source: CollectorRegistry | None = None) -> Probe:
    """Whether all main loops of the process, and of those that share its address, go round."""
    source = source or metrics_registry()

    def probe() -> ProbeResult:
        ages = {
            sample.labels["loop"]: now() - sample.value
            for family in source.collect() if family.name == metrics.LOOP_TIMESTAMP
            for sample in family.samples}
        if not ages:
            return ProbeResult("it hasn't begun yet")
        stuck = [f"{loop}: no round for {age:.0f} s" for loop, age in ages.items() if age > STUCK_SECONDS]
        return ProbeResult("; ".join(stuck))

    return probe


def readiness(*checks: ReadinessCheck, notes: Notes = tuple) -> Probe:
    """Whether all is there that a process needs. What was found counts for a second."""
    found, until, lock = ProbeResult(), 0.0, Lock()

    def probe() -> ProbeResult:
        nonlocal found, until
        with lock:
            if time.monotonic() >= until:
                problems = [problem for check in checks if (problem := check())]
                found = ProbeResult("; ".join(problems), list(notes()))
                until = time.monotonic() + CACHE_SECONDS
            return found

    return probe


def database_check(database: Database) -> ReadinessCheck:
    """Whether the database answers in time, and has tables that this version can work with."""
    engine = short_timeout_engine(database)
    return lambda: _problem(engine)


def short_timeout_engine(database: Database) -> Engine:
    """Connections of their own: those of the pool may all be waiting for a database that doesn't answer."""
    if database.embedded:
        return database.engine
    return make_engine(database.engine.url, poolclass=NullPool, connect_args=_CONNECTION)


def _problem(engine: Engine) -> str:
    try:
        return "" if migrations.is_usable(engine) else (
            "the database's tables aren't those of this version: run fmn db upgrade")
    except SQLAlchemyError as error:
        return f"the database doesn't answer: {type(error).__name__}"


def broker_check(settings: BrokerSettings) -> ReadinessCheck:
    """Whether RabbitMQ lets us in."""
    def check() -> str:
        try:
            check_connection(settings)
        except BrokerUnavailableError as error:
            return str(error)
        return ""

    return check
