"""What each database role may do, and that it's what migrations grant."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from fmn.infra import migrations
from fmn.infra.database_roles import PRIVILEGES
from fmn.infra.db import Base, Database
from fmn.ledger.models import Notification, StoredMessage
from fmn.people.models import DetailValue
from tests.factories.database_roles import RoleDatabase, rows


class TestTheTable:
    def test_names_every_table_and_nothing_else(self, owned: Database) -> None:
        named = {table for privileges in PRIVILEGES.values() for table in privileges}

        assert named == {*Base.metadata.tables, "alembic_version"}

    def test_lets_processes_see_what_they_change(self) -> None:
        # PostgreSQL wants that for conditions and for what's returned
        assert [(kind, table) for kind, privileges in PRIVILEGES.items()
                for table, given in privileges.items() if not given.startswith("SELECT")] == []

    def test_is_what_each_migration_grants(self, roles: RoleDatabase, owned: Database) -> None:
        # Given that somebody let a consumer read addresses, and took from it what it needs
        with owned.transaction() as session:
            session.execute(text("GRANT SELECT ON detail_values TO fmn_consumer"))
            session.execute(text("REVOKE ALL ON messages FROM fmn_consumer"))

        migrations.upgrade(owned)

        with closing(roles.of("consumer")) as database:
            assert rows(database, StoredMessage) == 0
            with pytest.raises(ProgrammingError, match="permission denied for table detail_values"):
                rows(database, DetailValue)

    def test_is_granted_anew_where_a_table_was_made_anew(self, roles: RoleDatabase, owned: Database) -> None:
        migrations.downgrade(owned, "base")
        migrations.upgrade(owned)

        with closing(roles.of("worker")) as database:
            assert rows(database, Notification) == 0


@pytest.mark.parametrize(("kind", "statement"), [
    *((kind, "CREATE TABLE mine (id int)") for kind in PRIVILEGES),
    *((kind, "DELETE FROM alembic_version") for kind in PRIVILEGES),
    *((kind, "UPDATE audit_entries SET actor = 'somebody'") for kind in PRIVILEGES),
    *((kind, "DELETE FROM audit_entries") for kind in PRIVILEGES if kind != "worker"),
    *((kind, "SELECT digest FROM api_tokens") for kind in PRIVILEGES if kind not in {"web", "sse"}),
    ("consumer", "SELECT 1 FROM users"),
    ("consumer", "SELECT 1 FROM detail_values"),
    ("consumer", "SELECT 1 FROM filters"),
    ("consumer", "SELECT 1 FROM deliveries"),
    ("consumer", "DELETE FROM messages"),
    ("worker", "UPDATE detail_values SET value = 'mine'"),
    ("worker", "UPDATE users SET nick = 'mine'"),
    ("backend", "INSERT INTO messages (topic) VALUES ('mine')"),
    ("backend", "UPDATE filters SET enabled = true"),
    ("backend", "UPDATE users SET session_version = 0"),
    ("scheduler", "UPDATE deliveries SET state = 'waiting'"),
    ("scheduler", "SELECT email FROM users"),
    ("scheduler", "SELECT value FROM detail_values"),
    ("web", "UPDATE messages SET topic = 'mine'"),
    ("web", "DELETE FROM remembered_ids"),
    ("web", "DELETE FROM messages"),
    ("sse", "UPDATE users SET session_version = 0"),
    ("sse", "INSERT INTO stream_events (data) VALUES ('mine')"),
    ("sse", "SELECT 1 FROM deliveries"),
    ("bounce", "SELECT 1 FROM messages"),
    ("bounce", "DELETE FROM detail_values"),
])
def test_more_than_its_work_is_denied(roles: RoleDatabase, kind: str, statement: str) -> None:
    with (closing(roles.of(kind)) as database, database.transaction() as session,
          pytest.raises(ProgrammingError, match="permission denied")):
        session.execute(text(statement))
