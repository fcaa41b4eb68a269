"""What comes of a first visit, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from fmn.errors import UserError
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter
from fmn.filters.presets import PRESETS, Preset
from fmn.filters.undo import undo
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryKind
from fmn.ledger.onboarding import Onboarded, complete_onboarding, presets_in_use, skip_onboarding
from fmn.people.change_log import current_revision
from fmn.people.models import DetailValue, Preference, User
from fmn.settings import Settings
from tests.factories.messages import NOON
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

TROUBLE, CHANGES = PRESETS[:2]
SETTINGS = Settings()


@pytest.fixture
def alice(database: Database) -> Person:
    """Somebody who has nothing yet."""
    return make_person(database, addresses=(), packages=(), enabled=False)


def begins(
    database: Database, person: Person, *presets: Preset, address: str = "alice@example.org",
    now: datetime = NOON,
) -> str:
    return begun(database, person, *presets, address=address, now=now).asked


def begun(
    database: Database, person: Person, *presets: Preset, address: str = "", now: datetime = NOON,
    replaces: bool = False,
) -> Onboarded:
    with database.transaction() as session:
        preference = session.get_one(Preference, person.preference_id)
        return complete_onboarding(
            session, preference, [each.spec for each in presets], address, now, SETTINGS, replaces=replaces)


def filters_of(database: Database, person: Person) -> Sequence[str]:
    with database.reading() as session:
        return session.scalars(
            select(Filter.name).where(Filter.preference_id == person.preference_id)
            .order_by(Filter.position)).all()


def letters_to(database: Database, address: str) -> int:
    with database.reading() as session:
        return session.scalar(
            select(func.count()).select_from(Delivery)
            .where(Delivery.kind == DeliveryKind.CONFIRMATION, Delivery.destination == address)) or 0


def is_set_up(database: Database, person: Person) -> tuple[bool, bool]:
    """Whether it's noted that they went through it, and whether their context is on."""
    with database.reading() as session:
        preference = session.get_one(Preference, person.preference_id)
        return preference.user.set_up_at is not None, preference.enabled


def test_what_was_chosen_is_there_and_nothing_else(database: Database, alice: Person) -> None:
    with database.reading() as session:
        before = current_revision(session)

    assert begins(database, alice, CHANGES, TROUBLE) == "alice@example.org"

    assert filters_of(database, alice) == [CHANGES.name, TROUBLE.name]
    assert is_set_up(database, alice) == (True, True)
    assert letters_to(database, "alice@example.org") == 1
    with database.reading() as session:
        (address,) = session.scalars(select(DetailValue))
        assert (address.value, address.confirmed_at) == ("alice@example.org", None)
        assert current_revision(session) > before


def test_doing_it_twice_is_as_good_as_once(database: Database, alice: Person) -> None:
    for _ in range(2):
        assert begins(database, alice, CHANGES, address="Alice@example.org") == "Alice@example.org"

    assert filters_of(database, alice) == [CHANGES.name]
    assert letters_to(database, "Alice@example.org") == 1


def test_a_link_that_no_longer_works_is_sent_again(database: Database, alice: Person) -> None:
    begins(database, alice, CHANGES)

    assert begins(database, alice, TROUBLE, now=NOON + timedelta(days=30)) == "alice@example.org"

    assert letters_to(database, "alice@example.org") == 2


def test_a_confirmed_address_needs_no_letter(database: Database) -> None:
    bob = make_person(database, "bob", packages=())

    for address in ("bob@example.org", ""):
        assert begins(database, bob, CHANGES, address=address) == ""

    assert letters_to(database, "bob@example.org") == 0


def test_without_an_address_or_a_filter_nothing_is_changed(database: Database, alice: Person) -> None:
    for presets, address, field in (((CHANGES,), "", "address"), ((CHANGES,), "no address", "address"),
                                    ((), "alice@example.org", "subject")):
        with pytest.raises(UserError) as error:
            begins(database, alice, *presets, address=address)
        assert error.value.field == field

    assert filters_of(database, alice) == []
    assert is_set_up(database, alice) == (False, False)


def test_whoever_has_filters_needs_no_preset(database: Database) -> None:
    bob = make_person(database, "bob", enabled=False)

    begins(database, bob, address="")

    assert filters_of(database, bob) == ["kernel"]
    assert is_set_up(database, bob) == (True, True)


def test_filters_that_were_there_can_be_replaced_and_that_can_be_undone(database: Database) -> None:
    bob = make_person(database, "bob", packages=("php", "ruby"))

    undo_id = begun(database, bob, CHANGES, replaces=True).undo_id

    assert filters_of(database, bob) == [CHANGES.name]
    assert undo_id is not None
    with database.transaction() as session:
        undo(session, bob.user_id, undo_id)
    assert filters_of(database, bob) == ["php", "ruby"]
    with pytest.raises(UserError, match="Name what to follow instead"):
        begun(database, bob, replaces=True)


def test_presets_that_one_has_are_known_by_what_they_ask(database: Database, alice: Person) -> None:
    bob = make_person(database, "bob")
    begins(database, alice, CHANGES)
    renamed = Preset("changes", "Another name", "The same.", CHANGES.wanted, CHANGES.unwanted)
    other = Preset("other", CHANGES.name, "Something else.", (Rule("git_receive"),))

    with database.reading() as session:
        ids = [alice.preference_id, bob.preference_id]
        assert presets_in_use(session, ids, [renamed, other]) == {ids[0]: {"changes"}, ids[1]: frozenset()}


def test_whoever_skips_it_is_not_asked_again(database: Database, alice: Person) -> None:
    for now in (NOON, NOON + timedelta(days=1)):
        with database.transaction() as session:
            skip_onboarding(session.get_one(User, alice.user_id), now)

    assert is_set_up(database, alice) == (True, False)
    with database.reading() as session:
        assert session.get_one(User, alice.user_id).set_up_at == NOON
