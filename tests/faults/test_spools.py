"""The disk of the spools is full, or fails, while PostgreSQL is away: what comes then waits in memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.loaded_installation import Machinery, Site
from tests.faults.network import Network
from tests.faults.process_roles import CONSUMERS, READY
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.servers.waiting import wait_until

#: What the disk holds, and what there really is for it below.
SIZE, BELOW = "64M", "8m"
#: Seconds that PostgreSQL is away with a sound disk, and with one that takes nothing.
SOUND, LASTS = 3.0, 6.0
#: Bytes that are written at once, and in the end.
BLOCKS = (bytes(1 << 16), b"\0")


class Disk:
    """A filesystem in a sparse file on a tmpfs: once nothing fits there, the disk answers writes with EIO."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "spools"
        self._below = folder / "below"
        #: Files that take the room on the disk, and below it.
        self._on_disk, self._on_below = self.folder / "others", self._below / "others"

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """It's there until the end of the block. Skips where nobody may mount one."""
        image = str(self._below / "image")
        commands = [
            ["mount", "-t", "tmpfs", "-o", f"size={BELOW}", "tmpfs", str(self._below)],
            ["truncate", f"--size={SIZE}", image],
            # Without a journal: ext4 would give up for good when that can't be written
            ["mkfs.ext4", "-q", "-O", "^has_journal", image],
            ["mount", "-o", "loop,errors=continue", image, str(self.folder)],
        ]
        self._below.mkdir()
        self.folder.mkdir()
        with ExitStack() as mounts:
            for command in commands:
                if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
                    pytest.skip("needs root and loop devices, for a disk that fails")
                if command[0] == "mount":
                    mounts.callback(subprocess.run, ["umount", "--lazy", command[-1]], check=True)
            yield

    def fill(self) -> None:
        """Have not a byte fit onto it."""
        _fill(self._on_disk)

    def fail(self) -> None:
        """Have it fail to write."""
        _fill(self._on_below)

    def mend(self) -> None:
        """Have it work again."""
        for file in (self._on_disk, self._on_below):
            file.unlink(missing_ok=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as filled:
        for block in BLOCKS:
            with suppress(OSError):
                while True:
                    filled.write(block)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path)
    with made.mounted():
        yield made


def complain(site: Site, since: datetime) -> bool:
    """Whether both consumers have said that they can't write their spools."""
    return all(
        site.installation.program(name).last_said("spool can't be written") > since for name in CONSUMERS)


@pytest.mark.parametrize(("what", "go_wrong"), [("full", Disk.fill), ("failing", Disk.fail)])
def test_spools(
    another_site: Callable[..., Site], disk: Disk, postgresql: PostgreSQL, rabbitmq: RabbitMQ,
    redis_server: RedisServer, network: Network | None, what: str, go_wrong: Callable[[Disk], None],
) -> None:
    site = another_site(Machinery(
        postgresql, rabbitmq, redis_server, network, postgresql.create_database()), disk.folder)
    what_happens = f"PostgreSQL away, and disk of spools {what} for {LASTS:g} s"
    with site.suffering(what_happens) as case, case.happening():
        postgresql.stop()
        try:
            # Given messages in the spools
            time.sleep(SOUND)
            # When nothing more can be written there
            since = datetime.now(UTC)
            go_wrong(disk)
            wait_until(lambda: complain(site, since), READY, "nobody notices that the disk takes nothing")
            time.sleep(LASTS)
        finally:
            # And PostgreSQL is back before the disk is
            postgresql.start()
        time.sleep(LASTS)
        disk.mend()
    site.wait_until_ready()
