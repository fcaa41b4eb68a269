"""Mails that come back: reported by a real Postfix, which gives the reports to ``fmn bounce``."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.email.channel import EmailChannel
from fmn.delivery.email.return_addresses import ReturnAddresses
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.retry import RetryPolicy
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.models import Delivery, DeliveryState
from fmn.people.addresses import AddressStatus, ListedAddress, list_addresses
from tests.conftest import started
from tests.factories.messages import recorded, stored
from tests.factories.people import Person, make_person
from tests.servers.postfix import BOUNCE_ADDRESS, SOON, Handed, Postfix
from tests.servers.smtp import SmtpServer
from tests.unit.fmn.delivery.email.examples import LINKS

#: For each mail that comes back a process is started that loads all of FMN.
pytestmark = pytest.mark.timeout(300)

SECRET = "secret of the test"


@pytest.fixture(scope="module")
def recipients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpServer]:
    """The mail server of those who are written to."""
    with SmtpServer(tmp_path_factory.mktemp("recipients")) as server:
        yield server


@pytest.fixture(scope="module")
def postfix(server_directory: Path, recipients: SmtpServer) -> Iterator[Postfix]:
    """FMN's mail server."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a Postfix")
    server = started(Postfix(server_directory / "postfix", recipients.port))
    try:
        yield server
    finally:
        server.stop()


class Project:
    """FMN and the mail server that it sends through. Alice is reached at her work and at home."""

    def __init__(self, database: Database, postfix: Postfix, recipients: SmtpServer, folder: Path) -> None:
        self.postfix, self.recipients = postfix, recipients
        self.alice: Person = make_person(
            database, addresses=["alice@work.example.org", "alice@home.example.org"])
        self.database = database
        self._config = folder / "fmn.ini"
        self.configure(database.url)
        self._channel = EmailChannel(
            EmailSettings(host="127.0.0.1", port=postfix.port, sender="fmn@fmn.example.org"), LINKS, {},
            ReturnAddresses(BOUNCE_ADDRESS, "+", SECRET))
        self._backend = Backend(
            database, {"email": self._channel}, catalog().describe, retry=RetryPolicy(),
            claim_for=timedelta(seconds=90))
        recipients.clear()
        recipients.refuse = {}
        postfix.bounces.handed.clear()
        postfix.bounces.take = self._take

    def configure(self, url: str) -> None:
        """Tell ``fmn bounce`` where the database is."""
        self._config.write_text(
            f"[app:main]\nfmn.database.url = {url}\nfmn.web.secret = {SECRET}\n"
            f"fmn.email.bounce_address = {BOUNCE_ADDRESS}\n")

    def close(self) -> None:
        self._channel.close()

    def _take(self, recipient: str, content: bytes) -> int:
        ended = subprocess.run(
            [Path(sys.executable).parent / "fmn", "--config", self._config, "bounce",
             "--recipient", recipient],
            input=content, capture_output=True, check=False)
        assert b"Traceback" not in ended.stderr, ended.stderr.decode()
        return ended.returncode

    def tell(self) -> list[Delivery]:
        """Tell Alice of something; returns the deliveries, that to her work first."""
        ids = recorded(self.database, stored(self.database, 1, now=utc_now()), self.alice.recipient,
                       now=utc_now()).deliveries["email"]
        self._backend.deliver("email", ids)
        return self.deliveries()

    def sweep(self) -> None:
        """Deliver what waits."""
        with self.database.transaction() as session:
            due = enqueue_due(session, "email", utc_now(), timedelta(0), 100)
        self._backend.deliver("email", due)

    def deliveries(self) -> list[Delivery]:
        with self.database.reading() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def at_work(self) -> ListedAddress:
        """How Alice's address at her work stands."""
        with self.database.reading() as session:
            return list_addresses(session, [self.alice.preference_id], utc_now())[self.alice.preference_id][0]

    def handed(self, count: int) -> list[Handed]:
        """What Postfix had for ``fmn bounce``, as soon as there's so much."""
        handed = self.postfix.bounces.handed
        self.postfix.wait_until(lambda: len(handed) >= count)
        return handed

    def write_back(self, recipient: str, content: str, **headers: str) -> None:
        """Somebody writes to an address that our mails come from."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "alice@work.example.org", recipient, "Re: hello"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(content)
        with smtplib.SMTP("127.0.0.1", self.postfix.port) as client:
            client.send_message(message, "", recipient)


@pytest.fixture
def project(
    postgresql_database: Database, postfix: Postfix, recipients: SmtpServer, tmp_path: Path,
) -> Iterator[Project]:
    with closing(Project(postgresql_database, postfix, recipients, tmp_path)) as made:
        yield made


def test_an_address_that_does_not_exist_is_switched_off_and_told_of_elsewhere(project: Project) -> None:
    # Given that nobody knows Alice any more where she worked, which our mail server can't know
    project.recipients.refuse = {"alice@work.example.org": (550, "5.1.1 No such user here")}
    # When she's told of something, then for the time being it's sent to both addresses
    assert [each.state for each in project.tell()] == [DeliveryState.SENT, DeliveryState.SENT]
    # When Postfix has reported what became of it, then the address is off
    [handed] = project.handed(1)
    assert handed.code == os.EX_OK
    assert b"report-type=delivery-status" in handed.content
    stopped = project.at_work()
    assert stopped.status is AddressStatus.STOPPED
    assert "No such user here" in stopped.reason
    work, home, notice = project.deliveries()
    assert (work.state, home.state) == (DeliveryState.FAILED, DeliveryState.SENT)
    assert work.reason.startswith("it came back: 550 5.1.1")
    # and Alice is told at home
    assert notice.destination == "alice@home.example.org"
    project.sweep()
    mails = {mail.message["Subject"]: mail for mail in project.recipients.wait_for(2, SOON)}
    told = mails["Notifications to alice@work.example.org are switched off"]
    assert told.rcpt_tos == ("alice@home.example.org",)
    assert "No such user here" in told.message.as_string()


def test_a_mailbox_that_is_full_is_given_time(project: Project) -> None:
    project.recipients.refuse = {"alice@work.example.org": (552, "5.2.2 Mailbox full")}
    project.tell()
    [handed] = project.handed(1)
    assert handed.code == os.EX_OK
    assert project.deliveries()[0].reason.startswith("it came back: 552 5.2.2 Mailbox full")
    assert project.at_work().status is AddressStatus.CONFIRMED


def test_a_mail_that_is_late_has_not_come_back_until_it_is_given_up(project: Project) -> None:
    # Given a server that takes mails another time
    project.recipients.refuse = {"alice@work.example.org": (451, "4.3.0 Another time")}
    project.tell()
    # When Postfix warns that it's late, then nothing has come back
    [warning] = project.handed(1)[:1]
    assert b"Action: delayed" in warning.content
    assert warning.code == os.EX_OK
    assert project.deliveries()[0].state == DeliveryState.SENT
    # When it gives up, then it has, and that's no fault of the address
    project.postfix.give_up_after(1)
    report = project.handed(2)[-1]
    project.postfix.give_up_after(3_600)
    assert b"Action: failed" in report.content
    assert report.code == os.EX_OK
    assert "Another time" in project.deliveries()[0].reason
    assert project.deliveries()[0].state == DeliveryState.FAILED
    assert project.at_work().status is AddressStatus.CONFIRMED


def test_what_people_and_forgers_write_changes_nothing(project: Project) -> None:
    # Given a mail to Alice, who is on holiday
    project.tell()
    [mail, _] = project.recipients.wait_for(2, SOON)
    assert mail.mail_from.startswith("bounces+")
    project.write_back(mail.mail_from, "I’m away until June.", Auto_Submitted="auto-replied")
    # and somebody who would like to switch her addresses off
    project.write_back("bounces+1-aaaaaaaaaaaaaaaa@fmn.example.org", "550 5.1.1 No such user")
    project.write_back(BOUNCE_ADDRESS, "550 5.1.1 No such user")
    # Then they come to us, and nothing happens
    assert [each.code for each in project.handed(3)] == [os.EX_OK] * 3
    assert [each.state for each in project.deliveries()] == [DeliveryState.SENT, DeliveryState.SENT]
    assert project.at_work().status is AddressStatus.CONFIRMED


def test_what_comes_while_the_database_is_away_comes_again(project: Project) -> None:
    # Given a database that can't be reached when something comes back
    project.configure("postgresql://127.0.0.1:1/away")
    project.recipients.refuse = {"alice@work.example.org": (550, "5.1.1 No such user here")}
    project.tell()
    assert project.handed(1)[0].code == os.EX_TEMPFAIL
    # When it's there again, then Postfix has kept the report for us
    project.configure(project.database.url)
    project.postfix.wait_until(lambda: project.at_work().status is AddressStatus.STOPPED)
    assert project.handed(2)[-1].code == os.EX_OK
