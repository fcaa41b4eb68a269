"""Database roles: what each kind of process may do with each table of PostgreSQL.

The role that owns the tables migrates them and is the administrators'. Beside it there may be one for each
kind of process, named after it: ``fmn_consumer`` beside ``fmn``. Where there are such roles, each migration
grants them what stands here and takes everything else from them. ``UPDATE (id)`` is for locking rows.

What somebody who took a process over can't do follows from this: a consumer reads no address and no filter,
a stream changes nothing, and nobody changes or removes what's in the audit log, but for workers, which
forget what's old.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, text

#: What a kind of process may do: privileges by table, as GRANT spells them.
Privileges = Mapping[str, str]

_READ: Final = "SELECT"
_APPEND: Final = "SELECT, INSERT"
_LOCK: Final = "SELECT, UPDATE (id)"
_CHANGE: Final = "SELECT, INSERT, UPDATE"
_FORGET: Final = "SELECT, UPDATE (id), DELETE"
_ALL: Final = "SELECT, INSERT, UPDATE, DELETE"

_CONSUMER: Final[Privileges] = {
    "messages": _APPEND,
    "remembered_ids": _APPEND,
    "heard": _CHANGE,
    "catch_ups": _CHANGE,
}

_WORKER: Final[Privileges] = {
    # matching, digests, what waits
    "messages": _ALL,
    "remembered_ids": "SELECT, INSERT, UPDATE (digest), DELETE",
    "notifications": _ALL,
    "deliveries": _ALL,
    "digests": _ALL,
    "holds": _ALL,
    # accounts that make themselves, contexts that are new, filters that have slept or served
    "users": "SELECT, INSERT, UPDATE (id, patterns_paused_until)",
    "preferences": "SELECT, INSERT, UPDATE (id, version)",
    "detail_values": _APPEND,
    "filters": _CHANGE,
    "expressions": "SELECT, INSERT, UPDATE (id), DELETE",
    "preference_revision": _CHANGE,
    "preference_changes": "SELECT, INSERT, DELETE",
    # catching up
    "heard": _READ,
    "catch_ups": _ALL,
    # what is over
    "mutes": _FORGET,
    "undos": _FORGET,
    "confirmations": _FORGET,
    "browser_sessions": _FORGET,
    "stream_events": "SELECT, DELETE",
    "audit_entries": "SELECT, INSERT, UPDATE (id), DELETE",
}

#: Deliveries, addresses that stop working, and what people say to it on IRC or in a chat.
_BACKEND: Final[Privileges] = {
    "messages": _READ,
    "notifications": _READ,
    "digests": _READ,
    "holds": _READ,
    "deliveries": _CHANGE,
    "streams": _CHANGE,
    "stream_events": _APPEND,
    "users": _LOCK,
    "preferences": "SELECT, UPDATE (id, enabled, version)",
    "detail_values": "SELECT, UPDATE",
    "filters": _READ,
    "expressions": _READ,
    "mutes": _ALL,
    "confirmations": "SELECT, UPDATE",
    "preference_revision": _CHANGE,
    "preference_changes": _APPEND,
}

_SCHEDULER: Final[Privileges] = {
    "slots": "SELECT, INSERT, DELETE",
    # announcing
    "announced_revision": _CHANGE,
    "preference_revision": _READ,
    "preference_changes": _READ,
    "users": "SELECT (id, nick)",
    # watching
    "messages": _READ,
    "notifications": _READ,
    "digests": _READ,
    "deliveries": _READ,
    "preferences": _READ,
    "catch_ups": _READ,
}

_WEB: Final[Privileges] = {
    "users": _ALL,
    "preferences": _ALL,
    "detail_values": _ALL,
    "confirmations": _ALL,
    "api_tokens": _ALL,
    "browser_sessions": _ALL,
    "filters": _ALL,
    "expressions": _APPEND,
    "mutes": _ALL,
    "undos": _ALL,
    "preference_revision": _CHANGE,
    "preference_changes": _APPEND,
    "messages": "SELECT, UPDATE (tries, hinted_at)",  # kept: column name
    "notifications": "SELECT, UPDATE (read_at)",
    "digests": _READ,
    "holds": "SELECT, DELETE",
    "deliveries": _ALL,
    "streams": _READ,
    "stream_events": _READ,
    "audit_entries": _APPEND,
    "catch_ups": _READ,
    "slots": _READ,
}

_SSE: Final[Privileges] = {
    "streams": _READ,
    "stream_events": _READ,
    "users": "SELECT",
    "preferences": _READ,
    "api_tokens": "SELECT, UPDATE (last_used_at)",
    "browser_sessions": "SELECT, UPDATE (last_seen_at)",
}

#: The mail server's `fmn bounce`.
_BOUNCE: Final[Privileges] = {
    "deliveries": _CHANGE,
    "notifications": _READ,
    "digests": _READ,
    "users": _LOCK,
    "preferences": _LOCK,
    "detail_values": "SELECT, UPDATE",
    "preference_revision": _CHANGE,
    "preference_changes": _APPEND,
}

#: By kind of process. Everybody may ask which revision the tables have, and which database it is: without the
#: one nobody is ready, without the other nobody gets a connection.
PRIVILEGES: Final[Mapping[str, Privileges]] = {
    kind: {"alembic_version": _READ, "database_timeline": _READ, **privileges}
    for kind, privileges in {
        "consumer": _CONSUMER, "worker": _WORKER, "backend": _BACKEND, "scheduler": _SCHEDULER,
        "web": _WEB, "sse": _SSE, "bounce": _BOUNCE}.items()
}

#: Who owns the tables.
_OWNER: Final = text(
    "SELECT tableowner FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'alembic_version'")
#: Tables whose rows number themselves, and what numbers them.
_SEQUENCES: Final = text(
    "SELECT tables.relname, sequences.relname FROM pg_class sequences"
    " JOIN pg_depend ON pg_depend.objid = sequences.oid AND pg_depend.deptype IN ('a', 'i')"
    " JOIN pg_class tables ON tables.oid = pg_depend.refobjid"
    " WHERE sequences.relkind = 'S' AND sequences.relnamespace = current_schema()::regnamespace")


def grant(connection: Connection) -> Sequence[str]:
    """Give each role what its process needs, and nothing else; the names of those that are there.

    On SQLite, and where the owner works alone, there's nothing to do. ``connection`` is the owner's, or
    that of one of its members, within a transaction.
    """
    if connection.dialect.name == "sqlite":
        return []
    owner = connection.scalar(_OWNER)
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    roles = {role: kind for kind in PRIVILEGES if (role := f"{owner}_{kind}") in known}
    sequences = {table: sequence for table, sequence in connection.execute(_SEQUENCES)}  # noqa: C416 - typed
    for role, kind in roles.items():
        quoted = connection.dialect.identifier_preparer.quote(role)
        for statement in _statements(quoted, PRIVILEGES[kind], sequences):
            connection.execute(text(statement))
    return sorted(roles)


def _statements(role: str, privileges: Privileges, sequences: Mapping[str, str]) -> Iterator[str]:
    for kind in ("TABLES", "SEQUENCES"):
        yield f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {role}"
    for table, given in privileges.items():
        yield f"GRANT {given} ON {table} TO {role}"
        if "INSERT" in given and table in sequences:
            yield f"GRANT USAGE ON SEQUENCE {sequences[table]} TO {role}"
