"""Whether the database is still the one it was: a promoted replica or a restored backup may lack rows.

Numbers of the rows that it lacks are out in the world, so they mustn't be given again. PostgreSQL counts its
timeline up when a replica is promoted; a dump makes a database with another object id, and another cluster
has another system identifier. One row remembers all three. It's compared on each new connection, for none
outlives a failover, and before anybody can use that.
"""

from __future__ import annotations

from typing import Any, Final

import structlog
from sqlalchemy.exc import OperationalError

log = structlog.get_logger()

#: Numbers left out: more than any installation gives to rows between two backups, and few of 2^63.
LEFT_OUT: Final = 1_000_000_000
#: The one row.
ROW: Final = 1

#: Whether the server can be written to, what database it is, and whether our table is there.
_WHICH: Final = """
    SELECT to_regclass('database_timeline') IS NOT NULL,
           concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                     (SELECT oid FROM pg_database WHERE datname = current_database()),
                     substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))
    WHERE NOT pg_is_in_recovery()"""
_KNOWN: Final = "SELECT identity FROM database_timeline WHERE id = 1"
#: A function of the database's owner, since no process may set what numbers rows: see migration 0015.
_FOLLOW: Final = "SELECT follow_database()"


def follow(connection: Any, _record: object) -> None:
    """Compare a connection's database with the one that it was, and leave out numbers if it's another one.

    The connection is one of psycopg2; its pool calls this, with a record of its own.
    Raises :class:`~sqlalchemy.exc.OperationalError` if that can't be done: nobody is to write there then.
    """
    try:
        with connection.cursor() as cursor:
            jumped = _follow(cursor)
        connection.commit()
    except Exception as error:
        connection.close()
        raise OperationalError(None, None, error) from error
    if jumped:
        log.warning(
            "the database is another one: a replica was promoted, or a backup restored. Its tables give new "
            "numbers. Run fmn db restored", sequences=jumped)


def _follow(cursor: Any) -> int:
    """How many sequences jumped."""
    cursor.execute(_WHICH)
    which = cursor.fetchone()
    if which is None or not which[0]:
        return 0  # a replica, from which one only reads, or a database without tables
    cursor.execute(_KNOWN)
    known = cursor.fetchone()
    if known is not None and known[0] == which[1]:
        return 0
    cursor.execute(_FOLLOW)
    jumped: int = cursor.fetchone()[0]
    return jumped
