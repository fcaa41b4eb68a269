from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from fmn.infra.db import Database, insert_new
from fmn.people.models import User
from tests.concurrency import at_once
from tests.factories.databases import tables_in


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        yield database


def users(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(User.nick).order_by(User.id)))


class TestTransaction:
    def test_is_kept(self, database: Database) -> None:
        with database.transaction() as session:
            session.add(User(nick="alice"))
        assert users(database) == ["alice"]

    def test_is_undone_by_an_exception(self, database: Database) -> None:
        def fail() -> None:
            with database.transaction() as session:
                session.add(User(nick="alice"))
                session.flush()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert users(database) == []

    def test_leaves_its_rows_readable(self, database: Database) -> None:
        with database.transaction() as session:
            session.add(alice := User(nick="alice"))
        assert alice.nick == "alice"

    def test_of_many_threads_wait_for_one_another(self, database: Database) -> None:
        # Given threads that each read how many there are, and then write
        def work(number: int) -> None:
            for turn in range(20):
                with database.transaction() as session:
                    before = session.scalar(select(func.count()).select_from(User)) or 0
                    session.add(User(nick=f"user{number}-{turn}"))
                    session.flush()
                    # Then nobody wrote between
                    assert session.scalar(select(func.count()).select_from(User)) == before + 1

        at_once(4, work)
        assert len(users(database)) == 80


class TestInsertNew:
    def test_inserts_what_is_not_there_and_returns_that(self, database: Database) -> None:
        with database.transaction() as session:
            assert len(insert_new(session, User, [{"nick": "alice"}])) == 1
            new = insert_new(session, User, [{"nick": "bob"}, {"nick": "alice"}, {"nick": "bob"}], User.nick)
            assert [row.nick for row in new] == ["bob"]
        assert users(database) == ["alice", "bob"]

    def test_inserts_nothing_of_nothing(self, database: Database) -> None:
        with database.transaction() as session:
            assert insert_new(session, User, []) == []


class TestDatabase:
    def test_makes_the_folder_of_its_file(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path}/var/lib/fmn.sqlite")
        assert database.embedded
        with database.transaction() as session:
            session.execute(select(1))
        assert (tmp_path / "var/lib/fmn.sqlite").exists()
        database.close()

    def test_enforces_references(self, database: Database) -> None:
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1

    @pytest.mark.parametrize("url", ["postgresql://fmn@db/fmn", "postgresql+psycopg2://fmn@db/fmn"])
    def test_reaches_postgresql_with_the_driver_that_we_install(self, url: str) -> None:
        database = Database(url)
        assert database.engine.dialect.driver == "psycopg2"
        assert not database.embedded
