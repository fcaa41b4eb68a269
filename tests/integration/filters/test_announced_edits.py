"""Which filters a user created, changed or deleted is in the change log, for announcements."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.bulk import remove_all_filters, reset_filters
from fmn.filters.editing import add_filter, edit_filter, move_filter, remove_filter
from fmn.filters.expressions import Rule
from fmn.filters.replacing import WantedFilter, replace_filters
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.infra.db import Database
from fmn.people.models import Preference, PreferenceChange
from tests.factories.people import Person, make_person

CAKE = Rule.of("package_filter", {"package": "cake"})


@pytest.fixture
def person(database: Database) -> Person:
    """Somebody with the filters ``kernel`` and ``moss``."""
    return make_person(database, packages=("kernel", "moss"))


def after(database: Database, change: Callable[[Session, Preference], object], person: Person) -> list[str]:
    """What the log says of a change: the actions and the filters' names."""
    with database.transaction() as session:
        change(session, session.get_one(Preference, person.preference_id))
    with database.reading() as session:
        last = session.scalars(
            select(PreferenceChange).order_by(PreferenceChange.revision.desc()).limit(1)).one()
        assert all(isinstance(number, int) for _, number, _ in last.filters)
        return [f"{action} {name}" for action, _, name in last.filters]


def test_edits_of_one_filter(database: Database, person: Person) -> None:
    kernel, moss = person.filter_ids
    cake = FilterSpec(name="cake", expression=CAKE)

    assert after(database, lambda s, p: add_filter(s, p, cake), person) == ["create cake"]
    assert after(database, lambda s, _: edit_filter(
        s, moss, lambda spec: spec.replaced(name="fern")), person) == ["update fern"]
    assert after(database, lambda s, _: move_filter(s, kernel, 1), person) == []
    assert after(database, lambda s, _: remove_filter(s, kernel), person) == ["delete kernel"]


def test_edits_of_all_filters(database: Database, person: Person) -> None:
    undos: list[int | None] = []

    assert after(database, lambda s, p: undos.append(reset_filters(s, p, {"cake": CAKE})), person) == [
        "delete kernel", "delete moss", "create cake"]
    assert after(database, lambda s, _: undo(s, person.user_id, undos[0] or 0), person) == [
        "delete cake", "create kernel", "create moss"]
    assert after(database, remove_all_filters, person) == ["delete kernel", "delete moss"]


def test_a_list_that_replaces_them(database: Database, person: Person) -> None:
    kernel, _ = person.filter_ids
    spec = FilterSpec(name="kernel", expression=Rule.of("package_filter", {"package": "kernel"}))
    wanted = [
        WantedFilter(None, FilterSpec(name="cake", expression=CAKE)), WantedFilter(kernel, spec)]

    assert after(database, lambda s, p: replace_filters(s, p.id, wanted), person) == [
        "delete moss", "create cake"]
    changed = [WantedFilter(kernel, spec.replaced(enabled=False))]
    assert after(database, lambda s, p: replace_filters(s, p.id, changed), person) == [
        "delete cake", "update kernel"]
