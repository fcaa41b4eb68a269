"""What somebody is given who asks what FMN knows of them, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import NoResultFound

from fmn.filters.models import StoredExpression
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Base, Database
from fmn.ledger import account_export
from fmn.ledger.account_export import export_account
from fmn.people.models import ApiToken
from tests.factories.accounts import EVERYBODYS, make_full_account
from tests.factories.messages import recorded, stored
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects


def exported(database: Database, person: Person) -> dict[str, Any]:
    read: dict[str, Any] = json.loads("".join(export_account(database, rule_types("prod"), person.user_id)))
    return read


def test_everything_is_there(database: Database) -> None:
    # Given Bob, and Alice, of whom something is everywhere
    bob = make_full_account(database, "bob", first=11)
    alice = make_full_account(database, "alice")

    # When Alice asks
    found = exported(database, alice)

    # Then she is given it, in words where there are words
    assert found["account"]["nick"] == "alice"
    assert found["account"]["time_zone"] == "UTC"
    assert datetime.fromisoformat(found["account"]["created_at"]).tzinfo == UTC
    preference, = found["preferences"]
    assert (preference["context"], preference["digest_count"]) == ("email", 2)
    assert [each["value"] for each in preference["addresses"]] == ["alice@example.org", "alice@example.net"]
    assert [each["asks"] for each in preference["filters"]] == [
        "package_filter(kernel)", "package_filter(moss)"]
    assert len(preference["undos"]) == 1
    assert preference["days"] == [{"day": "2026-05-04", "filter_id": 0, "came": 0, "sent": 1}]
    assert found["mutes"][0]["value"] == "moss"
    assert found["tokens"][0]["name"] == "of the test"
    assert found["confirmations"][0]["value"] == "alice@example.net"
    assert [each["msg_id"] for each in found["notifications"]] == [f"2026-0000000{n}" for n in range(1, 6)]
    assert {each["context"] for each in found["notifications"]} == {"email"}
    assert {each["kind"] for each in found["deliveries"]} == {"single", "digest"}
    assert {each["destination"] for each in found["deliveries"]} == {"alice@example.org"}
    assert found["digests"]

    # And nothing of Bob's, and no secret
    text = json.dumps(found)
    assert "bob" not in text
    with database.reading() as session:
        for token in session.query(ApiToken):
            assert token.digest not in text
    assert bob.user_id != alice.user_id


def test_no_table_is_forgotten() -> None:
    tables = {mapper.class_.__tablename__ for mapper in Base.registry.mappers}
    assert {table.__tablename__ for table in account_export.EXCLUDED_COLUMNS} == tables - EVERYBODYS
    for table, columns in account_export.EXCLUDED_COLUMNS.items():
        assert columns <= {column.key for column in table.__table__.columns}


def test_long_lists_come_a_page_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_export, "PAGE", 3)
    person = make_person(database)
    for count in (1, 2, 3, 4, 6, 7):
        recorded(database, stored(database, *range(1, count + 1)), person.recipient)
        found = exported(database, person)
        assert [each["msg_id"] for each in found["notifications"]] == [
            f"2026-{number:08}" for number in range(1, count + 1)]
        assert len(found["deliveries"]) == count


def test_somebody_without_anything_is_given_that(database: Database) -> None:
    person = make_person(database, addresses=(), packages=())
    found = exported(database, person)
    assert (found["notifications"], found["deliveries"], found["mutes"]) == ([], [], [])


def test_a_filter_that_cannot_be_read_is_given_as_it_is(database: Database) -> None:
    person = make_person(database)
    with database.transaction() as session:
        session.execute(update(StoredExpression).values(body={"what": "is this"}))
    assert exported(database, person)["preferences"][0]["filters"][0]["asks"] == {"what": "is this"}


def test_what_looks_like_markup_is_none(database: Database) -> None:
    person = make_person(database, packages=["<script>"])
    text = "".join(export_account(database, rule_types("prod"), person.user_id))
    assert "<" not in text
    assert json.loads(text)["preferences"][0]["filters"][0]["name"] == "<script>"


def test_nobody_is_given_nothing(database: Database) -> None:
    with pytest.raises(NoResultFound):
        next(export_account(database, rule_types("prod"), 7))
