"""Liveness and readiness probes of a process."""

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
from fmn.infra import metrics
from fmn.infra.db import Database, make_engine
from fmn.monitoring.metrics_registry import metrics_registry
from fmn.settings import BrokerSettings

#: Seconds without an iteration after which a main loop counts as stuck. An iteration may wait 25 s for a
#: database host that vanished.
STUCK_SECONDS: Final = 90.0
#: Seconds for which a readiness result is reused, so that frequent requests cost little.
CACHE_SECONDS: Final = 1.0
#: Time limits for PostgreSQL: seconds to connect, milliseconds to answer.
_CONNECTION: Final = {
    "connect_timeout": 3, "tcp_user_timeout": 3_000, "options": "-c statement_timeout=3000"}


@dataclass(frozen=True)
class ProbeResult:
    """Result of a probe: a ``problem``, ``""`` if there is none, and ``notes`` that don't make it fail."""

    problem: str = ""
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        return "\n".join([self.problem or "ok", *self.notes])


Probe = Callable[[], ProbeResult]
#: Returns notes that don't make a probe fail.
Notes = Callable[[], Iterable[str]]
#: Checks something that a process needs; returns the problem, or "".
ReadinessCheck = Callable[[], str]


def liveness(now: Callable[[], float] = time.time, source: CollectorRegistry | None = None) -> Probe:
    """Probe: all main loops of the process, and of those that share its address, still iterate."""
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
    """Probe: all checks pass. A result is reused for one second."""
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
    """Check that the database answers in time and has tables that this version can use."""
    engine = short_timeout_engine(database)
    return lambda: _problem(engine)


def short_timeout_engine(database: Database) -> Engine:
    """An engine with own connections and short time limits: the pool's may all be waiting for an answer."""
    if database.embedded:
        return database.engine
    return make_engine(database.engine.url, poolclass=NullPool, connect_args=_CONNECTION)


def _problem(engine: Engine) -> str:
    from fmn.infra import migrations  # noqa: PLC0415 - Alembic takes long to import, and few processes are asked

    try:
        return "" if migrations.is_usable(engine) else (
            "the database's tables aren't those of this version: run fmn db upgrade")
    except SQLAlchemyError as error:
        return f"the database doesn't answer: {type(error).__name__}"


def broker_check(settings: BrokerSettings) -> ReadinessCheck:
    """Check that RabbitMQ accepts a connection."""
    def check() -> str:
        try:
            check_connection(settings)
        except BrokerUnavailableError as error:
            return str(error)
        return ""

    return check
