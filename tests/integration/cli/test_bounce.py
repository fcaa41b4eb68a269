"""``fmn bounce``, as mail servers call it, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fmn.cli import main
from fmn.delivery.email.bounce_reports import LONGEST
from fmn.delivery.email.return_addresses import ReturnAddresses
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState
from tests.factories.logging import logging_put_back
from tests.factories.messages import recorded, stored
from tests.factories.people import make_person
from tests.hypothesis_profiles import scaled

SECRET = "secret of the test"
RETURNED = Path(__file__).parents[2] / "unit" / "fmn" / "delivery" / "email" / "returned"
REPORT = (RETURNED / "postfix_unknown_user.eml").read_bytes()


class Run:
    """Runs ``fmn bounce`` where something was sent to Alice, which would come back to ``address``."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self._config = folder / "fmn.ini"
        self.configure(database.url)
        concern = make_person(database, "alice").recipient
        now = utc_now()
        [delivery] = recorded(database, stored(database, 1, now=now), concern, now=now).deliveries["email"]
        with database.transaction() as session:
            sent = session.get_one(Delivery, delivery)
            sent.state, sent.finished_at = DeliveryState.SENT, now
            self.address = ReturnAddresses("bounces@example.org", "+", SECRET).of(sent.public_id)

    def configure(self, url: str, secret: str = SECRET, bounce_address: str = "bounces@example.org") -> None:
        self._config.write_text(
            f"[app:main]\nfmn.database.url = {url}\nfmn.web.secret = {secret}\n"
            f"fmn.email.bounce_address = {bounce_address}\n")

    def __call__(self, content: bytes, *recipients: str) -> Result:
        options = [f"--recipient={recipient}" for recipient in recipients]
        return CliRunner().invoke(
            main, ["--config", str(self._config), "bounce", *options], input=content)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            return [(each.state, each.reason)
                    for each in session.scalars(select(Delivery).order_by(Delivery.id))]


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Iterator[Run]:
    with logging_put_back():
        yield Run(database, tmp_path)


REASON = (
    "550 5.1.1 <dave@example.net>: Recipient address rejected: User unknown in virtual mailbox table")
CAME_BACK = (DeliveryState.FAILED, f"it came back: {REASON}")


def test_takes_what_came_to_the_recipient_that_the_mail_server_names(run: Run) -> None:
    ended = run(REPORT, run.address.upper())
    assert ended.exit_code == os.EX_OK
    assert run.outcomes == [CAME_BACK]


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_finds_the_recipient_in_the_header_if_the_mail_server_names_none(run: Run, header: str) -> None:
    named = b"\n".join(line for line in REPORT.split(b"\n") if b"bounces+17" not in line)
    ended = run(f"{header}: <{run.address}>\n".encode() + named)
    assert ended.exit_code == os.EX_OK
    assert run.outcomes == [CAME_BACK]


def test_believes_the_mail_server_and_not_the_header(run: Run) -> None:
    # Given somebody who knows a return address and writes it into a mail that comes to another one
    assert run(f"To: {run.address}\n".encode() + REPORT, "bounces@example.org").exit_code == os.EX_OK
    assert run.outcomes == [(DeliveryState.SENT, "")]


@pytest.mark.parametrize("recipient", [
    "bounces+1-aaaaaaaaaaaaaaaa@example.org", "bounces@example.org", "", "\udcff@example.org"])
def test_forged_addresses_change_nothing(run: Run, recipient: str) -> None:
    assert run(REPORT, recipient).exit_code == os.EX_OK
    assert run.outcomes == [(DeliveryState.SENT, "")]


@pytest.mark.dialects
def test_what_is_too_long_is_read_to_its_end_and_understood_as_far_as_its_report(run: Run) -> None:
    assert run(REPORT + b"x" * 20 * LONGEST, run.address).exit_code == os.EX_OK
    assert run.outcomes == [CAME_BACK]


def test_while_the_database_is_away_the_mail_server_is_to_keep_it(run: Run) -> None:
    run.configure("postgresql://127.0.0.1:1/away")
    ended = run(REPORT, run.address)
    assert ended.exit_code == os.EX_TEMPFAIL
    assert ended.stderr.startswith("Error: the mail can't be processed now: OperationalError")
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(("settings", "sentence"), [
    ({"bounce_address": ""}, "Error: fmn.email.bounce_address is empty"),
    ({"bounce_address": "a+b@example.org"}, "fmn.email"),
    ({"secret": "CHANGE-ME"}, "Error: fmn.web.secret"),
])
def test_so_it_is_until_its_settings_are_mended(run: Run, settings: dict[str, str], sentence: str) -> None:
    run.configure(run.database.url, **settings)
    ended = run(REPORT, run.address)
    assert ended.exit_code == os.EX_TEMPFAIL
    assert sentence in ended.stderr


@given(content=st.binary(), recipient=st.text())
@settings(
    max_examples=scaled(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_comes_is_done_with(run: Run, content: bytes, recipient: str) -> None:
    for to in ([recipient], [run.address], []):
        ended = run(content, *to)
        assert ended.exit_code == os.EX_OK, ended.output
    assert run.outcomes == [(DeliveryState.SENT, "")]
