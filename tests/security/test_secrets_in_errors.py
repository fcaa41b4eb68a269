"""Statements that carry a secret fail, by the real database: neither logs nor pages nor tasks say it."""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import dramatiq
import pytest
import structlog
from dramatiq.brokers.stub import StubBroker
from pydantic import ValidationError
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError

from fmn.infra.broker import SafeRetries
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.logs import configure_logging
from fmn.people.accounts import get_or_create_signed_in_account
from fmn.people.addresses import add_address
from fmn.people.models import Confirmation, DetailValue, Preference
from fmn.settings import DatabaseSettings, LogSettings, Settings, WebSettings
from fmn.settings.field_types import SettingsSection
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.factories.logging import logging_put_back
from tests.factories.people import make_person
from tests.integration.webapp.signing_in import signed_in

pytestmark = pytest.mark.dialects

#: Stands for a password, a token or what else is secret.
CANARY = "kanarienvogel"
ADDRESS = f"matrixs://bot:{CANARY}@matrix.example.org/!room"


@contextmanager
def failing(database: Database) -> Iterator[list[str]]:
    """Let the database refuse each statement with the canary in it; yields those that it refused."""
    refused: list[str] = []

    def spoil(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> tuple[str, Any]:
        if CANARY not in repr(values):
            return statement, values
        refused.append(statement)
        return f"{statement} )nonsense", values

    event.listen(database.engine, "before_cursor_execute", spoil, retval=True)
    try:
        yield refused
    finally:
        event.remove(database.engine, "before_cursor_execute", spoil)


def add_address_row(database: Database, preference_id: int) -> None:
    with database.transaction() as session:
        add_address(session, session.get_one(Preference, preference_id), ADDRESS, utc_now())


def add_it_twice(database: Database, preference_id: int) -> None:
    with database.transaction() as session:
        session.add_all(DetailValue(preference_id=preference_id, value=ADDRESS) for _ in range(2))


def look_it_up(database: Database, _preference_id: int) -> None:
    with database.reading() as session:
        session.scalars(select(DetailValue).where(DetailValue.value == ADDRESS)).all()


def confirm_it(database: Database, preference_id: int) -> None:
    with database.transaction() as session:
        session.add(Confirmation(
            user_id=session.get_one(Preference, preference_id).user_id, context="matrix", value=ADDRESS,
            expires_at=utc_now()))


def sign_in(database: Database, _preference_id: int) -> None:
    with database.transaction() as session:
        get_or_create_signed_in_account(
            session, "new", f"{CANARY}@example.org", ["email"], utc_now(), confirmed=True)


def too_long(database: Database, preference_id: int) -> None:
    with database.transaction() as session:
        session.add(DetailValue(preference_id=preference_id, value=ADDRESS * 100))
        session.flush()
        if database.embedded:  # which takes any length
            session.add(DetailValue(preference_id=preference_id, value=ADDRESS * 100))


FLOWS = [add_address_row, look_it_up, confirm_it, sign_in]
REFUSED_FOR_THEIR_VALUES = [add_it_twice, too_long]


@pytest.fixture(autouse=True)
def _logging_put_back() -> Iterator[None]:
    with logging_put_back():
        yield


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with tables_in(database_url) as made:
        yield made


def said_of(error: BaseException) -> str:
    """All that a log or a page may say of an error."""
    stream = io.StringIO()
    kinds: tuple[Literal["json", "console"], ...] = ("json", "console")
    for kind in kinds:
        configure_logging(LogSettings(format=kind), stream)
        structlog.get_logger().error("failed", exc_info=error, reason=repr(error), error=str(error))
    return stream.getvalue() + "".join(traceback.format_exception(error)) + repr(error)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_a_statement_that_fails_says_no_value(
    database: Database, flow: Callable[[Database, int], None],
) -> None:
    preference_id = make_person(database).preference_id
    with failing(database) as refused, pytest.raises(DBAPIError) as failed:
        flow(database, preference_id)
    assert refused
    assert CANARY not in said_of(failed.value)
    assert "syntax error" in said_of(failed.value)


@pytest.mark.parametrize("flow", REFUSED_FOR_THEIR_VALUES, ids=lambda flow: flow.__name__)
def test_a_value_that_is_refused_is_not_said(
    database: Database, flow: Callable[[Database, int], None],
) -> None:
    preference_id = make_person(database).preference_id
    with pytest.raises(DBAPIError) as failed:
        flow(database, preference_id)
    assert CANARY not in said_of(failed.value)


def test_a_page_that_fails_says_nothing_of_it_and_neither_does_its_log(
    database_url: str, database: Database, capsys: pytest.CaptureFixture[str],
) -> None:
    # Given Alice, who adds an address, where the database refuses everything that has it
    services = Services(Settings(
        database=DatabaseSettings(url=database_url),
        web=WebSettings(base_url="http://localhost", secret="of the tests", development_login=True)))
    services.database = database
    alice = signed_in(services, "alice")
    stream = io.StringIO()
    configure_logging(LogSettings(format="json"), stream)
    form = {"address": f"{CANARY}@example.org", "csrf_token": alice.cookies["csrf_token"]}
    with failing(database) as refused:
        page = alice.post("/preferences/email/addresses", form, expect_errors=True)
    assert refused
    assert page.status_code == 500
    assert "request failed" in stream.getvalue()
    for text in (page.text, stream.getvalue(), *capsys.readouterr()):
        assert CANARY not in text


def test_a_task_that_failed_says_where_and_not_what() -> None:
    # Given a task that fails as a statement would whose error has a secret, and is tried again
    broker = StubBroker(middleware=[SafeRetries(max_retries=1, min_backoff=1, max_backoff=1)])
    kept: list[str] = []

    class Keeper(dramatiq.Middleware):
        def after_enqueue(self, _broker: dramatiq.Broker, message: Any, _delay: int | None) -> None:
            kept.append(message.encode().decode())

    broker.add_middleware(Keeper())

    @dramatiq.actor(broker=broker)
    def fail() -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise RuntimeError(f"matrixs://bot:{CANARY}@host") from error

    worker = dramatiq.Worker(broker, worker_timeout=10)
    worker.start()
    try:
        fail.send()
        broker.join("default", fail_fast=False)
    finally:
        worker.stop()
    # Then what the broker keeps says which errors it were and where, and none of their words
    told = [json.loads(each)["options"].get("traceback", "") for each in kept]
    assert any("RuntimeError" in each and "ValueError" in each and "in fail" in each for each in told)
    assert not any(CANARY in each for each in kept)


def test_a_model_that_refuses_a_value_does_not_say_it() -> None:
    class Account(SettingsSection):
        password: int

    with pytest.raises(ValidationError) as refused:
        Account.model_validate({"password": CANARY})
    assert CANARY not in said_of(refused.value)


@pytest.mark.parametrize("kind", ["json", "console"])
def test_a_library_that_names_what_it_can_not_reach_says_no_password(
    kind: Literal["json", "console"],
) -> None:
    stream = io.StringIO()
    configure_logging(LogSettings(format=kind), stream)
    error = OSError(f"no route to amqp://fmn:{CANARY}@mq.example.org:5672/")
    structlog.get_logger().error("failed", exc_info=error, reason=str(error))
    assert "mq.example.org" in stream.getvalue()
    assert CANARY not in stream.getvalue()
