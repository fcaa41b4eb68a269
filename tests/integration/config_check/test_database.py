"""The check-up of the database, on real ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from fmn.config_check import database as under_test
from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.settings import DatabaseSettings
from fmn.settings.check_results import CheckResult, Level
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL


def found(url: str, *, embedded: bool = False) -> CheckResult:
    (result,) = under_test.check(DatabaseSettings(url=url), embedded=embedded)
    return result


def migrated(url: str) -> str:
    database = Database(url)
    migrations.upgrade(database)
    database.close()
    return url


@pytest.fixture
def guarded(postgresql: PostgreSQL, postgresql_url: str) -> Iterator[str]:
    """A database with a user who needs a password, has one, and may make no tables."""
    with closing(psycopg2.connect(host="127.0.0.1", port=postgresql.port, user="postgres")) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute("SHOW hba_file")
            (name,) = cursor.fetchone() or ("",)
            rules = Path(name)
            before = rules.read_text()
            rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{before}")
            cursor.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'; SELECT pg_reload_conf()")
            url = make_url(postgresql_url).set(username="guarded", password="right")
            yield url.render_as_string(hide_password=False)
            rules.write_text(before)
            cursor.execute("DROP ROLE guarded; SELECT pg_reload_conf()")


class TestPostgreSQL:
    def test_with_the_tables_of_this_version_is_fine(self, postgresql_url: str) -> None:
        result = found(migrated(postgresql_url))
        assert result.level is Level.OK
        assert result.sentence.startswith("PostgreSQL at 127.0.0.1, version ")
        assert result.sentence.endswith("tables up to date")

    def test_without_tables_wants_an_upgrade(self, postgresql_url: str) -> None:
        result = found(postgresql_url)
        assert (result.level, result.sentence) == (
            Level.FAILED, "PostgreSQL at 127.0.0.1 has no tables yet: run fmn db upgrade")
        # and got none by being looked at
        assert not migrations.is_current(Database(postgresql_url))

    def test_of_another_version_wants_an_upgrade(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)
        migrations.upgrade(database, "0004")
        database.close()
        result = found(postgresql_url)
        assert result.level is Level.FAILED
        assert "another version of FMN (0004): run fmn db upgrade" in result.sentence

    def test_with_a_wrong_password_is_told_without_it(self, guarded: str) -> None:
        result = found(guarded.replace("right", "wrong-one"))
        assert result.level is Level.FAILED
        assert "password authentication failed" in result.sentence
        assert "Is the password right" in result.sentence
        assert "wrong-one" not in result.sentence

    def test_in_which_we_may_make_nothing_is_told_before_the_upgrade_fails(self, guarded: str) -> None:
        assert "the user may make no tables there" in found(guarded).sentence

    def test_that_is_not_there_is_to_be_made(self, postgresql: PostgreSQL) -> None:
        result = found(f"postgresql://postgres@127.0.0.1:{postgresql.port}/nowhere")
        assert result.level is Level.FAILED
        assert 'database "nowhere" does not exist. Make it as docs/how-to/install says' in result.sentence

    def test_that_can_only_be_read_is_wrong(self, postgresql_url: str) -> None:
        migrated(postgresql_url)
        read_only = f"{postgresql_url}?options=-c%20default_transaction_read_only%3Don"
        (first, *_) = under_test.check(DatabaseSettings(url=read_only), embedded=False)
        assert first.level is Level.FAILED
        assert "name the primary" in first.sentence

    def test_that_is_down_is_told(self) -> None:
        result = found(f"postgresql://fmn:secret@127.0.0.1:{free_port()}/fmn")
        assert result.level is Level.FAILED
        assert "Connection refused" in result.sentence
        assert "Does it run" in result.sentence
        assert "secret" not in result.sentence


class TestSQLite:
    def test_with_the_tables_of_this_version_is_fine(self, tmp_path: Path) -> None:
        result = found(migrated(f"sqlite:///{tmp_path}/fmn.sqlite"))
        assert (result.level, result.sentence) == (
            Level.OK, f"SQLite in {tmp_path}/fmn.sqlite; tables up to date")

    def test_that_is_not_there_yet_stays_so(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/var/fmn.sqlite"
        assert found(url).level is Level.FAILED
        result = found(url, embedded=True)
        assert result.level is Level.OK
        assert result.sentence.endswith("or start fmn up, which does it")
        assert not (tmp_path / "var").exists()

    def test_without_tables_keeps_its_journal(self, tmp_path: Path) -> None:
        path = tmp_path / "fmn.sqlite"
        with closing(sqlite3.connect(path)) as file:
            file.execute("CREATE TABLE something (name TEXT)")
        before = path.read_bytes()
        assert "no tables yet" in found(f"sqlite:///{path}").sentence
        assert path.read_bytes() == before

    def test_that_is_none_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "fmn.sqlite").write_bytes(b"something else" * 100)
        assert "file is not a database" in found(f"sqlite:///{tmp_path}/fmn.sqlite").sentence


def test_a_url_that_is_none_is_told_without_its_password() -> None:
    (result,) = under_test.check(DatabaseSettings.model_construct(url="postgresql:"), embedded=False)
    assert result.level is Level.FAILED
    assert "isn't a URL" in result.sentence
