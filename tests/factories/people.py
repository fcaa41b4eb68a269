"""People with preferences, addresses and filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmn.filters.expressions import Rule
from fmn.filters.interning import intern_expression
from fmn.filters.locking import created, record_edit
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Database
from fmn.matching.index.matching_index import Match
from fmn.people.change_log import lock_changes, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.usernames import group_of
from tests.factories.messages import NOON


@dataclass(frozen=True)
class Person:
    """Somebody with one preference; filters and addresses in their order."""

    user_id: int
    context: str
    preference_id: int
    filter_ids: Sequence[int]
    expression_ids: Sequence[int]
    address_ids: Sequence[int]

    @property
    def recipient(self) -> Match:
        """That something concerns this person because of their first filter."""
        return self.concern_of(0)

    def concern_of(self, position: int) -> Match:
        """That something concerns this person because of the filter at ``position``."""
        return Match(self.user_id, self.context, self.expression_ids[position])


def make_person(
    database: Database, nick: str = "alice", *, context: str = "email",
    addresses: Sequence[str] | None = None, unconfirmed: Sequence[str] = (),
    digest_count: int | None = None, digest_seconds: int | None = None, enabled: bool = True,
    packages: Sequence[str] = ("kernel",), oneshot: bool = False, hold_minutes: int | None = None,
    time_zone: str = "UTC",
) -> Person:
    """A person with an address at example.org, and a filter for each package."""
    if addresses is None:
        addresses = [f"{nick}@example.org"]
    with database.transaction() as session:
        preference = Preference(
            user=User(nick=nick, time_zone=time_zone), context=context, enabled=enabled,
            digest_count=digest_count, digest_seconds=digest_seconds)
        preference.detail_values = [
            *(DetailValue(value=address, confirmed_at=NOON) for address in addresses),
            *(DetailValue(value=address) for address in unconfirmed),
        ]
        session.add(preference)
        session.flush()
        lock_changes(session)  # before expressions
        filters = [
            Filter(
                preference_id=preference.id, group_name=group_of(nick), position=position,
                expression_id=intern_expression(session, Rule.of("package_filter", {"package": package})),
                **FilterSpec(name=package, oneshot=oneshot, hold_minutes=hold_minutes).columns())
            for position, package in enumerate(packages)
        ]
        if filters:  # at once, as for an account that the matcher makes: an edit takes twice as long
            session.add_all(filters)
            session.flush()
            record_edit(session, preference, filters=created(filters))
        return Person(
            preference.user_id, context, preference.id, [f.id for f in filters],
            [f.expression_id for f in filters], [value.id for value in preference.detail_values])


def change_preference(database: Database, person: Person, **settings: object) -> None:
    """Save other settings of a person's preference."""
    with database.transaction() as session:
        preference = session.get_one(Preference, person.preference_id)
        for name, value in settings.items():
            setattr(preference, name, value)
        record_change(session, [person.user_id])


def remove_address(database: Database, person: Person, position: int = 0) -> None:
    """Remove one of a person's addresses."""
    with database.transaction() as session:
        session.delete(session.get_one(DetailValue, person.address_ids[position]))
        record_change(session, [person.user_id])
