from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from fmn.infra.db import Database, StorableText, insert_new
from fmn.ledger.models import StoredMessage
from fmn.people.models import User
from tests.concurrency import at_once
from tests.factories.databases import tables_in
from tests.factories.messages import NOON, make_message
from tests.hypothesis_profiles import scaled

aware = st.datetimes(timezones=st.sampled_from(
    [UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=11, minutes=30))]),
    min_value=datetime(1970, 1, 2), max_value=datetime(9998, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone


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


class TestTimes:
    @settings(
        max_examples=scaled(50),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(aware)
    def test_come_back_in_utc_as_they_were(self, database: Database, moment: datetime) -> None:
        with database.transaction() as session:
            session.add(user := User(nick="alice", created_at=moment))
            session.flush()
            session.expire(user)
            assert user.created_at == moment
            assert user.created_at.tzinfo is UTC
            session.rollback()

    def test_are_compared_as_moments(self, database: Database) -> None:
        with database.transaction() as session:
            session.add(User(nick="alice", created_at=NOON))
            in_tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
            assert session.scalar(select(User.nick).where(User.created_at == in_tokyo)) == "alice"

    def test_without_a_time_zone_are_refused(self, database: Database) -> None:
        with database.transaction() as session:
            session.add(User(nick="alice", created_at=NOON.replace(tzinfo=None)))
            with pytest.raises(StatementError, match="has no time zone"):
                session.flush()
            session.rollback()


class TestStorableText:
    @given(st.text(st.characters(categories=None)))
    def test_is_text_that_every_database_takes(self, text: str) -> None:
        bound = StorableText().process_bind_param(text, None)  # type: ignore[arg-type]
        assert bound is not None
        assert "\0" not in bound
        assert bound.encode() is not None
        assert len(bound) == len(text)

    def test_may_be_missing(self) -> None:
        assert StorableText().process_bind_param(None, None) is None  # type: ignore[arg-type]


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


class TestJsonText:
    def test_refuses_what_is_no_json(self, database: Database) -> None:
        message = make_message(body={"rate": float("nan")})
        with database.transaction() as session:
            session.add(StoredMessage(
                msg_id="1", topic="", category="", sent_at=NOON, signer="", usernames=[], packages=[],
                body=message.body))
            with pytest.raises(StatementError, match="not JSON compliant"):
                session.flush()
            session.rollback()


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
