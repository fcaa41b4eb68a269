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
SKIPPED_IDS: Final = 1_000_000_000
#: The one row.
ROW: Final = 1

#: Which database this is.
_IDENTITY: Final = """
    concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
              (SELECT oid FROM pg_database WHERE datname = current_database()),
              substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))"""
#: Whether our table is there, and which database it is, if one can write to it.
_WHICH: Final = f"""
    SELECT to_regclass('database_timeline') IS NOT NULL, {_IDENTITY}
    WHERE NOT pg_is_in_recovery()"""
_KNOWN: Final = f"SELECT identity FROM database_timeline WHERE id = {ROW}"  # noqa: S608 - our number
_FOLLOW: Final = "SELECT follow_database()"
#: Remembers which database this is; if it's another one than remembered, all sequences leave out a thousand
#: million numbers, which is more than any installation gives to rows between two backups, and few of 2^63.
#: What each sequence has given is more than what is in its table, whose last rows may be deleted. It returns
#: how many jumped. Processes whose roles may change neither the row nor sequences call it, hence the
#: owner's rights.
FAILOVER_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION follow_database() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    this text := {_IDENTITY};
    known text;
    jumped bigint;
BEGIN
    INSERT INTO database_timeline (id, identity, settled) VALUES ({ROW}, this, true) ON CONFLICT DO NOTHING;
    SELECT identity INTO known FROM database_timeline WHERE id = {ROW} FOR UPDATE;
    IF known = this THEN
        RETURN 0;
    END IF;
    SELECT count(setval(seqrelid::regclass, coalesce(pg_sequence_last_value(seqrelid), 1) + {SKIPPED_IDS}))
    INTO jumped
    FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
    WHERE seqtypid = 'bigint'::regtype AND relnamespace = current_schema()::regnamespace;
    UPDATE database_timeline SET identity = this, changed_at = now(), settled = false WHERE id = {ROW};
    RETURN jumped;
END $$"""  # noqa: S608 - our numbers


def detect_failover(connection: Any, _record: object) -> None:
    """Compare a connection's database with the one that it was, and leave out numbers if it's another one.

    The connection is one of psycopg2; its pool calls this, with a record of its own.
    Raises :class:`~sqlalchemy.exc.OperationalError` if that can't be done: nobody is to write there then.
    """
    try:
        with connection.cursor() as cursor:
            jumped = _skip_ids_after_failover(cursor)
        connection.commit()
    except Exception as error:
        connection.close()
        raise OperationalError(None, None, error) from error
    if jumped:
        log.warning(
            "the database is another one: a replica was promoted, or a backup restored. Its tables give new "
            "numbers. Run fmn db restored", sequences=jumped)


def _skip_ids_after_failover(cursor: Any) -> int:
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
