"""A PostgreSQL that follows another one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg2

from tests.servers.postgresql import PostgreSQL, programs
from tests.servers.processes import setpriv


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
