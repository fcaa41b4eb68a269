"""Spool in a SQLite file: messages in the order of arrival, up to a size limit.

SQLite syncs its write-ahead log with checksums before a commit returns, so a process that dies leaves no
half-written messages. Processes may share a file; a message that several receive is in it once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import structlog

from fmn.catalog import Message
from fmn.catalog.message import FEDMSG
from fmn.infra.clock import utc_now

log = structlog.get_logger()

#: Seconds to wait for another process's write, which takes milliseconds.
BUSY_SECONDS: Final = 5.0
MEGABYTE: Final = 1024 * 1024
#: Characters read at once; decoded they take up to 25 times as much memory.
BATCH_BYTES: Final = 4 * MEGABYTE
#: Suffixes of SQLite's files beside the database file.
FILE_SUFFIXES: Final = ("", "-wal", "-shm")
#: SQLite's result codes for a damaged file.
DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

#: ``msg_id`` is prefixed with the signer, if there's one. Ids are never reused, so that a read id always
#: means the same message.
TABLE: Final = """
    CREATE TABLE IF NOT EXISTS messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT, msg_id TEXT NOT NULL UNIQUE, content TEXT NOT NULL)"""
#: OR IGNORE would leave a gap in the ids for each known message.
INSERT: Final = """
    INSERT INTO messages (msg_id, content)
    SELECT :msg_id, :content WHERE NOT EXISTS (SELECT 1 FROM messages WHERE msg_id = :msg_id)"""


class ReceivedMessage(NamedTuple):
    """A message and its time of receipt."""

    message: Message
    at: datetime


class SpoolError(Exception):
    """The spool can't be read or written: it or its disk is full, or it's damaged."""


class Spool:
    """Spool in a file, or in memory without one. Thread-safe."""

    def __init__(self, path: Path | None, max_megabytes: int) -> None:
        self._path = path
        self._max_bytes = max_megabytes * MEGABYTE
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        #: Id up to which messages are deleted. On a full disk the deletion itself may fail.
        self._forgotten = 0

    def put(self, messages: Sequence[ReceivedMessage]) -> None:
        """Append messages; on return they are on disk. Known messages keep their position.

        :raises SpoolError: nothing was appended
        """
        with self._writing() as connection:
            connection.executemany(INSERT, [
                {"msg_id": _key(each.message), "content": _serialized(each)} for each in messages])

    def peek(self, limit: int) -> tuple[int, list[ReceivedMessage]]:
        """The oldest messages, and the id of the last one; 0 without any.

        Fewer than ``limit`` if they are large. Unreadable ones are skipped.

        :raises SpoolError: the spool can't be read
        """
        last, size, read = 0, 0, []
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT number, content FROM messages WHERE number > ? ORDER BY number LIMIT ?",
                (self._forgotten, limit))
            for number, content in rows:
                last, size = number, size + len(content)
                if (received := read_entry(content)) is not None:
                    read.append(received)
                if size >= BATCH_BYTES:
                    break
            rows.close()
        return last, read

    def delete_up_to(self, up_to: int) -> None:
        """Delete messages up to an id. An empty spool's file is truncated.

        This process doesn't return them again, even if deleting fails.

        :raises SpoolError: they can't be deleted
        """
        self._forgotten = max(self._forgotten, up_to)
        with self._writing() as connection:
            connection.execute("DELETE FROM messages WHERE number <= ?", (self._forgotten,))
        if not self.messages:
            with self._connected() as connection:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def messages(self) -> int:
        """Number of messages.

        :raises SpoolError: the spool can't be read
        """
        # Ids have no gaps; counting rows is slow.
        with self._connected() as connection:
            first, last = connection.execute("SELECT MIN(number), MAX(number) FROM messages").fetchone()
        return 0 if first is None else max(0, int(last) - max(int(first), self._forgotten + 1) + 1)

    @property
    def bytes(self) -> int:
        """Bytes in use.

        :raises SpoolError: the spool can't be read
        """
        with self._connected() as connection:
            used = _pragma(connection, "page_count") - _pragma(connection, "freelist_count")
            return used * _pragma(connection, "page_size")

    def close(self) -> None:
        """Close the file; the next call opens it again. A spool in memory is lost."""
        with self._lock:
            self._close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._opened()
                yield self._connection
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED and self._path is not None:
                    self._quarantine_file(self._path)
                raise SpoolError(f"{self._path or 'the spool in memory'}: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        # Transactions are begun explicitly.
        connection = sqlite3.connect(
            self._path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            pages = self._max_bytes // _pragma(connection, "page_size")
            connection.execute(f"PRAGMA max_page_count = {pages}")
            connection.execute(TABLE)
        except BaseException:
            connection.close()
            raise
        return connection

    def _quarantine_file(self, path: Path) -> None:
        """Rename a damaged file and start a new one. An expert may recover messages from the old file."""
        self._close()
        self._forgotten = 0
        aside = f"{path}.damaged-{utc_now():%Y%m%dT%H%M%S}"
        for end in FILE_SUFFIXES:
            with suppress(FileNotFoundError):
                Path(f"{path}{end}").rename(f"{aside}{end}")
        log.error("spool damaged and moved away: its messages are missing", file=aside)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    [(value,)] = connection.execute(f"PRAGMA {name}")
    return int(value)


def _key(message: Message) -> str:
    return f"{message.signer} {message.msg_id}" if message.signer else message.msg_id


def _serialized(received: ReceivedMessage) -> str:
    message = received.message
    return json.dumps({
        "msg_id": message.msg_id, "topic": message.topic, "sent_at": message.sent_at.isoformat(),
        "signer": message.signer, "received_at": received.at.isoformat(), "body": message.body,
        "headers": dict(message.headers), "source": message.source,
    }, separators=(",", ":"))


def read_entry(content: str) -> ReceivedMessage | None:
    """The message of a spool's entry; ``None``, and a log line, if it can't be read."""
    try:
        fields = json.loads(content)
        message = Message(
            msg_id=fields["msg_id"], topic=fields["topic"], sent_at=datetime.fromisoformat(fields["sent_at"]),
            body=fields["body"], signer=fields["signer"], headers=fields.get("headers", {}),
            source=fields.get("source", FEDMSG))
        return ReceivedMessage(message, datetime.fromisoformat(fields["received_at"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        log.error("a message in the spool can't be read", reason=repr(error), content=content[:100])
        return None
