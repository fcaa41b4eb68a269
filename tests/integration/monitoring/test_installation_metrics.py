"""What the scheduler that leads sees in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import update

from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState
from fmn.monitoring.installation_metrics import InstallationMetrics
from fmn.scheduler.periodic_jobs import monitoring_jobs
from fmn.settings import DatabaseSettings, MetricsSettings, Settings
from fmn.wiring import Services
from tests.factories.messages import recorded, stored
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

HOUR = timedelta(hours=1)


@pytest.fixture
def services(database: Database) -> Services:
    made = Services(Settings(
        database=DatabaseSettings(url=database.url), metrics=MetricsSettings(listen="127.0.0.1:9401")))
    made.database = database
    return made


def seen(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_sees_what_waits_and_for_how_long_and_forgets_it_when_another_one_leads(services: Services) -> None:
    database, now = services.database, utc_now()
    # Given a message that waits for an hour, and deliveries that are due, tried again, held, and failed
    stored(database, 1, now=now - HOUR)
    people = [make_person(database, f"user{n}") for n in range(5)]
    make_person(database, "patient", digest_count=5)
    made = recorded(
        database, stored(database, 2, now=now), *(person.recipient for person in people), now=now - 2 * HOUR)
    due, again, held, failed, sent = sorted(made.deliveries["email"])
    changes: Mapping[int, Mapping[str, object]] = {
        due: {"next_attempt_at": now - HOUR / 2},
        again: {"next_attempt_at": now + HOUR, "attempts": 3},
        held: {"next_attempt_at": now + HOUR},
        failed: {"state": DeliveryState.FAILED}, sent: {"state": DeliveryState.SENT},
    }
    with database.transaction() as session:
        for delivery_id, values in changes.items():
            session.execute(update(Delivery).where(Delivery.id == delivery_id).values(values))
    # When the one that leads looks
    installation_metrics = InstallationMetrics(services)
    installation_metrics.update_ledger()
    # Then
    assert seen("fmn_ledger_waiting", stage="match") == 1
    assert seen("fmn_ledger_waiting_seconds", stage="match") == pytest.approx(3600, abs=60)
    for state in ("due", "retrying", "held", "failed"):
        assert seen("fmn_deliveries_in_state", context="email", state=state) == 1
    assert seen("fmn_deliveries_oldest_seconds", context="email") == pytest.approx(7200, abs=60)
    assert seen("fmn_deliveries_overdue_seconds", context="email") == pytest.approx(1800, abs=60)
    # And when another one leads, nothing of that is said any more
    installation_metrics.clear()
    assert seen("fmn_deliveries_in_state", context="email", state="due") is None
    assert seen("fmn_ledger_waiting", stage="match") is None


def test_nobody_looks_where_nobody_asks(services: Services) -> None:
    assert [job.name for job in monitoring_jobs(services)] == ["watch_ledger", "watch_queues"]
    assert monitoring_jobs(Services(Settings())) == []
