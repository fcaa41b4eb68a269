"""Who leads of several schedulers, on a real PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fmn.infra.db import Database
from fmn.infra.leadership import Leadership
from tests.servers.postgresql import PostgreSQL
from tests.servers.waiting import wait_until

#: Seconds within which leadership changes, with a poll a second.
SOON = 10

LEADER = """
import sys, time
from fmn.infra.db import Database
from fmn.infra.leadership import Leadership
leadership = Leadership(Database(sys.argv[1]))
while True:
    print(leadership.is_leader(), flush=True)
    time.sleep(0.1)
"""


@contextmanager
def leader_process(url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that stands for leader."""
    with subprocess.Popen([sys.executable, "-c", LEADER, url], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_it_leads(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    wait_until(lambda: process.stdout is not None and process.stdout.readline() == "True\n", SOON,
               "the process doesn't lead")


def test_one_of_two_leads_until_it_gives_up(postgresql_database: Database) -> None:
    one, other = Leadership(postgresql_database), Leadership(postgresql_database)
    assert [one.is_leader(), other.is_leader(), one.is_leader()] == [True, False, True]
    one.resign()
    assert other.is_leader()
    assert not one.is_leader()
    other.resign()


def test_installations_on_one_server_have_a_leader_each(
    postgresql_database: Database, postgresql_url: str,
) -> None:
    another = Database(postgresql_url)
    one, other = Leadership(postgresql_database), Leadership(another)
    assert one.is_leader()
    assert other.is_leader()
    one.resign()
    other.resign()
    another.close()


def test_another_one_leads_when_the_leader_is_killed(postgresql_database: Database) -> None:
    # Given a leader in another process, and one who stands by
    standby = Leadership(postgresql_database)
    with leader_process(postgresql_database.url) as leader:
        wait_until_it_leads(leader)
        assert not standby.is_leader()
        # When the leader is killed
        killed = time.monotonic()
        leader.send_signal(signal.SIGKILL)
        # Then the other one leads as soon as it looks
        wait_until(standby.is_leader, SOON, "nobody leads")
    sys.stdout.write(f"\nled {time.monotonic() - killed:.3f} s after the leader was killed\n")
    standby.resign()


def test_who_lost_the_database_does_not_lead_until_it_is_back(
    postgresql: PostgreSQL, postgresql_database: Database,
) -> None:
    leadership = Leadership(postgresql_database)
    assert leadership.is_leader()
    # When the database is away, then nobody knows who leads
    try:
        postgresql.stop()
        assert not leadership.is_leader()
        assert not leadership.is_leader()
    finally:
        postgresql.start()
    # When it's back, then one leads again
    assert leadership.is_leader()
    leadership.resign()


def test_who_was_cut_off_does_not_lead_beside_the_new_leader(
    postgresql: PostgreSQL, postgresql_database: Database,
) -> None:
    # Given a leader whose connection is lost without its noticing, while another one takes over
    one, other = Leadership(postgresql_database), Leadership(postgresql_database)
    assert one.is_leader()
    postgresql.restart()
    assert other.is_leader()
    # Then the first one finds out when it looks
    assert not one.is_leader()
    assert not one.is_leader()
    other.resign()


def test_an_embedded_scheduler_leads(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    leadership = Leadership(database)
    assert leadership.is_leader()
    leadership.resign()
    assert leadership.is_leader()
    database.close()
