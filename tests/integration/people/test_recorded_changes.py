"""Whatever is changed of preferences is noted with what it is, so that the bus can be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.filter_stopping import stop_filter
from fmn.filters import bulk, editing, snoozes
from fmn.filters.account_creation import create_user
from fmn.filters.expressions import Rule
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.infra.db import Database
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people import addresses, confirmations, preferences
from fmn.people.change_log import current_revision
from fmn.people.models import DetailValue, Preference, PreferenceChange
from fmn.settings import ConfirmationSettings
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

STATE, FILTERS, DETAILS = ("filter", "state"), ("preference", "filters"), ("preference", "details")
PRESENTED = ("shown", "triggered_by_links", "shorten_links", "markup_messages", "mime_digest")
OTHERWISE = preferences.Presentation(
    long_text=False, trigger_links=False, short_links=True, markup=False, mime_digest=True)
LATER = NOON + timedelta(days=1)
TAG = Rule("koji_tag")


class Alices(NamedTuple):
    """What Alice has, in a transaction."""

    session: Session
    preference: Preference
    filter: int

    def confirm(self) -> None:
        """Add an address, and follow the link that confirms it."""
        added = addresses.add_address(self.session, self.preference, "b@example.org", NOON)
        asked = start_confirmation(self.session, added, NOON, ConfirmationSettings())
        confirmations.confirm_address(self.session, asked.id, NOON)

    def sleep_and_wake(self) -> None:
        """Snooze the filter, and let its sleep be over."""
        editing.snooze_filter(self.session, self.filter, LATER, NOON)
        snoozes.end_due_snoozes(self.session, LATER)

    def remove_and_undo(self) -> None:
        """Delete the filter, and take that back."""
        undo(self.session, self.preference.user_id, editing.remove_filter(self.session, self.filter))

    def remove_address(self) -> None:
        """Remove the only address."""
        addresses.remove_address(self.session, self.session.scalars(select(DetailValue)).one())


#: What is done, and what is noted of it.
ACTS: Sequence[tuple[Callable[[Alices], object], Sequence[tuple[str, str]]]] = (
    (lambda its: preferences.set_enabled(its.session, its.preference, on=False), [("preference", "enabled")]),
    (lambda its: preferences.set_frequency(
        its.session, its.preference, preferences.Frequency(digest_count=3), None),
     [("preference", "batch_values")]),
    (lambda its: preferences.set_quiet_hours(its.session, its.preference, preferences.QuietHours(), None),
     [("preference", "batch_values")]),
    (lambda its: preferences.set_presentation(its.session, its.preference, OTHERWISE, None),
     [("preference", part) for part in PRESENTED]),
    (Alices.remove_address, [DETAILS]),
    (Alices.confirm, [DETAILS, ("confirmation", "status")]),
    (lambda its: editing.add_filter(its.session, its.preference, FilterSpec(name="Tags", expression=TAG)), [
        FILTERS]),
    (lambda its: editing.edit_filter(its.session, its.filter, lambda spec: spec.replaced(name="Other")), [
        ("filter", "name")]),
    (lambda its: editing.edit_filter(its.session, its.filter, lambda spec: spec.replaced(expression=TAG)), [
        ("filter", "rules")]),
    (lambda its: editing.set_filter_enabled(its.session, its.filter, enabled=False), [STATE]),
    (lambda its: editing.set_oneshot(its.session, its.filter, oneshot=True), [STATE]),
    (lambda its: editing.edit_filter(its.session, its.filter, lambda spec: spec.replaced(hold_minutes=15)), [
        STATE]),
    (Alices.sleep_and_wake, [STATE, STATE]),
    (Alices.remove_and_undo, [FILTERS, FILTERS]),
    (lambda its: bulk.reset_filters(its.session, its.preference, {"Tags": TAG}), [FILTERS]),
    (lambda its: bulk.remove_all_filters(its.session, its.preference), [FILTERS]),
    (lambda its: stop_filter(its.session, "root", its.filter, "Too much.", NOON), [STATE]),
    (lambda its: create_user(its.session, "bob", {"email": []}, {}), [FILTERS]),
)


@pytest.fixture
def alice(database: Database) -> Person:
    return make_person(database)


def noted(session: Session, after: int) -> list[tuple[str, str]]:
    rows = session.scalars(
        select(PreferenceChange.changed).where(PreferenceChange.revision > after)
        .order_by(PreferenceChange.revision))
    told = [tuple(change) for changed in rows for change in changed]
    assert {context for _, context, _ in told} == {"email"}
    return [(thing, part) for thing, _, part in told]


def test_what_people_and_administrators_change_is_noted(database: Database, alice: Person) -> None:
    for act, expected in ACTS:
        with database.transaction() as session:
            before = current_revision(session)
            preference = session.get_one(Preference, alice.preference_id)
            act(Alices(session, preference, alice.filter_ids[0]))
            assert noted(session, before) == expected
            session.rollback()


def test_a_filter_that_fires_once_is_noted(database: Database) -> None:
    person = make_person(database, oneshot=True)
    with database.reading() as session:
        before = current_revision(session)
    recorded(database, stored(database, 1), person.recipient)
    with database.reading() as session:
        assert noted(session, before) == [STATE]
