"""A private PostgreSQL with a fresh database for whoever asks."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path
from typing import ClassVar

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import make_url

from tests.servers.ports import free_port
from tests.servers.processes import Process, ServerError, ServerMissingError, setpriv
from tests.servers.server import Server

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
}
#: Waiting for the disk is for machines that lose power: what a killed server has written is with the
#: kernel. (``synchronous_commit`` has to stay on, for without it commits are written later.)
WITHOUT_DISK = {"fsync": "off", "full_page_writes": "off"}


class PostgreSQL(Server):
    """A PostgreSQL of the newest installed version. Only a ``durable`` one waits for the disk.

    PostgreSQL refuses to run as root, so root runs it as the user ``postgres``, who must be able to
    reach the directory: pytest's ``tmp_path`` is closed to others and won't do.

    It's on loopback, and on the network of the address ``also_on`` if there's one.
    """

    #: "Fast" shutdown: end all sessions, then end. SIGTERM would wait for clients to leave.
    stop_signal: ClassVar = signal.SIGINT

    def __init__(self, directory: Path, *, durable: bool = False, also_on: str | None = None) -> None:
        super().__init__(directory, free_port())
        self._also_on = also_on
        self._settings = dict(SETTINGS if durable else {**SETTINGS, **WITHOUT_DISK})
        if also_on is not None:
            self._settings["listen_addresses"] = f"127.0.0.1,{also_on}"
        self._user = "postgres" if os.geteuid() == 0 else None
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """The maintenance database; tests want :meth:`create_database`."""
        return self._url_of("postgres")

    def create_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{next(self._numbers)}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop the database, throwing out whoever is still connected."""
        name = make_url(url).database or ""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _url_of(self, database: str) -> str:
        return f"postgresql+psycopg2://postgres@127.0.0.1:{self.port}/{database}"

    def _execute(self, statement: sql.Composed) -> None:
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def _launch(self) -> Process:
        folder = programs()
        data = self.directory / "data"
        if not data.exists():
            self._make_cluster(folder / "initdb", data)
        options = [option for name, value in self._settings.items() for option in ("-c", f"{name}={value}")]
        return Process(
            [folder / "postgres", "-D", data, "-p", str(self.port), *options],
            log=self.directory / "log",
            user=self._user,
            # "Immediate" shutdown, so that no child and no shared memory is left behind.
            signal_if_orphaned=signal.SIGQUIT,
        )

    def _make_cluster(self, initdb: Path, data: Path) -> None:
        self._give_to_user()
        made = subprocess.run(
            [
                *setpriv(self._user), "--", initdb, "--pgdata", data, "--username", "postgres",
                "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            ],
            cwd=self.directory, capture_output=True, text=True, check=False,
        )
        if made.returncode:
            raise ServerError(f"initdb failed: {made.stderr.strip()}")
        if self._also_on is not None:
            with (data / "pg_hba.conf").open("a") as access:
                access.write(f"host all,replication all {self._also_on}/24 trust\n")

    def _give_to_user(self) -> None:
        if self._user is not None:
            _check_open_to_others(self.directory)
            shutil.chown(self.directory, self._user)

    def _answers(self) -> bool:
        try:
            self._execute(sql.Composed([sql.SQL("SELECT 1")]))
        except psycopg2.OperationalError:
            return False
        return True


def programs() -> Path:
    """The folder of the newest installed PostgreSQL: Debian keeps each version in one of its own."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda initdb: float(initdb.parts[-3]), default=None)
    on_path = shutil.which("initdb")
    if newest is None and on_path is None:
        raise ServerMissingError("postgresql")
    return (newest or Path(str(on_path)).resolve()).parent


def _check_open_to_others(directory: Path) -> None:
    for folder in directory.parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise ServerError(f"the user postgres can't reach {directory}: {folder} is closed to others")
