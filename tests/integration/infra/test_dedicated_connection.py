"""Dedicated connections that threads share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from fmn.infra.db import Database
from fmn.infra.dedicated_connection import DedicatedConnections
from tests.concurrency import at_once


def server_process(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


@pytest.fixture
def connections(postgresql_database: Database) -> Iterator[DedicatedConnections]:
    shared = DedicatedConnections(postgresql_database)
    yield shared
    shared.close()


def test_one_thread_keeps_using_one(connections: DedicatedConnections) -> None:
    assert len({connections.run(server_process) for _ in range(5)}) == 1


def test_threads_do_not_wait_for_each_other(connections: DedicatedConnections) -> None:
    def asleep(connection: Connection) -> int:
        connection.execute(text("SELECT pg_sleep(0.2)"))
        return server_process(connection)

    assert len(set(at_once(3, lambda _: connections.run(asleep)))) == 3


def test_a_statement_is_run_again_over_another_one_when_the_first_is_lost(
    connections: DedicatedConnections, postgresql_database: Database,
) -> None:
    lost = connections.run(server_process)
    with postgresql_database.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": lost})
    assert connections.run(server_process) != lost


def test_what_is_closed_opens_again(connections: DedicatedConnections) -> None:
    first = connections.run(server_process)
    connections.close()
    assert connections.run(server_process) != first
