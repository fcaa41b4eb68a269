"""SQLite as FMN and its spool use it, with a step around each commit, and locks that give the turn to others.

This is done to the driver: whatever is above it, the product's or SQLAlchemy's, is as it is.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from tests.simulation.virtual_processes import Kind, Machine, Process, ProcessDied

#: The ledger's file. The other one is the spool's.
LEDGER: Final = "fmn.sqlite"
_CONNECT: Final = sqlite3.connect
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE"})


class Storage:
    """All connections of all processes, and who may write to which file."""

    def __init__(self, folder: Path) -> None:
        #: Where the files are, wherever they're said to be.
        self.folder = folder
        self.machine: Machine | None = None
        #: Whether the ledger can't be reached by a process.
        self.is_away: Callable[[Process], bool] = lambda _process: False
        self._writers: dict[str, Connection] = {}
        self._looking: dict[Path, sqlite3.Connection] = {}
        self._opened: defaultdict[Process | None, list[Connection]] = defaultdict(list)
        #: Kept, for what is collected as garbage is closed, which it mustn't be in a fork.
        self._open: set[Connection] = set()

    def install(self) -> None:
        """Be what :mod:`sqlite3` connects with in this Python for good."""
        def connect(database: Any, *arguments: Any, **options: Any) -> Any:
            name = Path(database).name
            if name == ":memory:":
                return _CONNECT(database, *arguments, **options)
            # Nobody waits within SQLite: see _Cursor.
            connection: Connection = _CONNECT(
                self.folder / name, *arguments, **{**options, "factory": Connection, "timeout": 0.0})
            connection.begin_use(self, name)
            self._opened[self.machine.running if self.machine else None].append(connection)
            self._open.add(connection)
            return connection

        patch.object(sqlite3, "connect", connect).start()
        patch.object(sqlite3.dbapi2, "connect", connect).start()

    def is_writing(self, process: Process) -> bool:
        """Whether a process is in the middle of a transaction that writes."""
        return any(each in self._opened[process] for each in self._writers.values())

    def end(self, process: Process) -> None:
        """Close what a process that died had open. What it hadn't committed is gone."""
        for connection in self._opened.pop(process, ()):
            connection.close()

    def move(self, folder: Path) -> None:
        """Go on with a copy of the files, in a fork: those that are open are somebody else's."""
        for path in self.folder.glob("*.sqlite*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, folder)
        self.folder = folder
        for connection in self._open:
            connection.abandoned = True
        self._writers.clear()

    def lock(self, connection: Connection) -> None:
        """Be the one who writes to the file, when nobody else does."""
        assert self.machine is not None
        running = self.machine.running
        if running is not None and connection.file == LEDGER and self.is_away(running):
            raise sqlite3.OperationalError("disk I/O error")
        self.machine.wait_until(lambda: self._writers.get(connection.file) in (None, connection))
        self._writers[connection.file] = connection

    def forget(self, connection: Connection) -> None:
        """It's closed."""
        self._open.discard(connection)

    def unlock(self, connection: Connection) -> None:
        """Let others write."""
        if self._writers.get(connection.file) is connection:
            del self._writers[connection.file]

    def commit(self, connection: Connection, do: Callable[[], object]) -> None:
        """Commit what was written, which is a step."""
        machine = self.machine
        assert machine is not None
        kind = Kind.COMMIT if connection.file == LEDGER else Kind.SPOOL
        machine.point(kind, before=True)
        do()
        self.unlock(connection)
        machine.changes += connection.has_changed
        machine.point(kind, before=False)

    def point(self, *, before: bool, changed: bool = False) -> None:
        """Be before or after a statement that is a transaction by itself."""
        assert self.machine is not None
        self.machine.changes += changed
        self.machine.point(Kind.COMMIT, before=before)

    def look(self, query: str, *values: object, file: str = LEDGER) -> Sequence[Any]:
        """The rows of what is committed in a file, for who looks from outside."""
        connection = self._looking.get(self.folder / file)
        if connection is None:
            connection = _CONNECT(self.folder / file, check_same_thread=False)
            self._looking[self.folder / file] = connection
        return connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close what was opened to look, and what processes still have open that were stopped at the end."""
        for connection in (*self._looking.values(), *self._open):
            connection.close()
        self._looking.clear()
        self._opened.clear()


class Connection(sqlite3.Connection):
    """A connection whose commits are steps."""

    storage: Storage
    file = ""
    #: Somebody else's since a fork: mustn't be touched.
    abandoned = False
    _writes = _writes_at_once = False
    _changes_before = 0

    def begin_use(self, storage: Storage, path: str) -> None:
        """Be one of the storage's."""
        self.storage, self.file = storage, path

    @property
    def has_changed(self) -> bool:
        """Whether anything was written since the transaction began."""
        return self.total_changes != self._changes_before

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    def execute(self, sql: str, *arguments: Any) -> Any:
        return self.cursor().execute(sql, *arguments)

    def begin_writing(self) -> None:
        """Wait until nobody else writes."""
        self.storage.lock(self)
        self._writes, self._changes_before = True, self.total_changes

    def write_at_once(self) -> None:
        """Begin a statement that is a transaction; it's over when the driver is told to commit."""
        self.begin_writing()
        self.storage.point(before=True)
        self._writes_at_once = True

    def commit(self) -> None:
        self.commit_by(super().commit)

    def commit_by(self, do: Callable[[], object]) -> None:
        """Commit by a call of the driver."""
        if not self._writes:
            do()
            return
        self._writes = False
        if not self._writes_at_once:
            self.storage.commit(self, do)
            return
        self._writes_at_once = False
        self.storage.unlock(self)
        self.storage.point(before=False, changed=self.has_changed)

    def rollback(self) -> None:
        if not self.abandoned:
            super().rollback()
            self._over()

    def close(self) -> None:
        if not self.abandoned:
            super().close()
            self.storage.forget(self)
            self._over()

    def _over(self) -> None:
        self._writes = self._writes_at_once = False
        self.storage.unlock(self)


class _Cursor(sqlite3.Cursor):
    connection: Connection

    def execute(self, sql: str, *arguments: Any) -> Any:
        verb = sql.split(None, 1)[0].upper()
        connection = self.connection
        if connection.abandoned:
            raise ProcessDied
        run = super().execute
        if verb == "BEGIN" and "IMMEDIATE" in sql:
            connection.begin_writing()
        elif verb == "COMMIT":
            connection.commit_by(partial(run, sql))
            return self
        elif verb == "ROLLBACK":
            run(sql)
            connection._over()  # noqa: SLF001 - they are one thing
            return self
        elif verb in _WRITES and not connection.in_transaction:
            connection.write_at_once()
        return run(sql, *arguments)
