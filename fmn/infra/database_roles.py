"""Database roles: privileges of each kind of process on each PostgreSQL table.

The owner of the tables migrates them, and administrators log in as it. Beside it there may be a role per kind
of process: ``fmn_consumer`` beside ``fmn``. Each migration grants existing roles these privileges and revokes
all others. ``UPDATE (id)`` is for locking rows.

This limits an attacker who controls a process: a consumer reads no addresses and no filters, a stream changes
nothing, and nobody changes or deletes entries of the audit log, except workers, which delete old ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, text

#: Privileges of a kind of process by table, in the spelling of GRANT.
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
    "published_events": _CHANGE,
    "heard": _CHANGE,
    "catch_ups": _CHANGE,
    "unreadable_messages": "SELECT, INSERT, DELETE",
}

_WORKER: Final[Privileges] = {
    # matching, digests, pending work
    "messages": _ALL,
    "remembered_ids": "SELECT, INSERT, UPDATE (digest), DELETE",
    "published_events": _ALL,
    "notifications": _ALL,
    "deliveries": _ALL,
    "digests": _ALL,
    "holds": _ALL,
    # automatic accounts, new contexts, snoozes that end and one-shot filters
    "users": "SELECT, INSERT, UPDATE (id, patterns_paused_until)",
    "preferences": "SELECT, INSERT, UPDATE (id, version)",
    "detail_values": _APPEND,
    "filters": _CHANGE,
    "group_opt_outs": _READ,
    "expressions": "SELECT, INSERT, UPDATE (id), DELETE",
    "preference_revision": _CHANGE,
    "preference_changes": "SELECT, INSERT, DELETE",
    # backfill
    "heard": _READ,
    "catch_ups": _ALL,
    # figures
    "figures": _ALL,
    "daily_figures": _ALL,
    "figure_bookmarks": _CHANGE,
    # retention
    "mutes": _FORGET,
    "undos": _FORGET,
    "inbox_undos": _FORGET,
    "confirmations": _FORGET,
    "browser_sessions": _FORGET,
    "stream_events": "SELECT, DELETE",
    "audit_entries": "SELECT, INSERT, UPDATE (id), DELETE",
    "unreadable_messages": "SELECT, DELETE",
}

#: Deliveries, disabled addresses, and chat commands.
_BACKEND: Final[Privileges] = {
    "messages": _READ,
    "notifications": _READ,
    "digests": _READ,
    "holds": _READ,
    "deliveries": _CHANGE,
    "streams": _CHANGE,
    "stream_events": _APPEND,
    "users": "SELECT, UPDATE (id, paused_until)",
    "preferences": "SELECT, UPDATE (id, enabled, version)",
    "detail_values": "SELECT, UPDATE",
    "filters": _READ,
    "expressions": _READ,
    "mutes": _ALL,
    "confirmations": "SELECT, UPDATE",
    "channel_outages": _ALL,
    "preference_revision": _CHANGE,
    "preference_changes": _APPEND,
}

_SCHEDULER: Final[Privileges] = {
    "slots": "SELECT, INSERT, DELETE",
    # announcer
    "announced_revision": _CHANGE,
    "preference_revision": _READ,
    "preference_changes": _READ,
    "users": "SELECT (id, nick)",
    # monitoring
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
    "group_opt_outs": _ALL,
    "group_editors": _ALL,
    "expressions": _APPEND,
    "mutes": _ALL,
    "undos": _ALL,
    "shared_filters": _ALL,
    "preference_revision": _CHANGE,
    "preference_changes": _APPEND,
    "messages": "SELECT, INSERT, UPDATE (tries, hinted_at)",  # kept: column name
    "remembered_ids": _APPEND,
    "hooks": _ALL,
    "hook_deliveries": "SELECT, INSERT, DELETE",
    "published_events": _CHANGE,
    "notifications": "SELECT, UPDATE (read_at, done_at, snoozed_until)",
    "saved_searches": _ALL,
    "inbox_undos": _ALL,
    "digests": _READ,
    "holds": "SELECT, DELETE",
    "deliveries": _ALL,
    "streams": _READ,
    "stream_events": _READ,
    "audit_entries": _APPEND,
    "catch_ups": _READ,
    "slots": _READ,
    "unreadable_messages": _READ,
    "figures": _READ,
    "daily_figures": _READ,
    "figure_bookmarks": _READ,
    "channel_outages": _READ,
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

#: Privileges by kind of process. All may read the schema's revision, needed by readiness checks, and the
#: database's identity, needed by each new connection.
PRIVILEGES: Final[Mapping[str, Privileges]] = {
    kind: {"alembic_version": _READ, "database_timeline": _READ, **privileges}
    for kind, privileges in {
        "consumer": _CONSUMER, "worker": _WORKER, "backend": _BACKEND, "scheduler": _SCHEDULER,
        "web": _WEB, "sse": _SSE, "bounce": _BOUNCE}.items()
}

#: Name of the role that owns the tables.
_OWNER: Final = text(
    "SELECT tableowner FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'alembic_version'")
#: Tables with generated ids, and their sequences.
_SEQUENCES: Final = text(
    "SELECT tables.relname, sequences.relname FROM pg_class sequences"
    " JOIN pg_depend ON pg_depend.objid = sequences.oid AND pg_depend.deptype IN ('a', 'i')"
    " JOIN pg_class tables ON tables.oid = pg_depend.refobjid"
    " WHERE sequences.relkind = 'S' AND sequences.relnamespace = current_schema()::regnamespace")


def grant(connection: Connection) -> Sequence[str]:
    """Grant each existing role exactly the privileges that its process needs; returns the roles.

    Does nothing on SQLite, and where there are no roles. ``connection`` is in a transaction of the owner or a
    member of it.
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
