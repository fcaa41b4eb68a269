from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge

from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.infra.metrics import LOOP_TIMESTAMP
from fmn.monitoring import probes
from fmn.monitoring.probes import STUCK_SECONDS, broker_check, database_check, liveness, readiness
from fmn.settings import BrokerSettings
from tests.servers.ports import free_port


def test_a_process_lives_as_long_as_all_its_loops_go_round() -> None:
    registry = CollectorRegistry()
    loops = Gauge(LOOP_TIMESTAMP, "Rounds.", ["loop"], registry=registry)
    moments = iter([1000.0] * 9)
    probe = liveness(lambda: next(moments), registry)
    # Given one that hasn't begun, then it doesn't live yet
    assert probe().problem == "it hasn't begun yet"
    # Given two loops of which one is late, but not too late
    loops.labels("consumer").set(1000.0 - STUCK_SECONDS)
    loops.labels("scheduler").set(1000.0)
    assert str(probe()) == "ok"
    # When it's stuck, then it's named
    loops.labels("consumer").set(1000.0 - STUCK_SECONDS - 10)
    assert str(probe()) == "consumer: no round for 100 s"


def test_a_process_is_ready_if_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "CACHE_SECONDS", 0.0)
    problems = ["the database is away", "RabbitMQ is away"]
    probe = readiness(lambda: problems[0], lambda: problems[1], notes=lambda: ["backend.email: active"])
    assert str(probe()) == "the database is away; RabbitMQ is away\nbackend.email: active"
    problems[:] = ["", ""]
    assert str(probe()) == "ok\nbackend.email: active"


def test_who_asks_often_gets_the_same_answer_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "CACHE_SECONDS", 60.0)
    asked: list[float] = []

    def check() -> str:
        asked.append(time.monotonic())
        return ""

    probe = readiness(check)
    for _ in range(100):
        probe()
    assert len(asked) == 1


class TestTheDatabase:
    def test_is_there_once_it_has_its_tables(self, tmp_path: Path) -> None:
        with closing(Database(f"sqlite:///{tmp_path}/fmn.sqlite")) as database:
            check = database_check(database)
            assert "run fmn db upgrade" in check()
            migrations.upgrade(database)
            assert check() == ""

    def test_is_of_use_to_an_older_version_after_an_upgrade(self, tmp_path: Path) -> None:
        with closing(Database(f"sqlite:///{tmp_path}/fmn.sqlite")) as database:
            migrations.upgrade(database)
            check = database_check(database)
            with database.engine.begin() as connection:
                # When a newer version has migrated it
                connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of a newer one'")
            assert check() == ""
            # But not when it's older
            with database.engine.begin() as connection:
                connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0009'")
            assert "run fmn db upgrade" in check()

    def test_that_is_away_is_said_to_be(self) -> None:
        with closing(Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")) as database:
            assert database_check(database)() == "the database doesn't answer: OperationalError"


def test_the_broker_that_is_away_is_said_to_be() -> None:
    check = broker_check(BrokerSettings(url=f"amqp://127.0.0.1:{free_port()}/"))
    assert check().startswith("RabbitMQ doesn't answer")
    assert broker_check(BrokerSettings())() == ""
