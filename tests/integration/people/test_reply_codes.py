"""Confirming by codes, on SQLite and PostgreSQL: typed into the web app, or said to us from the address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from fmn.delivery.rendering import render_deliveries
from fmn.delivery.signed_links import Links
from fmn.errors import AttemptLimitError, UserError
from fmn.infra.db import Database
from fmn.ledger.models import Delivery
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.addresses import (
    MAX_WRONG_CODES,
    AddressStatus,
    add_address,
    confirmed_owner,
    list_addresses,
    remove_address,
)
from fmn.people.change_log import current_revision
from fmn.people.confirmations import ConfirmationOutcome, ConfirmationResult
from fmn.people.models import DetailValue, Preference
from fmn.people.reply_codes import confirm_by_received_code, confirm_by_typed_code
from fmn.settings import ConfirmationSettings
from tests.concurrency import at_once
from tests.factories.deliveries import mark_confirmations_sent
from tests.factories.extra_channels import PARROT, PIGEON
from tests.factories.messages import NOON
from tests.factories.people import Person, make_person

SETTINGS = ConfirmationSettings()
LINKS = Links("https://fmn.example.org", "of the tests")
LOFT = "loft://example.org/secret"
EXPIRED = NOON + timedelta(hours=SETTINGS.hours)

pytestmark = pytest.mark.usefixtures("codes")


def owner_of_loft(database: Database, nick: str = "alice") -> Person:
    return make_person(database, nick, context=PIGEON, addresses=(), unconfirmed=[LOFT])


def owner_of_perch(database: Database, nick: str = "alice") -> Person:
    return make_person(database, nick, context=PARROT, addresses=(), unconfirmed=["polly"])


def code_for(database: Database, address_id: int) -> str:
    """Ask for one more code."""
    mark_confirmations_sent(database)
    with database.transaction() as session:
        asked = start_confirmation(session, session.get_one(DetailValue, address_id), NOON, SETTINGS)
        return LINKS.code(asked.public_id)


def types(
    database: Database, address_id: int, typed: str, now: timedelta = timedelta(0),
) -> ConfirmationResult:
    with database.transaction() as session:
        address = session.get_one(DetailValue, address_id)
        return confirm_by_typed_code(session, address, typed, LINKS.is_code, NOON + now)


def says(
    database: Database, said: str, value: str = "Polly", now: timedelta = timedelta(0),
) -> ConfirmationResult:
    with database.transaction() as session:
        return confirm_by_received_code(session, PARROT, value, said, LINKS.is_code, NOON + now)


def standing(database: Database, person: Person) -> AddressStatus:
    with database.reading() as session:
        [found] = list_addresses(session, [person.preference_id], NOON)[person.preference_id]
        return found.status


def revision(database: Database) -> int:
    with database.reading() as session:
        return current_revision(session)


class TestACodeThatWasSent:
    def test_confirms_where_it_is_typed(self, database: Database) -> None:
        alice = owner_of_loft(database)
        code = code_for(database, alice.address_ids[0])
        before = revision(database)
        # When she types it, then it's confirmed, and doing so again does no harm
        for _ in range(2):
            found = types(database, alice.address_ids[0], code.lower().replace("-", " "))
            assert (found.outcome, found.nick) == (ConfirmationOutcome.CONFIRMED, "alice")
            assert found.value == "loft://example.org/…"
        assert standing(database, alice) is AddressStatus.CONFIRMED
        assert revision(database) == before + 1

    def test_stands_in_a_letter_that_says_where_to_type_it(self, database: Database) -> None:
        alice = owner_of_loft(database)
        code_for(database, alice.address_ids[0])
        with database.reading() as session:
            ids = session.scalars(select(Delivery.id)).all()
            [claimed] = render_deliveries(session, ids, lambda message: pytest.fail(message.topic), NOON)
        words = claimed.rendered
        assert not isinstance(words, str)
        letter = getattr(words, "system_message", None)
        assert letter is not None
        assert letter.paragraphs[-1].startswith(
            "To confirm that it's yours, enter this code by 2026-05-06 12:00 UTC ")

    def test_goes_on_working_beside_a_newer_one_until_it_expires(self, database: Database) -> None:
        alice = owner_of_loft(database)
        older, _ = (code_for(database, alice.address_ids[0]) for _ in range(2))
        late = types(database, alice.address_ids[0], older, timedelta(hours=SETTINGS.hours))
        assert late.outcome is ConfirmationOutcome.EXPIRED
        assert types(database, alice.address_ids[0], older).outcome is ConfirmationOutcome.CONFIRMED

    @pytest.mark.dialects
    def test_is_worth_nothing_for_another_address(self, database: Database) -> None:
        # Given Mallory, who was sent a code for a loft of hers
        alice, mallory = owner_of_loft(database), make_person(
            database, "mallory", context=PIGEON, addresses=(), unconfirmed=["loft://mallory.example/x"])
        code_for(database, alice.address_ids[0])
        mallorys = code_for(database, mallory.address_ids[0])
        # Then it doesn't confirm Alice's
        assert types(database, alice.address_ids[0], mallorys).outcome is ConfirmationOutcome.WRONG
        assert standing(database, alice) is AddressStatus.WAITING

    def test_of_an_address_that_was_removed_is_worth_nothing_when_it_is_back(
        self, database: Database,
    ) -> None:
        alice = owner_of_loft(database)
        old = code_for(database, alice.address_ids[0])
        with database.transaction() as session:
            remove_address(session, session.get_one(DetailValue, alice.address_ids[0]))
            preference = session.get_one(Preference, alice.preference_id)
            again = add_address(session, preference, LOFT, NOON).id
        assert types(database, again, old).outcome is ConfirmationOutcome.WRONG
        assert types(database, again, code_for(database, again)).outcome is ConfirmationOutcome.CONFIRMED

    def test_can_not_be_guessed(self, database: Database) -> None:
        alice = owner_of_loft(database)
        address = alice.address_ids[0]
        code = code_for(database, address)
        # When she guesses, then at last not even the right one works
        outcomes = [types(database, address, f"0000-{n:04}").outcome for n in range(MAX_WRONG_CODES)]
        assert outcomes == [ConfirmationOutcome.WRONG] * (MAX_WRONG_CODES - 1) + [
            ConfirmationOutcome.TOO_MANY_TRIES]
        assert types(database, address, code).outcome is ConfirmationOutcome.EXPIRED
        assert types(database, address, "0000-0000").outcome is ConfirmationOutcome.TOO_MANY_TRIES
        assert standing(database, alice) is AddressStatus.EXPIRED
        # but a new one does, of which she isn't sent many
        newer = code_for(database, address)
        for _ in range(SETTINGS.per_address_per_day - 2):
            code_for(database, address)
        with pytest.raises(
                AttemptLimitError, match=r"This address was sent enough codes to confirm it\. Try again in"):
            code_for(database, address)
        assert types(database, address, newer).outcome is ConfirmationOutcome.CONFIRMED

    def test_does_not_take_what_somebody_else_confirmed(self, database: Database) -> None:
        alice, bob = owner_of_loft(database), owner_of_loft(database, "bob")
        hers, his = (code_for(database, person.address_ids[0]) for person in (alice, bob))
        assert types(database, bob.address_ids[0], his).outcome is ConfirmationOutcome.CONFIRMED
        taken = types(database, alice.address_ids[0], hers)
        assert (taken.outcome, taken.nick) == (ConfirmationOutcome.TAKEN, "alice")
        with pytest.raises(UserError, match="belongs to another account") as refused:
            code_for(database, alice.address_ids[0])
        assert "bob" not in str(refused.value)

    def test_is_no_use_where_codes_are_said(self, database: Database) -> None:
        # Given a code that Alice sees on a page, and not from the nick that it's for
        alice = owner_of_perch(database)
        code = code_for(database, alice.address_ids[0])
        # Then typing it shows nothing
        with pytest.raises(UserError, match="No code that could be typed here confirms polly"):
            types(database, alice.address_ids[0], code)
        assert standing(database, alice) is AddressStatus.WAITING

    def test_counts_every_try_of_many_at_once(self, postgresql_database: Database) -> None:
        alice = owner_of_loft(postgresql_database)
        address = alice.address_ids[0]
        code = code_for(postgresql_database, address)
        at_once(8, lambda n: [types(postgresql_database, address, f"0000-{n:04}") for _ in range(2)])
        assert types(postgresql_database, address, code).outcome is ConfirmationOutcome.EXPIRED


class TestACodeThatIsSaid:
    def test_confirms_from_there_and_nothing_was_sent(self, database: Database) -> None:
        alice = owner_of_perch(database)
        code = code_for(database, alice.address_ids[0])
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        for _ in range(2):
            found = says(database, code)
            assert (found.outcome, found.nick, found.value) == (
                ConfirmationOutcome.CONFIRMED, "alice", "polly")
        with database.reading() as session:
            owner = confirmed_owner(session, PARROT, "POLLY")
            assert owner is not None
            assert owner.user.nick == "alice"

    @pytest.mark.dialects
    def test_confirms_from_no_other_address(self, database: Database) -> None:
        alice = owner_of_perch(database)
        code = code_for(database, alice.address_ids[0])
        assert says(database, code, "mallory").outcome is ConfirmationOutcome.WRONG
        with database.reading() as session:
            assert confirmed_owner(session, PARROT, "polly") is None

    def test_says_which_account_wanted_it(self, database: Database) -> None:
        # Given two who say that they're Polly
        alice, mallory = owner_of_perch(database), owner_of_perch(database, "mallory")
        hers, _ = (code_for(database, person.address_ids[0]) for person in (alice, mallory))
        # When Polly says one of the codes, then that account has the address, and the other one can't
        assert says(database, hers).nick == "alice"
        with database.reading() as session:
            owner = confirmed_owner(session, PARROT, "polly")
            assert owner is not None
            assert owner.user_id == alice.user_id

    def test_too_late_or_of_an_address_that_was_removed_says_so(self, database: Database) -> None:
        alice = owner_of_perch(database)
        code = code_for(database, alice.address_ids[0])
        assert says(
            database, code, now=timedelta(hours=SETTINGS.hours)).outcome is ConfirmationOutcome.EXPIRED
        with database.transaction() as session:
            remove_address(session, session.get_one(DetailValue, alice.address_ids[0]))
        assert says(database, code).outcome is ConfirmationOutcome.GONE

    def test_can_not_be_guessed(self, database: Database) -> None:
        alice = owner_of_perch(database)
        code = code_for(database, alice.address_ids[0])
        for number in range(MAX_WRONG_CODES):
            says(database, f"0000-{number:04}")
        assert says(database, code).outcome is ConfirmationOutcome.EXPIRED
        assert says(
            database, code_for(database, alice.address_ids[0])).outcome is ConfirmationOutcome.CONFIRMED

    def test_is_not_used_up_by_others(self, database: Database) -> None:
        # Given Mallory, who asked for as many codes for Polly's nick as there are in a day
        mallory, alice = owner_of_perch(database, "mallory"), owner_of_perch(database)
        for _ in range(SETTINGS.per_address_per_day):
            code_for(database, mallory.address_ids[0])
        with pytest.raises(AttemptLimitError, match="You had enough codes made for this address"):
            code_for(database, mallory.address_ids[0])
        # Then Alice has hers all the same
        assert says(database, code_for(database, alice.address_ids[0])).nick == "alice"

    def test_is_no_use_where_codes_are_sent(self, database: Database) -> None:
        alice = owner_of_loft(database)
        code = code_for(database, alice.address_ids[0])
        with database.transaction() as session:
            found = confirm_by_received_code(session, PIGEON, LOFT, code, LINKS.is_code, NOON)
        assert (found.outcome, found.nick) == (ConfirmationOutcome.WRONG, "")
        assert standing(database, alice) is AddressStatus.WAITING


def test_of_all_who_say_their_code_at_once_one_gets_the_address(postgresql_database: Database) -> None:
    people = [owner_of_perch(postgresql_database, f"user{number}") for number in range(4)]
    codes = [code_for(postgresql_database, person.address_ids[0]) for person in people]
    outcomes = at_once(8, lambda number: says(
        postgresql_database, codes[number // 2] if number % 2 else "0000-0000").outcome)
    assert sorted(outcomes[1::2]) == ["confirmed", "taken", "taken", "taken"]
