"""What somebody wants in a context, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from fmn.errors import ConflictError, UserError
from fmn.infra.db import Database
from fmn.people.change_log import current_revision
from fmn.people.models import Preference
from fmn.people.preferences import (
    Frequency,
    Presentation,
    QuietHours,
    parse_times,
    set_enabled,
    set_frequency,
    set_presentation,
    set_quiet_hours,
)
from tests.concurrency import at_once
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

Save = Callable[[Session, Preference], Any]

EVERY_FORM = [
    (set_frequency, Frequency(
        digest_count=20, digest_seconds=3_600, clock_times=[time(8)], clock_days=["monday", "friday"])),
    (set_quiet_hours, QuietHours(quiet_from=time(22), quiet_until=time(7, 30), quiet_lets_severe=False)),
    (set_presentation, Presentation(long_text=False, trigger_links=False, short_links=True, markup=False,
                                    mime_digest=True)),
]


def save(database: Database, person: Person, change: Save) -> None:
    with database.transaction() as session:
        change(session, session.get_one(Preference, person.preference_id))


def saved(database: Database, person: Person) -> Preference:
    with database.reading() as session:
        return session.get_one(Preference, person.preference_id)


def revision(database: Database) -> int:
    with database.reading() as session:
        return current_revision(session)


@pytest.mark.parametrize(("setter", "wanted"), EVERY_FORM)
def test_what_is_saved_is_kept_and_counted(database: Database, setter: Any, wanted: Any) -> None:
    alice = make_person(database, packages=())
    save(database, alice, lambda session, preference: setter(session, preference, wanted, 0))
    kept = saved(database, alice)
    assert type(wanted).of(kept) == wanted
    assert kept.version == 1


@pytest.mark.parametrize(("setter", "wanted"), EVERY_FORM)
def test_what_was_changed_meanwhile_is_not_overwritten(database: Database, setter: Any, wanted: Any) -> None:
    alice = make_person(database, packages=())
    save(database, alice, lambda session, preference: set_enabled(session, preference, on=False))
    with database.transaction() as session:
        preference = session.get_one(Preference, alice.preference_id)
        with pytest.raises(ConflictError):
            setter(session, preference, wanted, 0)
        # What is there can be shown beside what was wanted
        assert preference.version == 1
        assert type(wanted).of(preference) == type(wanted)()
    # And whoever doesn't mind what it was may save it
    save(database, alice, lambda session, preference: setter(session, preference, wanted, None))
    assert saved(database, alice).version == 2


def test_what_the_matcher_goes_by_counts_for_the_next_message(database: Database) -> None:
    alice = make_person(database, packages=())
    before = revision(database)
    save(database, alice, lambda session, preference: set_enabled(session, preference, on=False))
    save(database, alice, lambda session, preference: set_frequency(
        session, preference, Frequency(digest_count=5), None))
    save(database, alice,
         lambda session, preference: set_quiet_hours(session, preference, QuietHours(), None))
    assert revision(database) == before + 3


def test_switching_to_what_it_is_changes_nothing(database: Database) -> None:
    alice = make_person(database, packages=())
    before = revision(database)
    with database.transaction() as session:
        preference = session.get_one(Preference, alice.preference_id)
        assert set_enabled(session, preference, on=False)
        assert not set_enabled(session, preference, on=False)
    assert (revision(database), saved(database, alice).version) == (before + 1, 1)


@pytest.mark.parametrize(("wanted", "field", "sentence"), [
    (Frequency(digest_count=1), "digest_count", "A digest can have from 2 to 1,000 messages."),
    (Frequency(digest_count=1_001), "digest_count", "A digest can have from 2 to 1,000 messages."),
    (Frequency(digest_seconds=59), "digest_seconds",
     "A digest can wait for a minute at least and a week at most."),
    (Frequency(digest_seconds=10**30), "digest_seconds",
     "A digest can wait for a minute at least and a week at most."),
    (Frequency(clock_times=[time(hour) for hour in range(13)], clock_days=["monday"]), "clock_times",
     "There can be 12 times of day at most."),
    (Frequency(clock_times=[time(8)]), "clock_days", "Choose at least one day."),
    (QuietHours(quiet_from=time(22)), "quiet_until", "Say from when until when, or leave both empty."),
    (QuietHours(quiet_until=time(7)), "quiet_from", "Say from when until when, or leave both empty."),
    (QuietHours(quiet_from=time(7), quiet_until=time(7)), "quiet_until",
     "These quiet hours would never end. Choose another time, or switch everything off instead."),
])
def test_what_can_not_be_is_refused_in_a_sentence(
    database: Database, wanted: Frequency | QuietHours, field: str, sentence: str,
) -> None:
    alice = make_person(database, packages=())
    setter: Any = set_frequency if isinstance(wanted, Frequency) else set_quiet_hours
    with pytest.raises(UserError) as refused:
        save(database, alice, lambda session, preference: setter(session, preference, wanted, None))
    assert (refused.value.field, str(refused.value)) == (field, sentence)


@pytest.mark.parametrize("text", ["24:00", "8", "08:00 noon", "08:60"])
def test_what_is_no_time_of_day_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UserError, match=r"isn’t a time of day\. Write one such as 08:00\.") as refused:
        parse_times(text)
    assert refused.value.field == "clock_times"


def test_times_are_kept_in_one_spelling_each_once_and_in_order(database: Database) -> None:
    alice = make_person(database, packages=())
    wanted = Frequency(
        clock_times=parse_times("17:30; 8:05,\n08:05  17:30"), clock_days=["friday", "monday", "friday"])
    save(database, alice, lambda session, preference: set_frequency(session, preference, wanted, None))
    kept = saved(database, alice)
    assert (kept.clock_times, kept.clock_days) == (["08:05", "17:30"], [0, 4])
    # Days without a time mean nothing
    wanted = Frequency(clock_days=["tuesday"])
    save(database, alice, lambda session, preference: set_frequency(session, preference, wanted, None))
    assert saved(database, alice).clock_days == []


def test_of_all_who_save_at_once_one_does(postgresql_database: Database) -> None:
    alice = make_person(postgresql_database, packages=())

    def act(number: int) -> str:
        wanted = Frequency(digest_count=number + 2)
        try:
            save(postgresql_database, alice,
                 lambda session, preference: set_frequency(session, preference, wanted, 0))
        except ConflictError:
            return "conflict"
        return "saved"

    assert sorted(at_once(4, act)) == ["conflict"] * 3 + ["saved"]
    assert saved(postgresql_database, alice).version == 1
