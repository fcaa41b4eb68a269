"""Letters from the ledger to a real mail server, on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.email.channel import EmailChannel
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.retry import RetryPolicy
from fmn.errors import AttemptLimitError, UserError
from fmn.infra.db import Database
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import Reason
from fmn.ledger.system_deliveries import (
    confirmation_deliveries,
    send_account_notice,
    send_test_message,
    start_confirmation,
)
from fmn.people.confirmations import ConfirmationOutcome, confirm_address
from fmn.people.models import Confirmation, DetailValue, Preference
from fmn.settings import ConfirmationSettings
from tests.factories.clocks import Clock
from tests.factories.people import Person, change_preference, make_person, remove_address
from tests.factories.public_ids import public_id
from tests.servers.smtp import SmtpServer
from tests.unit.fmn.delivery.email.examples import LINKS, part

pytestmark = pytest.mark.dialects

SETTINGS = ConfirmationSettings(per_address_per_day=2, per_user_per_hour=3)


class Post:
    """What takes letters from the database to the mail server, as the sweep and the backend do."""

    def __init__(self, database: Database, server: SmtpServer) -> None:
        self.database, self.server, self.clock = database, server, Clock()
        self.channel = EmailChannel(
            EmailSettings(host=server.host, port=server.port, sender="fmn@example.org"), LINKS, {})
        self._backend = Backend(
            database, {"email": self.channel}, catalog().describe, retry=RetryPolicy(),
            claim_for=timedelta(seconds=90), now=self.clock)

    def collect(self) -> None:
        """Deliver what the sweep finds the very next time it looks."""
        with self.database.transaction() as session:
            due = enqueue_due(session, "email", self.clock(), timedelta(minutes=1), 100)
        self._backend.deliver("email", due)

    def ask(self, address_id: int) -> int:
        with self.database.transaction() as session:
            return start_confirmation(
                session, session.get_one(DetailValue, address_id), self.clock(), SETTINGS).id

    def test(self, address_id: int) -> None:
        with self.database.transaction() as session:
            send_test_message(session, session.get_one(DetailValue, address_id), self.clock(), SETTINGS)

    def tell(self, person: Person, subject: str = "Hello", text: str = "One.\n\nTwo.") -> int:
        with self.database.transaction() as session:
            return send_account_notice(session, person.user_id, subject, text, self.clock())

    def confirm(self, confirmation_id: int) -> None:
        with self.database.transaction() as session:
            asked = confirm_address(session, confirmation_id, self.clock())
            assert asked is not None
            assert asked.outcome is ConfirmationOutcome.CONFIRMED

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        with self.database.transaction() as session:
            return [(each.state, each.reason_code or each.reason)
                    for each in session.scalars(select(Delivery).order_by(Delivery.id))]


@pytest.fixture
def post(database: Database, smtp_server: SmtpServer) -> Iterator[Post]:
    made = Post(database, smtp_server)
    with closing(made.channel):
        yield made


def test_an_address_gets_its_confirmation_and_once_that_is_given_a_test(post: Post) -> None:
    # Given an address that Alice added, with e-mail switched off so far
    alice = make_person(post.database, addresses=(), unconfirmed=["alice@example.org"], enabled=False)
    confirmation = post.ask(alice.address_ids[0])

    # When the sweep looks, then a letter arrives whose link confirms it, and that offers nothing else
    post.collect()
    [mail] = post.server.mails
    assert mail.rcpt_tos == ("alice@example.org",)
    assert mail.message["Subject"] == "Confirm this address"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert not any(name.startswith("List-") for name in mail.message)
    for text in (part(mail.message, "plain"), part(mail.message, "html")):
        assert "alice asked FMN to send notifications to this address." in text
        assert "by 2026-05-06 12:00 UTC" in text
        (token,) = re.findall(r"/confirm/([\w.-]+)", text)
        assert "unsubscribe" not in text
        assert LINKS.read_confirm(token) == public_id(post.database, Confirmation, confirmation)

    # When she follows it, and has a test sent, then that arrives, and can be stopped like all the rest
    post.confirm(confirmation)
    post.test(alice.address_ids[0])
    post.test(alice.address_ids[0])  # pressed twice
    post.collect()
    [_, test] = post.server.mails
    assert test.message["Subject"] == "Test message"
    everything = public_id(post.database, Preference, alice.preference_id)
    assert test.message["List-Unsubscribe"] == f"<{LINKS.unsubscribe(everything, None)}>"
    assert "switched off" in part(test.message, "plain")
    assert post.outcomes == [(DeliveryState.SENT, ""), (DeliveryState.SENT, "")]


def test_a_confirmation_is_sent_again_only_when_it_was_sent(post: Post) -> None:
    # Given somebody who presses twice
    (address_id,) = make_person(post.database, addresses=(), unconfirmed=["alice@example.org"]).address_ids
    first = post.ask(address_id)
    assert post.ask(address_id) == first
    # Then it's one letter, also while it's on its way
    post.server.refuse = {"alice@example.org": (451, "4.7.1 Greylisted")}
    post.collect()
    assert post.ask(address_id) == first
    post.server.refuse = {}
    post.clock.turn(minutes=5)
    post.collect()
    assert len(post.server.mails) == 1
    # When it has arrived and she wants another one, then she gets it
    assert post.ask(address_id) != first
    post.collect()
    assert len(post.server.mails) == 2


def test_a_letter_that_is_tried_again_is_dated_when_it_was_written(post: Post) -> None:
    alice = make_person(post.database)
    post.server.refuse = {"alice@example.org": (451, "4.7.1 Greylisted")}
    post.test(alice.address_ids[0])
    post.collect()
    assert post.outcomes == [(DeliveryState.WAITING, "the mail server refused: 451 4.7.1 Greylisted")]
    post.server.refuse = {}
    post.clock.turn(minutes=5)
    post.collect()
    [mail] = post.server.mails
    assert mail.message["Date"] == "Mon, 04 May 2026 12:00:00 +0000"


def test_a_refused_confirmation_says_why(post: Post) -> None:
    alice = make_person(post.database, addresses=(), unconfirmed=["wrong@example.org"])
    post.server.refuse = {"wrong@example.org": (550, "5.1.1 No such mailbox")}
    confirmation = post.ask(alice.address_ids[0])
    post.collect()
    with post.database.reading() as session:
        letter = confirmation_deliveries(session, [confirmation, confirmation + 1])[confirmation]
    assert letter.state == DeliveryState.FAILED
    assert letter.reason == "the mail server refused: 550 5.1.1 No such mailbox"


def test_what_nobody_waits_for_any_more_is_dropped_with_its_reason(post: Post) -> None:
    alice = make_person(
        post.database, addresses=["gone@example.org", "stays@example.org"],
        unconfirmed=["new@example.org", "newer@example.org"])
    gone, stays, new, newer = alice.address_ids
    links = [post.ask(new), post.ask(newer)]
    post.test(gone)
    remove_address(post.database, alice, 0)
    remove_address(post.database, alice, 2)
    post.confirm(links[1])
    assert post.tell(alice) == 2
    change_preference(post.database, alice, enabled=False)
    post.test(stays)
    post.collect()
    assert post.outcomes == [
        (DeliveryState.DROPPED, Reason.ADDRESS_REMOVED), (DeliveryState.DROPPED, Reason.CONFIRMED_ALREADY),
        (DeliveryState.DROPPED, Reason.ADDRESS_REMOVED),
        (DeliveryState.DROPPED, Reason.SWITCHED_OFF), (DeliveryState.DROPPED, Reason.SWITCHED_OFF),
        (DeliveryState.SENT, "")]


def test_an_address_that_was_added_again_is_not_asked_by_its_old_letter(post: Post) -> None:
    alice = make_person(post.database, addresses=(), unconfirmed=["new@example.org"])
    post.ask(alice.address_ids[0])
    with post.database.transaction() as session:
        old = session.get_one(DetailValue, alice.address_ids[0])
        again = DetailValue(preference_id=old.preference_id, value=old.value)
        session.delete(old)
        session.flush()
        session.add(again)
        session.flush()
        again_id = again.id
    link = post.ask(again_id)
    post.collect()
    [mail] = post.server.mails
    assert LINKS.confirm(public_id(post.database, Confirmation, link)) in part(mail.message, "plain")


def test_a_notice_reaches_every_confirmed_address_and_no_other(post: Post) -> None:
    alice = make_person(post.database, addresses=["a@example.org", "b@example.org"],
                        unconfirmed=["c@example.org"])
    make_person(post.database, "bob")
    words = ("One of your filters\nwas stopped", "It let 5,000 messages through.\n\nNarrow it, please. <b>")
    assert post.tell(alice, *words) == 2
    assert post.tell(alice, *words) == 2  # sent twice
    post.collect()
    assert [mail.rcpt_tos[0] for mail in post.server.mails] == ["a@example.org", "b@example.org"]
    mail = post.server.mails[0].message
    assert mail["Subject"] == "One of your filters was stopped"
    assert part(mail, "plain").startswith("It let 5,000 messages through.\n\nNarrow it, please. <b>\n\n-- \n")
    assert "Narrow it, please. &lt;b&gt;" in part(mail, "html")
    # Whoever has switched everything off gets none
    change_preference(post.database, alice, enabled=False)
    assert post.tell(alice) == 0


@pytest.mark.parametrize(("subject", "text", "sentence"), [
    (" ", "text", "A notice needs a subject."), ("subject", "\n", "A notice needs a text."),
    ("x" * 151, "text", "The subject can have 150 characters at most."),
    ("subject", "x" * 5_001, "The text can have 5,000 characters at most."),
])
def test_a_notice_needs_words_and_not_too_many(post: Post, subject: str, text: str, sentence: str) -> None:
    alice = make_person(post.database)
    with pytest.raises(UserError) as refused:
        post.tell(alice, subject, text)
    assert str(refused.value) == sentence


def test_tests_go_to_confirmed_addresses_and_not_too_often(post: Post) -> None:
    alice = make_person(post.database, addresses=["a@example.org", "b@example.org"],
                        unconfirmed=["c@example.org"])
    one, other, unconfirmed = alice.address_ids
    with pytest.raises(UserError, match="isn’t confirmed yet"):
        post.test(unconfirmed)
    for address in (one, one, other):
        post.test(address)
        post.clock.turn(minutes=1)
    # Two a day to one address
    with pytest.raises(
            AttemptLimitError, match=r"Enough tests were sent to this address\. Try again in 1 day"):
        post.test(one)
    # Three an hour in all
    with pytest.raises(AttemptLimitError, match=r"You had enough tests sent\. Try again in 57 minutes"):
        post.test(other)
    post.clock.turn(minutes=57)
    post.test(other)
