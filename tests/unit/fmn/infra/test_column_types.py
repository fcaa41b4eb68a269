from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from fmn.infra.column_types import StorableText
from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.people.models import User
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
