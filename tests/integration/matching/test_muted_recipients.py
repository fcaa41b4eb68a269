"""Recipients who have a message muted now, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest

from fmn.catalog import Facts, Package, catalog
from fmn.catalog.threads import thread_of
from fmn.directory.snapshot import Directory
from fmn.filters.models import Filter, MuteKind
from fmn.filters.mutes import mute
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.matching.muted_recipients import MutedRecipient, muted_recipients
from tests.factories.messages import NOON, make_facts, make_message, recorded, stored
from tests.factories.people import Person, make_person

LATER = NOON + timedelta(days=1)
MOSS = Package("rpms", "moss")


def facts_about(packages: Collection[Package]) -> Facts:
    return make_facts(make_message(), packages=packages)


def muted(
    database: Database, facts: Facts, message_id: int = 0, user_id: int | None = None,
) -> list[MutedRecipient]:
    with database.reading() as session:
        return list(muted_recipients(
            session, message_id, facts, Directory(), rule_types(), NOON, user_id=user_id))


def mute_for(database: Database, person: Person, kind: MuteKind, value: str, days: int | None = 1) -> None:
    with database.transaction() as session:
        then = NOON - timedelta(days=2)
        until = None if days is None else NOON + timedelta(days=days)
        mute(session, person.user_id, kind, value, until, then)


def test_says_who_has_what_muted_and_for_how_long(database: Database) -> None:
    # Given people of whom some muted the package, and some of these have a filter for it
    alice = make_person(database, "alice", packages=["moss"])
    bob = make_person(database, "bob", packages=["moss"])
    carol = make_person(database, "carol", packages=["gimp"])
    make_person(database, "dave", packages=["moss"])
    mute_for(database, alice, MuteKind.PACKAGE, "rpms/moss")
    mute_for(database, bob, MuteKind.EVENT, facts_about([MOSS]).event.name, None)
    mute_for(database, carol, MuteKind.PACKAGE, "moss")

    since = NOON - timedelta(days=2)
    assert muted(database, facts_about([MOSS])) == [
        MutedRecipient("alice", ["email"], MuteKind.PACKAGE, "rpms/moss", since, LATER),
        MutedRecipient("bob", ["email"], MuteKind.EVENT, facts_about([MOSS]).event.name, since, None),
    ]
    assert [each.nick for each in muted(database, facts_about([MOSS]), user_id=bob.user_id)] == ["bob"]


@pytest.mark.parametrize(("packages", "value", "covers"), [
    ([MOSS], "moss", True),
    ([Package("", "moss")], "rpms/moss", True),
    ([Package("", "moss")], "rpms/supermoss", False),
    ([MOSS, Package("rpms", "fern")], "moss", False),
    ([MOSS], "fern", False),
])
def test_a_mute_covers_what_it_keeps_back(
    database: Database, packages: list[Package], value: str, covers: bool,
) -> None:
    mute_for(database, make_person(database, packages=["moss"]), MuteKind.PACKAGE, value)

    assert bool(muted(database, facts_about(packages))) is covers


def test_a_thread_can_be_muted(database: Database) -> None:
    facts = catalog().facts(catalog().events_by_name["bodhi_update_comment"].example_message())
    name = next(iter(facts.packages)).name
    mute_for(database, make_person(database, packages=[name]), MuteKind.THREAD, thread_of(facts))

    assert [each.kind for each in muted(database, facts)] == [MuteKind.THREAD]


def test_who_was_notified_or_would_not_be_is_left_out(database: Database) -> None:
    # Given one who was notified before the mute, one whose mute is over, one whose filter is off
    notified = make_person(database, "alice", packages=["moss"])
    ended = make_person(database, "bob", packages=["moss"])
    off = make_person(database, "carol", packages=["moss"])
    [message_id] = stored(database, 1)
    recorded(database, [message_id], notified.recipient)
    for person, days in ((notified, 1), (ended, -1), (off, 1)):
        mute_for(database, person, MuteKind.PACKAGE, "moss", days)
    with database.transaction() as session:
        session.get_one(Filter, off.filter_ids[0]).enabled = False

    assert muted(database, facts_about([MOSS]), message_id) == []
