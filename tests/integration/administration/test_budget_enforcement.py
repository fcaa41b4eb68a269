"""Filters that cost more than their owner's budget, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.administration.budget_enforcement import (
    ACTION,
    ACTOR,
    PATTERN_PAUSE,
    BudgetEnforcer,
    disable_filters,
    owners_of_disabled_filters,
)
from fmn.administration.models import AuditEntry
from fmn.catalog import catalog
from fmn.directory import DirectoryPart, DirectorySource, DirectoryStore
from fmn.errors import UserError
from fmn.filters import budgets
from fmn.filters.editing import add_filter, edit_filter, set_filter_enabled
from fmn.filters.expressions import AnyOf, Expression, Rule
from fmn.filters.models import Filter
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryKind, StoredMessage
from fmn.matching.batch_matcher import BatchMatcher
from fmn.matching.cpu_costs import CpuCosts
from fmn.people.change_log import changes_since, current_revision
from fmn.people.models import Preference, User
from fmn.settings import AutocreateSettings
from tests.concurrency import at_once
from tests.factories.groups import give_group
from tests.factories.matching import match
from tests.factories.messages import NO_THROTTLING, NOON, stored
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

#: Milliseconds that no regular expression can keep within, and any can.
NOTHING, PLENTY = 1e-9, 1e9
#: It's tried with every message, since its matches have no text in common.
SLOW = Rule.of("regex_filter", {"pattern": "kernel|."})


def matcher(database: Database, milliseconds: float, *sources: DirectorySource) -> BatchMatcher:
    costs = CpuCosts(milliseconds / 1000, BudgetEnforcer(database, milliseconds))
    return BatchMatcher(
        database, catalog(), rule_types(), DirectoryStore(sources, MemoryCache()), AutocreateSettings(),
        NO_THROTTLING,
        costs)


class Infra:
    """A directory in which Alice and Bob are in a group."""

    def fetch(self) -> DirectoryPart:
        return DirectoryPart(groups={"infra": ["alice", "bob"]})


def owner(database: Database, nick: str, *expressions: Expression) -> Person:
    person = make_person(database, nick, packages=("kernel",))
    with database.transaction() as session:
        preference = session.get_one(Preference, person.preference_id)
        for number, expression in enumerate(expressions):
            add_filter(session, preference, FilterSpec(name=f"slow {number}", expression=expression))
    return person


def filters(database: Database, person: Person) -> dict[str, bool]:
    return {each.name: each.enabled for each in rows(database, person)}


def rows(database: Database, person: Person) -> Sequence[Filter]:
    with database.reading() as session:
        return session.scalars(
            select(Filter).where(Filter.preference_id == person.preference_id)
            .order_by(Filter.position)).all()


def notices(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as session:
        return [
            (each.destination, each.system_message["subject"], each.system_message["text"])
            for each in session.scalars(
                select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE).order_by(Delivery.destination))]


def test_who_is_over_has_the_filter_switched_off_and_all_else_goes_on(database: Database) -> None:
    # Given Mallory and Alice who have the same slow filter, and Bob who has none
    mallory, alice = (owner(database, nick, SLOW) for nick in ("mallory", "alice"))
    bob = owner(database, "bob")

    # When more messages come than take so long
    ids = stored(database, *range(1, 8))
    match(matcher(database, NOTHING), ids)

    # Then it's off for both, whose other filters are on, and they and the administrators know why
    for person in (mallory, alice):
        assert filters(database, person) == {"kernel": True, "slow 0": False}
        assert "It takes too much computing time." in (rows(database, person)[1].stop_reason or "")
    assert [(to, subject) for to, subject, _ in notices(database)] == [
        (f"{nick}@example.org", "Your filter “slow 0” was switched off") for nick in ("alice", "mallory")]
    assert "Narrow its regular expressions" in notices(database)[0][2]
    with database.reading() as session:
        assert session.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject)
                               .order_by(AuditEntry.subject)).all() == [
            (ACTOR, ACTION, "alice"), (ACTOR, ACTION, "mallory")]
        assert owners_of_disabled_filters(session, NOON - timedelta(days=1)) == ["alice", "mallory"]
        # and every message is matched
        assert session.scalars(
            select(StoredMessage.id).where(StoredMessage.matched_at.is_not(None))
            .order_by(StoredMessage.id)).all() == ids
    assert filters(database, bob) == {"kernel": True}


def test_a_groups_slow_filter_is_switched_off_in_the_group_once(database: Database) -> None:
    people = [owner(database, nick) for nick in ("alice", "bob")]
    filter_id, = give_group(database, "infra", slow=SLOW)

    match(matcher(database, NOTHING, Infra()), stored(database, *range(1, 8)))

    with database.reading() as session:
        stopped = session.get_one(Filter, filter_id)
        assert not stopped.enabled
        assert "It takes too much computing time." in (stopped.stop_reason or "")
        assert session.scalars(select(AuditEntry.subject)).all() == ["@infra"]
    assert [filters(database, each) for each in people] == [{"kernel": True}] * 2


def test_its_owner_is_told_why_in_their_language_and_administrators_in_english(database: Database) -> None:
    alice = owner(database, "alice", SLOW)
    with database.transaction() as session:
        session.get_one(User, alice.user_id).language = "de"

    match(matcher(database, NOTHING), stored(database, *range(1, 8)))

    assert "Das kostet zu viel Rechenzeit." in (rows(database, alice)[1].stop_reason or "")
    assert "Das kostet zu viel Rechenzeit." in notices(database)[0][2]
    with database.reading() as session:
        note = session.scalars(select(AuditEntry)).one().details["note"]
    assert "It takes too much computing time." in note


def test_who_is_within_the_budget_keeps_their_filters(database: Database) -> None:
    alice = owner(database, "alice", SLOW)

    match(matcher(database, PLENTY), stored(database, *range(1, 8)))

    assert filters(database, alice) == {"kernel": True, "slow 0": True}


def test_several_workers_that_find_out_at_once_say_it_once(database: Database) -> None:
    alice = owner(database, "alice", SLOW)
    expression_id = rows(database, alice)[1].expression_id

    def act(_number: int) -> int:
        with database.transaction() as session:
            return disable_filters(
                session, alice.user_id, [expression_id], "Too slow.", NOON, pause=PATTERN_PAUSE)

    assert sorted(at_once(3, act)) == [0, 0, 1]
    assert len(notices(database)) == 1


def test_what_asks_something_else_by_now_stays_on(database: Database) -> None:
    alice = owner(database, "alice", SLOW)
    before = rows(database, alice)[1]
    with database.transaction() as session:
        edit_filter(session, before.id, lambda spec: spec.replaced(
            expression=Rule.of("package_filter", {"package": "moss"})))

    with database.transaction() as session:
        assert disable_filters(session, alice.user_id, [before.expression_id], "Too slow.", NOON) == 0

    assert filters(database, alice) == {"kernel": True, "slow 0": True}


def test_it_counts_for_the_next_message(database: Database) -> None:
    alice = owner(database, "alice", SLOW)
    with database.transaction() as session:
        revision = current_revision(session)
        disable_filters(session, alice.user_id, [rows(database, alice)[1].expression_id], "Too slow.", NOON)
    with database.transaction() as session:
        assert changes_since(session, revision).user_ids == {alice.user_id}


def test_whoever_was_over_waits_before_they_can_have_regular_expressions_again(database: Database) -> None:
    # Given Mallory, whose filter was switched off
    mallory = owner(database, "mallory", SLOW)
    slow = rows(database, mallory)[1]
    with database.transaction() as session:
        disable_filters(
            session, mallory.user_id, [slow.expression_id], "Too slow.", database.now(), pause=PATTERN_PAUSE)

    # Then it can't be switched on, nor can another one come in its place, for a while
    def again() -> None:
        with database.transaction() as session:
            set_filter_enabled(session, slow.id, enabled=True)

    def another() -> None:
        with database.transaction() as session:
            preference = session.get_one(Preference, mallory.preference_id)
            add_filter(session, preference, FilterSpec(
                name="another", expression=Rule.of("regex_filter", {"pattern": "another"})))

    for deed in (again, another):
        with pytest.raises(UserError, match="can be saved or switched on again from"):
            deed()

    # but what has no regular expressions can
    with database.transaction() as session:
        edit_filter(session, slow.id, lambda spec: spec.replaced(
            expression=Rule.of("package_filter", {"package": "moss"})))
    again()
    assert filters(database, mallory) == {"kernel": True, "slow 0": True}


def test_a_filter_from_before_there_were_budgets_is_not_asked_and_switched_off(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given one that was saved when more was allowed
    alice = owner(database, "alice", AnyOf((SLOW, Rule.of("regex_filter", {"pattern": "moss"}))))
    monkeypatch.setattr(budgets, "PER_FILTER", replace(budgets.PER_FILTER, patterns=1))

    # When a worker starts
    match(matcher(database, PLENTY), stored(database, 1))

    # Then it's off, and its owner knows what to do
    assert filters(database, alice) == {"kernel": True, "slow 0": False}
    ((_, subject, text),) = notices(database)
    assert subject == "Your filter “slow 0” was switched off"
    assert "It has 2 regular expressions, and 1 is the most" in text
    # and can't be switched on as it is
    with database.transaction() as session, pytest.raises(UserError, match="One of your filters is too"):
        set_filter_enabled(session, rows(database, alice)[1].id, enabled=True)
