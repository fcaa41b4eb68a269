"""PostgreSQL dies, and its replica takes its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.loaded_installation import Machinery, Site
from tests.faults.network import Network
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.servers.replica import Replica, ask
from tests.servers.waiting import wait_until

#: Seconds until whoever watches over PostgreSQL has noticed that it died.
NOTICED = 5.0
SOON = 30.0


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
