"""PostgreSQL dies, and its replica takes its place."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2

from tests.faults.network import Network
from tests.faults.site import Machinery, Site
from tests.servers.postgresql import PostgreSQL, programs
from tests.servers.processes import setpriv
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.servers.waiting import wait_until

#: Seconds until whoever watches over PostgreSQL has noticed that it died.
NOTICED = 5.0
SOON = 30.0


class Replica(PostgreSQL):
    """A PostgreSQL that follows another one until it's promoted."""

    def __init__(self, directory: Path, primary: PostgreSQL, *, also_on: str | None) -> None:
        super().__init__(directory, also_on=also_on)
        self._primary = primary

    def _make_cluster(self, initdb: Path, data: Path) -> None:
        self._give_to_user()
        subprocess.run(
            [
                *setpriv(self._user), "--", programs() / "pg_basebackup", "--pgdata", data,
                "--write-recovery-conf", "--checkpoint", "fast", "--no-sync", "--dbname",
                f"host=127.0.0.1 port={self._primary.port} user=postgres application_name=replica",
            ],
            cwd=self.directory, check=True, capture_output=True)

    def promote(self) -> None:
        """Follow nobody any more."""
        ask(self, "SELECT pg_promote()")


def ask(postgresql: PostgreSQL, statement: str) -> object:
    """The first answer to a statement."""
    connection = psycopg2.connect(host="127.0.0.1", port=postgresql.port, user="postgres", dbname="postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def follow(primary: PostgreSQL, replica: PostgreSQL) -> None:
    """Let nothing be committed from now on that the replica hasn't got."""
    replica.start()
    ask(primary, "ALTER SYSTEM SET synchronous_standby_names = 'replica'")
    ask(primary, "SELECT pg_reload_conf()")
    wait_until(
        lambda: ask(primary, "SELECT sync_state FROM pg_stat_replication") == "sync", SOON,
        "the replica doesn't follow")


def test_the_replica_takes_over(
    another_site: Callable[..., Site], server_directory: Path, rabbitmq: RabbitMQ,
    redis_server: RedisServer, network: Network | None,
) -> None:
    address = network.address if network else None
    with PostgreSQL(server_directory / "primary", also_on=address) as primary:
        name = primary.create_database().rpartition("/")[2]
        replica = Replica(server_directory / "replica", primary, also_on=address)
        follow(primary, replica)
        try:
            # Given processes that know both, and want the one that can be written to
            hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in (primary, replica))
            url = f"postgresql+psycopg2://postgres@/{name}?{hosts}&target_session_attrs=read-write"
            site = another_site(Machinery(replica, rabbitmq, redis_server, network, url))
            with site.suffering("PostgreSQL killed, synchronous replica promoted") as case:
                time.sleep(NOTICED)
                with case.happening():
                    primary.kill()
                    time.sleep(NOTICED)
                    replica.promote()
            site.wait_until_ready()
        finally:
            replica.stop()
