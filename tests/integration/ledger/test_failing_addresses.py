"""Addresses that stop working: when they're switched off, what their owner is told, how they come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.contract import DeliveryError
from fmn.delivery.retry import RetryPolicy
from fmn.infra.db import Database
from fmn.ledger.failed_deliveries import DeliverySelection, retry
from fmn.ledger.failing_addresses import BounceOutcome, PermanentFailure, mark_bounced
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState
from fmn.ledger.reasons import Reason
from fmn.ledger.system_deliveries import start_confirmation
from fmn.matching.batch_recorder import Recorded
from fmn.people.accounts import get_or_create_signed_in_account
from fmn.people.addresses import AddressStatus, ListedAddress, list_addresses
from fmn.people.confirmations import ConfirmationOutcome, check_confirmation, confirm_address
from fmn.people.models import DetailValue, Preference
from fmn.settings import BounceSettings, ConfirmationSettings
from tests.concurrency import at_once
from tests.factories.clocks import Clock
from tests.factories.fake_channels import REFUSED, RecordingChannel, failing_for
from tests.factories.messages import recorded, stored
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

GONE = PermanentFailure("550 5.1.1 No such user", address_gone=True)
FULL = PermanentFailure("452 4.2.2 Mailbox full", address_gone=False)
LIMITS = BounceSettings(soft_limit=3, soft_days=7, failures_in_a_row=3, failing_hours=24)


@dataclass
class Alice:
    """She is reached by e-mail at one address or several, and on IRC."""

    database: Database
    addresses: Sequence[str] = ("alice@example.org",)
    clock: Clock = field(default_factory=Clock)
    channel: RecordingChannel = field(default_factory=RecordingChannel)
    messages: int = 0

    def __post_init__(self) -> None:
        self.person: Person = make_person(self.database, addresses=self.addresses)
        with self.database.transaction() as session:
            session.add(Preference(user_id=self.person.user_id, context="irc", detail_values=[
                DetailValue(value="alice", confirmed_at=self.clock())]))
        self.backend = Backend(
            self.database, {"email": self.channel}, catalog().describe, retry=RetryPolicy(),
            claim_for=timedelta(seconds=90), bounce=LIMITS, now=self.clock)

    def recipient(self) -> Recorded:
        """Something concerns her; nothing is sent yet."""
        self.messages += 1
        return recorded(
            self.database, stored(self.database, self.messages), self.person.recipient, now=self.clock())

    def hear(self) -> list[int]:
        """She's sent something; returns the deliveries."""
        ids = list(self.recipient().deliveries.get("email", ()))
        self.backend.deliver("email", ids)
        return ids

    def bounce(self, delivery_id: int, failure: PermanentFailure = GONE) -> BounceOutcome:
        with self.database.transaction() as session:
            return mark_bounced(session, delivery_id, failure, self.clock(), LIMITS)

    def refuse(self, error: DeliveryError) -> None:
        """Her mail server refuses everything from now on."""
        self.channel.before = failing_for(*self.addresses, error=error)

    def confirm(self) -> ConfirmationOutcome:
        """Have a new link sent, and follow it."""
        with self.database.transaction() as session:
            address = session.get_one(DetailValue, self.person.address_ids[0])
            asked = start_confirmation(session, address, self.clock(), ConfirmationSettings())
            found = confirm_address(session, asked.id, self.clock())
        assert found is not None
        return found.outcome

    def look(self) -> ListedAddress:
        """How her first address stands."""
        with self.database.reading() as session:
            return list_addresses(session, [self.person.preference_id], self.clock())[
                self.person.preference_id][0]

    @property
    def notices(self) -> list[tuple[str, str]]:
        """What she's told of her account, and where."""
        with self.database.reading() as session:
            return [(each.destination, f"{each.system_message['subject']}. {each.system_message['text']}")
                    for each in session.scalars(
                        select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE).order_by(Delivery.id))]

    def outcome(self, delivery_id: int) -> tuple[str, str]:
        with self.database.reading() as session:
            delivery = session.get_one(Delivery, delivery_id)
            return delivery.state, delivery.reason


@pytest.fixture
def alice(database: Database) -> Alice:
    return Alice(database)


def test_an_address_that_a_server_doesnt_know_is_switched_off_at_once(alice: Alice) -> None:
    # Given a mail that waits, and another that the mail server refuses since there's no such mailbox
    waiting = alice.recipient().deliveries["email"]
    alice.refuse(DeliveryError("the mail server refused: 550 5.1.1 No such user", permanent=True,
                               address_gone=True))
    [refused] = alice.hear()
    # Then the address is off, and says why
    assert alice.outcome(refused) == (DeliveryState.FAILED, "the mail server refused: 550 5.1.1 No such user")
    stopped = alice.look()
    assert (stopped.status, stopped.since) == (AddressStatus.STOPPED, alice.clock())
    assert stopped.reason == "the mail server refused: 550 5.1.1 No such user"
    # and she's told on IRC, where that works
    [(where, words)] = alice.notices
    assert where == "alice"
    assert words.startswith("Notifications to alice@example.org are switched off. ")
    assert (
        "Deliveries by e-mail to alice@example.org failed: the mail server refused: 550 5.1.1 No such user.\n"
    ) in words
    # What waits for it, and what concerns her later, isn't sent there
    alice.channel.before = lambda _delivery: None
    alice.backend.deliver("email", waiting)
    assert alice.outcome(waiting[0]) == (DeliveryState.DROPPED, Reason.ADDRESS_REMOVED.sentence)
    assert alice.hear() == []
    assert alice.channel.delivered == []


def test_another_address_goes_on_and_is_where_its_owner_is_told(database: Database) -> None:
    alice = Alice(database, ["old@example.org", "new@example.org"])
    [old, _] = alice.hear()
    assert alice.bounce(old) is BounceOutcome.SWITCHED_OFF
    assert [where for where, _ in alice.notices] == ["new@example.org", "alice"]
    alice.hear()
    assert alice.channel.destinations == ["old@example.org", "new@example.org", "new@example.org"]


@pytest.mark.parametrize("failure", [GONE, FULL])
def test_a_mail_that_came_back_is_told_of_as_such(alice: Alice, failure: PermanentFailure) -> None:
    [delivery] = alice.hear()
    assert alice.outcome(delivery) == (DeliveryState.SENT, "")
    alice.bounce(delivery, failure)
    assert alice.outcome(delivery) == (DeliveryState.FAILED, f"it came back: {failure.reason}")


def test_the_same_report_twice_is_one(alice: Alice) -> None:
    [delivery] = alice.hear()
    assert alice.bounce(delivery) is BounceOutcome.SWITCHED_OFF
    assert alice.bounce(delivery) is BounceOutcome.ALREADY_RECORDED
    assert len(alice.notices) == 1


def test_the_same_report_is_no_news_of_what_is_to_be_tried_again(alice: Alice) -> None:
    # Given a mail that came back, and that an administrator wants to be tried again
    [delivery] = alice.hear()
    alice.bounce(delivery, FULL)
    with alice.database.transaction() as session:
        assert retry(session, DeliverySelection(reason=f"it came back: {FULL.reason}"), alice.clock()) == 1
    # When its report comes once more, then it's tried all the same
    assert alice.bounce(delivery, FULL) is BounceOutcome.ALREADY_RECORDED
    alice.backend.deliver("email", [delivery])
    assert alice.outcome(delivery) == (DeliveryState.SENT, "")


def test_two_reports_of_one_address_tell_its_owner_once(alice: Alice) -> None:
    [first], [second] = alice.hear(), alice.hear()
    assert alice.bounce(first) is BounceOutcome.SWITCHED_OFF
    alice.clock.turn(minutes=10)
    assert alice.bounce(second) is BounceOutcome.RECORDED
    assert len(alice.notices) == 1


def test_a_report_may_come_before_it_is_recorded_that_the_mail_was_sent(alice: Alice) -> None:
    # Given a mail that comes back while it's in the channel's hands
    comes_back: list[BounceOutcome] = []
    [delivery] = alice.recipient().deliveries["email"]
    alice.channel.before = lambda _delivery: comes_back.append(alice.bounce(delivery))
    # When the channel is done with it
    alice.backend.deliver("email", [delivery])
    # Then it's still known that it came back, and it isn't sent again
    assert comes_back == [BounceOutcome.SWITCHED_OFF]
    assert alice.outcome(delivery) == (DeliveryState.FAILED, f"it came back: {GONE.reason}")
    assert alice.look().status is AddressStatus.STOPPED


def test_a_full_mailbox_is_given_time(alice: Alice) -> None:
    # Given a mailbox that is full on two days, with many mails
    for _ in range(2):
        for delivery in [*alice.hear(), *alice.hear()]:
            assert alice.bounce(delivery, FULL) is BounceOutcome.RECORDED
        alice.clock.turn(days=1)
    assert alice.look().status is AddressStatus.CONFIRMED
    # When it's full on a third one, then it's off
    [delivery] = alice.hear()
    assert alice.bounce(delivery, FULL) is BounceOutcome.SWITCHED_OFF
    assert alice.look().reason == f"on 3 days what was sent there came back: {FULL.reason}"


def test_a_mailbox_that_is_full_now_and_then_stays(alice: Alice) -> None:
    for _ in range(5):
        [delivery] = alice.hear()
        assert alice.bounce(delivery, FULL) is BounceOutcome.RECORDED
        alice.clock.turn(days=4)
    assert alice.look().status is AddressStatus.CONFIRMED
    assert alice.notices == []


def test_refusals_in_a_row_switch_it_off_after_a_day(alice: Alice) -> None:
    # Given a mail server that doesn't want our mails, whatever is in them
    alice.refuse(REFUSED)
    for _ in range(5):
        alice.hear()
    # Then that may be mended still; a day later it's the address's
    assert alice.look().status is AddressStatus.CONFIRMED
    alice.clock.turn(days=1)
    alice.hear()
    assert alice.look().status is AddressStatus.STOPPED
    assert alice.look().reason == (
        "6 deliveries in a row were refused, the last one like this: no such mailbox")


def test_what_arrives_ends_the_row(alice: Alice) -> None:
    for _ in range(4):
        alice.refuse(REFUSED)
        alice.hear()
        alice.clock.turn(days=1)
        alice.channel.before = lambda _delivery: None
        alice.hear()
        alice.clock.turn(days=1)
    assert alice.look().status is AddressStatus.CONFIRMED


def test_it_comes_back_by_being_confirmed_again(alice: Alice) -> None:
    # Given an address that is off, and a link from before that would still work
    with alice.database.transaction() as session:
        address = session.get_one(DetailValue, alice.person.address_ids[0])
        address.confirmed_at = None
        early = start_confirmation(session, address, alice.clock(), ConfirmationSettings()).id
    assert alice.confirm() is ConfirmationOutcome.CONFIRMED
    [before] = alice.hear()
    alice.clock.turn(minutes=1)
    [delivery] = alice.hear()
    alice.bounce(delivery)
    # Then that link is worth nothing, for it shows nothing of how the address is now
    with alice.database.reading() as session:
        found = check_confirmation(session, early, alice.clock())
        assert found is not None
        assert (found.outcome, found.newer_sent_at) == (ConfirmationOutcome.EXPIRED, None)
    # When it's confirmed by a new one, then it's on
    alice.clock.turn(minutes=1)
    assert alice.confirm() is ConfirmationOutcome.CONFIRMED
    assert alice.look().status is AddressStatus.CONFIRMED
    assert len(alice.hear()) == 1
    # and what is said of a mail from before is no news of it
    assert alice.bounce(before) is BounceOutcome.RECORDED
    assert alice.look().status is AddressStatus.CONFIRMED
    # but what comes back now is
    [again] = alice.hear()
    assert alice.bounce(again) is BounceOutcome.SWITCHED_OFF
    assert len(alice.notices) == 2


def test_while_it_is_off_a_letter_may_be_on_its_way(alice: Alice) -> None:
    [delivery] = alice.hear()
    alice.bounce(delivery)
    with alice.database.transaction() as session:
        alice.clock.turn(minutes=1)
        address = session.get_one(DetailValue, alice.person.address_ids[0])
        start_confirmation(session, address, alice.clock(), ConfirmationSettings(hours=1))
    assert alice.look().status is AddressStatus.WAITING
    # When nobody follows its link, then it's as it was
    alice.clock.turn(minutes=61)
    assert alice.look().status is AddressStatus.STOPPED


def test_signing_in_does_not_switch_it_on(alice: Alice) -> None:
    [delivery] = alice.hear()
    alice.bounce(delivery)
    with alice.database.transaction() as session:
        get_or_create_signed_in_account(
            session, "alice", "alice@example.org", ["email"], alice.clock(), confirmed=True)
    assert alice.look().status is AddressStatus.STOPPED


def test_what_comes_too_late_says_nothing(alice: Alice) -> None:
    [delivery] = alice.hear()
    alice.clock.turn(days=LIMITS.ignored_after_days + 1)
    assert alice.bounce(delivery) is BounceOutcome.TOO_OLD
    assert alice.outcome(delivery) == (DeliveryState.SENT, "")
    assert alice.look().status is AddressStatus.CONFIRMED


def test_what_is_not_there_says_nothing(alice: Alice) -> None:
    assert alice.bounce(4_711) is BounceOutcome.UNKNOWN


def test_of_an_address_that_was_removed_only_the_delivery_is_told(alice: Alice) -> None:
    [delivery] = alice.hear()
    with alice.database.transaction() as session:
        session.delete(session.get_one(DetailValue, alice.person.address_ids[0]))
    assert alice.bounce(delivery) is BounceOutcome.RECORDED
    assert alice.outcome(delivery)[0] == DeliveryState.FAILED
    assert alice.notices == []


def test_a_letter_to_an_address_that_never_worked_is_nobodys_news(alice: Alice) -> None:
    # Given an address that was typed wrong
    with alice.database.transaction() as session:
        preference = session.get_one(Preference, alice.person.preference_id)
        wrong = DetailValue(preference=preference, value="alcie@example.org")
        session.add(wrong)
        session.flush()
        asked = start_confirmation(session, wrong, alice.clock(), ConfirmationSettings())
        letter = session.scalars(
            select(Delivery).where(Delivery.key == f"{DeliveryKind.CONFIRMATION}:{asked.id}")).one().id
    alice.backend.deliver("email", [letter])
    # When the letter comes back, then that is told of the letter, which its page shows, and by nothing else
    assert alice.bounce(letter) is BounceOutcome.RECORDED
    assert alice.outcome(letter) == (DeliveryState.FAILED, f"it came back: {GONE.reason}")
    assert alice.notices == []


def test_where_the_account_is_the_address_it_is_never_switched_off(database: Database) -> None:
    bob = make_person(database, "bob", context="sse", addresses=["bob"])
    channel = RecordingChannel("sse", before=failing_for("bob", error=DeliveryError(
        "gone", permanent=True, address_gone=True)))
    backend = Backend(
        database, {"sse": channel}, catalog().describe, retry=RetryPolicy(), claim_for=timedelta(seconds=90),
        now=Clock())
    ids = recorded(database, stored(database, 1), bob.recipient).deliveries["sse"]
    backend.deliver("sse", ids)
    with database.reading() as session:
        [address] = list_addresses(session, [bob.preference_id], Clock()())[bob.preference_id]
    assert address.status is AddressStatus.CONFIRMED


def test_reports_that_come_at_the_same_time_tell_once(postgresql_database: Database) -> None:
    # Given several mails to Alice, of which each comes back, and is reported twice, all at once
    alice = Alice(postgresql_database)
    ids = [delivery for _ in range(4) for delivery in alice.hear()] * 2
    noted = at_once(len(ids), lambda number: alice.bounce(ids[number]))
    # Then each counts once, one of them switches the address off, and she's told once
    assert sorted(noted) == sorted(
        [BounceOutcome.SWITCHED_OFF, *[BounceOutcome.RECORDED] * 3, *[BounceOutcome.ALREADY_RECORDED] * 4])
    assert len(alice.notices) == 1
