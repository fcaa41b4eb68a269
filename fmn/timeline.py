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
_KNOWN: Final = "SELECT identity FROM database_timeline WHERE id = %(row)s"
_BEGIN: Final = """
    INSERT INTO database_timeline (id, identity, settled) VALUES (%(row)s, %(identity)s, true)
    ON CONFLICT DO NOTHING"""
_LOCK: Final = f"{_KNOWN} FOR UPDATE"
#: What each table's sequence has given is more than what is in the table, whose last rows may be deleted.
_JUMP: Final = """
    SELECT count(setval(seqrelid::regclass, coalesce(pg_sequence_last_value(seqrelid), 1) + %(left_out)s))
    FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
    WHERE seqtypid = 'bigint'::regtype AND relnamespace = current_schema()::regnamespace"""
_CHANGE: Final = """
    UPDATE database_timeline SET identity = %(identity)s, changed_at = now(), settled = false
    WHERE id = %(row)s"""


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
        connection.rollback()
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
    values = {"row": ROW, "identity": which[1], "left_out": LEFT_OUT}
    cursor.execute(_KNOWN, values)
    known = cursor.fetchone()
    if known is None:
        cursor.execute(_BEGIN, values)
        return 0
    if known[0] == which[1]:
        return 0
    cursor.execute(_LOCK, values)
    if cursor.fetchone()[0] == which[1]:
        return 0  # somebody else has done it meanwhile
    cursor.execute(_JUMP, values)
    jumped: int = cursor.fetchone()[0]
    cursor.execute(_CHANGE, values)
    return jumped
