"""Addresses and their confirmations, on SQLite and PostgreSQL: what is said, and who is first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from fmn.errors import AttemptLimitError, UserError
from fmn.infra.db import Database
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.addresses import (
    ADDRESS_TAKEN,
    MAX_ADDRESSES,
    AddressStatus,
    ListedAddress,
    add_address,
    list_addresses,
    remove_address,
    validate_address,
)
from fmn.people.change_log import current_revision
from fmn.people.confirmations import ConfirmationOutcome, check_confirmation, confirm_address
from fmn.people.models import Confirmation, DetailValue, Preference, User
from fmn.settings import ConfirmationSettings, Settings
from tests.concurrency import at_once
from tests.factories.deliveries import mark_confirmations_sent
from tests.factories.messages import NOON
from tests.factories.people import Person, make_person
from tests.factories.public_ids import public_id

pytestmark = pytest.mark.dialects

SETTINGS = ConfirmationSettings()


def added(database: Database, person: Person, text: str) -> str:
    """Add an address; returns it as it's kept."""
    with database.transaction() as session:
        value = validate_address("email", text, Settings())
        return add_address(session, session.get_one(Preference, person.preference_id), value, NOON).value


def asked(database: Database, address_id: int) -> int:
    """Ask to confirm an address; returns the confirmation."""
    mark_confirmations_sent(database)
    with database.transaction() as session:
        return start_confirmation(session, session.get_one(DetailValue, address_id), NOON, SETTINGS).id


def confirmed(database: Database, confirmation: int) -> ConfirmationOutcome | None:
    with database.transaction() as session:
        found = confirm_address(session, confirmation, NOON)
        return found.outcome if found else None


def revision(database: Database) -> int:
    with database.reading() as session:
        return current_revision(session)


def test_an_address_is_kept_as_the_mail_server_takes_it(database: Database) -> None:
    alice = make_person(database, addresses=())
    assert added(database, alice, "  Alice.B+fmn@Straße.EXAMPLE ") == "Alice.B+fmn@xn--strae-oqa.example"


@pytest.mark.parametrize(("text", "sentence"), [
    ("alice", "“alice” isn’t an e-mail address. Write one such as name@example.org."),
    ("", "“” isn’t an e-mail address. Write one such as name@example.org."),
    ("a@b\r\nRCPT", "“a@b RCPT” has a domain that can’t exist. Write one such as name@example.org."),
    ("ALICE@example.ORG", "You have added ALICE@example.org already: it’s in the list."),
    ("Bob@example.org", ADDRESS_TAKEN),
])
def test_what_can_not_be_added_is_refused_in_a_sentence(database: Database, text: str, sentence: str) -> None:
    alice = make_person(database)
    make_person(database, "bob")
    with pytest.raises(UserError) as refused:
        added(database, alice, text)
    assert (str(refused.value), refused.value.field) == (sentence, "address")
    assert "bob" not in str(refused.value)


def test_nobody_has_a_hundred_addresses(database: Database) -> None:
    alice = make_person(database, addresses=[f"a{n}@example.org" for n in range(MAX_ADDRESSES)])
    with pytest.raises(UserError, match="10 addresses are the most"):
        added(database, alice, "one-more@example.org")


def test_nobody_has_more_by_adding_them_in_many_windows_at_once(postgresql_database: Database) -> None:
    alice = make_person(
        postgresql_database, addresses=[f"a{n}@example.org" for n in range(MAX_ADDRESSES - 1)])

    def add_one(number: int) -> bool:
        try:
            added(postgresql_database, alice, f"more-{number}@example.org")
        except UserError:
            return False
        return True

    assert sorted(at_once(4, add_one)) == [False, False, False, True]


def test_a_context_without_a_channel_takes_no_address() -> None:
    with pytest.raises(UserError, match="Nothing can be sent by pigeon here"):
        validate_address("pigeon", "alice", Settings())


def test_an_address_says_how_far_it_is(database: Database) -> None:
    alice = make_person(database, unconfirmed=["new@example.org", "never@example.org"])
    confirmation = asked(database, alice.address_ids[1])
    confirmed_id, new, never = alice.address_ids
    until = NOON + timedelta(hours=SETTINGS.hours)
    link = public_id(database, Confirmation, confirmation)

    def seen(now: timedelta) -> list[ListedAddress]:
        with database.reading() as session:
            return list(list_addresses(session, [alice.preference_id], NOON + now)[alice.preference_id])

    rest = [ListedAddress(never, "never@example.org", AddressStatus.EXPIRED, None)]
    first = [ListedAddress(confirmed_id, "alice@example.org", AddressStatus.CONFIRMED, NOON)]
    assert seen(timedelta(0)) == [
        *first, ListedAddress(new, "new@example.org", AddressStatus.WAITING, NOON, until, link), *rest]
    assert seen(timedelta(hours=SETTINGS.hours)) == [
        *first, ListedAddress(new, "new@example.org", AddressStatus.EXPIRED, NOON, until, link), *rest]


def test_what_is_confirmed_or_removed_counts_for_the_next_message(database: Database) -> None:
    alice = make_person(database, addresses=(), unconfirmed=["new@example.org"])
    confirmation = asked(database, alice.address_ids[0])
    before = revision(database)
    assert confirmed(database, confirmation) is ConfirmationOutcome.CONFIRMED
    assert revision(database) == before + 1
    # Twice is once
    assert confirmed(database, confirmation) is ConfirmationOutcome.CONFIRMED
    assert revision(database) == before + 1
    with database.transaction() as session:
        remove_address(session, session.get_one(DetailValue, alice.address_ids[0]))
    assert revision(database) == before + 2


def test_too_many_links_to_one_address_are_refused_whoever_asks(database: Database) -> None:
    # Given Mallory, who has Alice's mailbox filled
    mallory = make_person(database, "mallory", addresses=(), unconfirmed=["ALICE@example.org"])
    for _ in range(SETTINGS.per_address_per_day):
        asked(database, mallory.address_ids[0])
    # When Alice asks for it, then it's said when it goes again, and to look where the others are
    alice = make_person(database, addresses=(), unconfirmed=["alice@example.org"])
    with pytest.raises(AttemptLimitError) as refused:
        asked(database, alice.address_ids[0])
    assert str(refused.value) == (
        "This address was sent enough links to confirm it, see its spam folder. Try again in 1 day.")
    assert refused.value.retry_at == NOON + timedelta(days=1)


def test_a_link_of_an_account_that_was_deleted_stands_for_nothing(database: Database) -> None:
    alice = make_person(database, packages=(), addresses=(), unconfirmed=["new@example.org"])
    confirmation = asked(database, alice.address_ids[0])
    with database.transaction() as session:
        session.execute(delete(DetailValue))
    with database.reading() as session:
        gone = check_confirmation(session, confirmation, NOON)
    assert gone is not None
    assert (gone.outcome, gone.address) == (ConfirmationOutcome.GONE, None)
    with database.transaction() as session:
        session.execute(delete(Preference))
        session.execute(delete(User))
    assert confirmed(database, confirmation) is None


def test_of_all_who_confirm_one_address_at_once_one_gets_it(postgresql_database: Database) -> None:
    people = [make_person(postgresql_database, f"user{n}", addresses=(), unconfirmed=["us@example.org"])
              for n in range(4)]
    links = [asked(postgresql_database, person.address_ids[0]) for person in people]
    outcomes = at_once(4, lambda number: confirmed(postgresql_database, links[number]))
    assert sorted(map(str, outcomes)) == ["confirmed", "taken", "taken", "taken"]


def test_removing_and_confirming_at_once_never_wait_for_each_other(postgresql_database: Database) -> None:
    several = [f"a{n}@example.org" for n in range(4)]
    alice = make_person(postgresql_database, addresses=(), unconfirmed=several)
    links = [asked(postgresql_database, address) for address in alice.address_ids]

    def act(number: int) -> None:
        confirmed(postgresql_database, links[number // 2])
        with postgresql_database.transaction() as session:
            address = session.get(DetailValue, alice.address_ids[number // 2])
            if address is not None:
                remove_address(session, address)

    at_once(8, act)
    with postgresql_database.reading() as session:
        assert session.scalars(select(DetailValue)).all() == []
