"""How much waits, for charts."""

from __future__ import annotations

from pathlib import Path

from fmn.monitoring.waiting_work import waiting_work
from fmn.settings import BrokerSettings, DatabaseSettings, Settings
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.factories.messages import recorded, stored
from tests.factories.people import make_person


def test_what_is_due_is_told_without_a_broker(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fmn.sqlite"
    with tables_in(url) as database:
        recorded(database, stored(database, 1), make_person(database).recipient)
        services = Services(Settings(
            database=DatabaseSettings(url=url), broker=BrokerSettings(url="amqp://127.0.0.1:1")))
        try:
            assert waiting_work(services) == {"due.email": 1}
        finally:
            services.database.close()
