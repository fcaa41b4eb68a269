"""Failover detection: a promoted replica or a restored backup may lack rows, whose ids must not be reused.

Links and mails contain ids of the lost rows. PostgreSQL increments its timeline when a replica is promoted; a
restored dump has another database oid, another cluster another system identifier. One row stores all three.
Each new connection is compared with it before anybody uses the connection, since none outlives a failover.
"""

from __future__ import annotations

from typing import Any, Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

log = structlog.get_logger()

#: Ids skipped: more than any installation uses between two backups, and few of 2^63.
SKIPPED_IDS: Final = 1_000_000_000
#: Id of the only row.
ROW: Final = 1

#: Identity of this database.
_IDENTITY: Final = """
    concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
              (SELECT oid FROM pg_database WHERE datname = current_database()),
              substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))"""
#: Whether the table exists, and the identity of the database if it's writable.
_WHICH: Final = f"""
    SELECT to_regclass('database_timeline') IS NOT NULL, {_IDENTITY}
    WHERE NOT pg_is_in_recovery()"""
_KNOWN: Final = f"SELECT identity FROM database_timeline WHERE id = {ROW}"  # noqa: S608 - our number
_FOLLOW: Final = "SELECT follow_database()"
#: Stores the database's identity. If it differs from the stored one, advances all sequences by a thousand
#: million ids and returns how many sequences it advanced. It starts from each sequence's last value rather
#: than its table's highest id, since the last rows may be deleted. It runs with the owner's rights, for roles
#: that may change neither the row nor sequences.
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
    """Compare the identity of a connection's database with the stored one, and skip ids if it differs.

    The pool calls it with a psycopg2 connection.

    :raises ~sqlalchemy.exc.OperationalError: the comparison failed, so nobody may write there
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
    """Number of sequences that were advanced."""
    cursor.execute(_WHICH)
    which = cursor.fetchone()
    if which is None or not which[0]:
        return 0  # a read-only replica, or a database without tables
    cursor.execute(_KNOWN)
    known = cursor.fetchone()
    if known is not None and known[0] == which[1]:
        return 0
    cursor.execute(_FOLLOW)
    jumped: int = cursor.fetchone()[0]
    return jumped


def identity_of(session: Session) -> str:
    """The identity of a session's database: of PostgreSQL's as it's stored, of SQLite's its file."""
    bind = session.get_bind()
    if bind.dialect.name == "postgresql":
        return session.scalar(text(_KNOWN)) or ""
    return str(bind.engine.url.database or "")
