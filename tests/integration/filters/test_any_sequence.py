"""Whatever somebody does to their filters, in whatever order: a state machine beside a list that is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters import editing
from fmn.filters.bulk import remove_all_filters, reset_filters
from fmn.filters.models import Filter
from fmn.filters.snoozes import end_due_snoozes
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.infra.db import Database
from fmn.people.change_log import current_revision
from fmn.people.models import Preference, PreferenceChange
from tests.factories.databases import empty, tables_in
from tests.factories.messages import NOON
from tests.hypothesis_profiles import scaled
from tests.integration.filters.owned_filters import OwnedFilters, about

DEFAULTS = {"mine": about("php"), "ours": about("ruby")}
places = st.integers(0, 5)
HAPPENINGS = (
    "adds", "adds", "adds", "moves", "moves", "renames", "switches", "fires_once", "holds", "snoozes",
    "time_passes",
    "deletes", "deletes", "deletes_all", "resets", "undoes", "undoes", "undoes",
)


@dataclass(frozen=True)
class Known:
    """A filter as it should be."""

    id: int
    name: str
    enabled: bool = True
    oneshot: bool = False
    hold_minutes: int | None = None
    snoozed_until: datetime | None = None
    version: int = 0


@dataclass
class Taken:
    """What was taken away, at which place, and what came instead."""

    undo_id: int
    filters: list[tuple[int, Known]]
    added: set[int]
    undone: bool = False


class FiltersMachine(RuleBasedStateMachine):
    """Alice at work. ``database`` is set by the test."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        empty(self.database)
        self.owned_filters = OwnedFilters.of(self.database)
        OwnedFilters.of(self.database, "hers", nick="mallory")
        self.known: list[Known] = []
        self.taken: list[Taken] = []
        self.now = NOON
        self.numbers = count(1)
        self.revision = self.owned_filters.revision

    @rule(happening=st.sampled_from(HAPPENINGS), place=places, other=places, yes=st.booleans())
    def something_happens(self, happening: str, place: int, other: int, yes: bool) -> None:
        before, revision = list(self.known), self.owned_filters.revision
        with self.database.transaction() as session:
            undone = getattr(self, happening)(session, place, other, yes)
        # What is taken back counts, even if it was nothing but what is gone since
        changed = self.known != before or undone is True
        assert (self.owned_filters.revision > revision) is changed
        assert self.owned_filters.changed_since(revision) == (
            {self.owned_filters.person.user_id} if changed else set())

    def adds(self, session: Session, place: int, other: int, yes: bool) -> None:
        name = f"filter {next(self.numbers)}"
        added = editing.add_filter(session, self.owned_filters.preference(
            session), FilterSpec(name=name, expression=about(name), enabled=yes))
        self.known.append(Known(added.id, name, enabled=yes))

    def moves(self, session: Session, place: int, other: int, yes: bool) -> None:
        if place < len(self.known):
            editing.move_filter(session, self.known[place].id, other)
            self.known.insert(other, self.known.pop(place))

    def renames(self, session: Session, place: int, other: int, yes: bool) -> None:
        name = f"name {next(self.numbers)}"
        self.change(place, lambda one: (
            editing.edit_filter(session, one.id, lambda spec: spec.replaced(name=name), seen=one.version),
            replace(one, name=name, version=one.version + 1))[1])

    def switches(self, session: Session, place: int, other: int, yes: bool) -> None:
        self.change(place, lambda one: (
            editing.set_filter_enabled(session, one.id, enabled=yes),
            replace(one, enabled=yes, snoozed_until=None))[1])

    def fires_once(self, session: Session, place: int, other: int, yes: bool) -> None:
        self.change(place, lambda one: (
            editing.set_oneshot(session, one.id, oneshot=yes), replace(one, oneshot=yes))[1])

    def holds(self, session: Session, place: int, other: int, yes: bool) -> None:
        minutes = 1 + other if yes else None
        self.change(place, lambda one: (
            editing.edit_filter(session, one.id, lambda spec: spec.replaced(hold_minutes=minutes)),
            replace(one, hold_minutes=minutes))[1])

    def snoozes(self, session: Session, place: int, other: int, yes: bool) -> None:
        until = self.now + timedelta(days=1 + other)
        if place < len(self.known) and (self.known[place].enabled or self.known[place].snoozed_until):
            self.change(place, lambda one: (
                editing.snooze_filter(session, one.id, until, self.now),
                replace(one, enabled=False, snoozed_until=until))[1])

    def time_passes(self, session: Session, place: int, other: int, yes: bool) -> None:
        self.now += timedelta(days=other)
        end_due_snoozes(session, self.now)
        self.known = [
            replace(one, enabled=True, snoozed_until=None)
            if one.snoozed_until and one.snoozed_until <= self.now else one for one in self.known]

    def deletes(self, session: Session, place: int, other: int, yes: bool) -> None:
        if place < len(self.known):
            undo_id = editing.remove_filter(session, self.known[place].id)
            self.taken.append(Taken(undo_id, [(place, self.known.pop(place))], set()))

    def deletes_all(self, session: Session, place: int, other: int, yes: bool) -> None:
        undo_id = remove_all_filters(session, self.owned_filters.preference(session))
        assert (undo_id is None) is (not self.known)
        if undo_id is not None:
            self.taken.append(Taken(undo_id, list(enumerate(self.known)), set()))
        self.known = []

    def resets(self, session: Session, place: int, other: int, yes: bool) -> None:
        undo_id = reset_filters(session, self.owned_filters.preference(session), DEFAULTS)
        if undo_id is None:
            assert [one.name for one in self.known] == list(DEFAULTS)
            return
        defaults = [Known(each.id, each.name) for each in self.rows(session)]
        assert [each.name for each in defaults] == list(DEFAULTS)
        self.taken.append(Taken(undo_id, list(enumerate(self.known)), {each.id for each in defaults}))
        self.known = defaults

    def undoes(self, session: Session, place: int, other: int, yes: bool) -> bool:
        if place >= len(self.taken):
            return False
        taken = self.taken[-1 - place]
        undone = undo(session, self.owned_filters.person.user_id, taken.undo_id)
        assert list(undone.names) == ([] if taken.undone else [one.name for _, one in taken.filters])
        if taken.undone:
            return False
        self.known = [one for one in self.known if one.id not in taken.added or one.version]
        for position, one in taken.filters:
            self.known.insert(position, one)
        taken.undone = True
        return True

    def change(self, place: int, deed: Callable[[Known], Known]) -> None:
        if place < len(self.known):
            self.known[place] = deed(self.known[place])

    def rows(self, session: Session) -> list[Filter]:
        return list(session.scalars(
            select(Filter).where(Filter.preference_id == self.owned_filters.person.preference_id)
            .order_by(Filter.position)))

    @invariant()
    def everything_is_as_it_should_be(self) -> None:
        with self.database.reading() as session:
            rows = self.rows(session)
            assert [row.position for row in rows] == list(range(len(self.known)))
            assert [
                Known(row.id, row.name, row.enabled, row.oneshot, row.hold_minutes, row.snoozed_until,
                      row.version)
                for row in rows
            ] == self.known
            hers = session.scalars(select(Filter.name).join(
                Preference, Preference.id == Filter.preference_id,
            ).where(Preference.id != self.owned_filters.person.preference_id)).all()
            assert hers == ["hers"]
            revisions = session.scalars(
                select(PreferenceChange.revision).order_by(PreferenceChange.revision)).all()
            assert revisions == list(range(1, current_revision(session) + 1))


def run(database: Database, *, examples: int) -> None:
    class Machine(FiltersMachine):
        pass

    Machine.database = database
    run_state_machine_as_test(Machine, settings=settings(
        max_examples=scaled(examples), stateful_step_count=30, deadline=None,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck)))


def test_on_sqlite(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        run(database, examples=20)


def test_on_postgresql(postgresql_database: Database) -> None:
    run(postgresql_database, examples=4)
