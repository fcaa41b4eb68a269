"""The disk is full that PostgreSQL keeps its data on, and consumers their spools."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest

from tests.faults.loaded_installation import Machinery, Site
from tests.faults.network import Network
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer

#: How large the disk is: ten times what an empty PostgreSQL takes.
SIZE = "400m"
#: Seconds for which it's full.
LASTS = 10.0
#: Bytes that are written at once, and in the end.
BLOCK, BYTE = bytes(1 << 20), b"\0"


@pytest.fixture
def small_disk(server_directory: Path) -> Iterator[Path]:
    """A folder that only so much fits into. Skips where nobody may mount one."""
    folder = server_directory / "small"
    folder.mkdir(mode=0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs root, for a disk that can be filled")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte fits onto the disk until the end of the block."""
    rest = disk / "rest"
    with rest.open("wb", buffering=0) as filled:
        for piece in (BLOCK, BYTE * 4096):
            with suppress(OSError):
                while True:
                    filled.write(piece)
    try:
        yield
    finally:
        rest.unlink()


def ask_for_more(postgresql: PostgreSQL) -> None:
    """Have PostgreSQL begin a new file of its log, as it does from time to time."""
    with suppress(psycopg2.Error):
        connection = psycopg2.connect(
            host="127.0.0.1", port=postgresql.port, user="postgres", dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            for _ in range(5):
                cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS filler (x int)")
                cursor.execute("SELECT pg_switch_wal()")


def test_full(
    another_site: Callable[..., Site], small_disk: Path, rabbitmq: RabbitMQ,
    redis_server: RedisServer, network: Network | None,
) -> None:
    address = network.address if network else None
    with PostgreSQL(small_disk / "postgresql", also_on=address) as postgresql:
        site = another_site(Machinery(
            postgresql, rabbitmq, redis_server, network, postgresql.create_database()), small_disk / "spool")
        for again in range(2):
            what = f"disk of PostgreSQL and spools full for {LASTS:g} s{' again' * again}"
            with site.suffering(what) as case:
                with case.happening(), full(small_disk):
                    ask_for_more(postgresql)
                    time.sleep(LASTS)
                # One that couldn't even write its log has ended; whoever keeps it running starts it again
                postgresql.start()
            site.wait_until_ready()
