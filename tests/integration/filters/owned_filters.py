"""Somebody's filters as they see them, and as others could come between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.editing import add_filter, edit_filter, set_filter_enabled
from fmn.filters.expressions import Expression, Rule
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Database
from fmn.people.change_log import changes_since, current_revision
from fmn.people.models import Preference
from tests.factories.people import Person, make_person


def about(package: str) -> Expression:
    return Rule.of("package_filter", {"package": package})


@dataclass(frozen=True)
class OwnedFilters:
    """The filters of a person's first preference, each named after its package."""

    database: Database
    person: Person

    @classmethod
    def of(cls, database: Database, *packages: str, nick: str = "alice") -> OwnedFilters:
        return cls(database, make_person(database, nick, packages=packages))

    def __getitem__(self, name: str) -> int:
        """The id of the filter of this name."""
        return next(each.id for each in self.filters() if each.name == name)

    def filters(self) -> Sequence[Filter]:
        with self.database.reading() as session:  # also while the test is changing something
            return session.scalars(
                select(Filter).where(Filter.preference_id == self.person.preference_id)
                .order_by(Filter.position)).all()

    def one(self, name: str) -> Filter:
        return next(each for each in self.filters() if each.name == name)

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.filters()]

    @property
    def on(self) -> list[str]:
        return [each.name for each in self.filters() if each.enabled]

    def preference(self, session: Session) -> Preference:
        return session.get_one(Preference, self.person.preference_id)

    @property
    def version(self) -> int:
        with self.database.reading() as session:
            return self.preference(session).version

    @property
    def revision(self) -> int:
        with self.database.reading() as session:
            return current_revision(session)

    def changed_since(self, revision: int) -> frozenset[int]:
        with self.database.reading() as session:
            return changes_since(session, revision).user_ids

    def add(self, name: str) -> int:
        with self.database.transaction() as session:
            return add_filter(
                session, self.preference(session), FilterSpec(name=name, expression=about(name))).id

    def rename(self, name: str, new: str) -> None:
        with self.database.transaction() as session:
            edit_filter(session, self[name], lambda spec: spec.replaced(name=new))

    def switch(self, name: str, *, on: bool) -> None:
        with self.database.transaction() as session:
            set_filter_enabled(session, self[name], enabled=on)
