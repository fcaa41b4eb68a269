"""What all filters of a person may cost, by everything that lets it grow, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.filters import budgets
from fmn.filters.budget_checks import budgeted_filters
from fmn.filters.budgets import total_cost
from fmn.filters.bulk import remove_all_filters, reset_filters
from fmn.filters.editing import (
    add_filter,
    add_filter_once,
    copy_filter,
    edit_filter,
    move_filter,
    remove_filter,
    set_filter_enabled,
    snooze_filter,
)
from fmn.filters.expressions import AnyOf, Expression, Rule
from fmn.filters.models import Filter
from fmn.filters.replacing import WantedFilter, replace_filters
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.infra.db import Database
from fmn.people.models import Preference
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.integration.filters.owned_filters import OwnedFilters


def pattern(text: str) -> Expression:
    return Rule.of("package_regex_filter", {"pattern": text})


@pytest.fixture
def owned_filters(database: Database) -> OwnedFilters:
    """Alice's filters: php, of which there's a copy on IRC, and two with a pattern, of which one is off."""
    owned_filters = OwnedFilters.of(database, "php")
    with database.transaction() as session:
        other = Preference(user_id=owned_filters.person.user_id, context="irc", enabled=False)
        session.add(other)
        session.flush()
        copy_filter(session, owned_filters["php"], "irc")
        add_filter(
            session, owned_filters.preference(session), FilterSpec(name="on", expression=pattern("on")))
        add_filter(session, owned_filters.preference(
            session), FilterSpec(name="off", expression=pattern("off"), enabled=False))
    return owned_filters


@pytest.fixture(autouse=True)
def one_pattern(owned_filters: OwnedFilters, monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget of one regular expression, which Alice has used up, and of three filters more."""
    monkeypatch.setattr(budgets, "PER_PERSON", replace(budgets.PER_PERSON, patterns=1, filters=7))


#: What would be a second one.
GROWING: dict[str, Callable[[Session, OwnedFilters], object]] = {
    "add": lambda session,
    owned_filters: add_filter(
        session, owned_filters.preference(session), FilterSpec(name="b", expression=pattern("b"))),
    "add once": lambda session,
    owned_filters: add_filter_once(
        session, owned_filters.preference(session), FilterSpec(name="b", expression=pattern("b"))),
    "add asleep": lambda session, owned_filters: snooze_filter(
        session, add_filter(
            session, owned_filters.preference(session), FilterSpec(name="b", expression=pattern("b"))).id,
        NOON + timedelta(days=1), NOON),
    "change": lambda session,
    owned_filters: edit_filter(
        session, owned_filters["php"], lambda spec: spec.replaced(expression=pattern("b"))),
    "switch on": lambda session,
    owned_filters: set_filter_enabled(session, owned_filters["off"], enabled=True),
    "replace": lambda session, owned_filters: replace_filters(session, owned_filters.person.preference_id, [
        WantedFilter(None, FilterSpec(name="b", expression=AnyOf((pattern("b"), pattern("c")))))]),
    "reset": lambda session, owned_filters: reset_filters(
        session, owned_filters.preference(session), {"b": AnyOf((pattern("b"), pattern("c")))}),
}


@pytest.mark.parametrize("deed", GROWING.values(), ids=list(GROWING))
def test_what_is_over_budget_is_refused_and_changes_nothing(
    owned_filters: OwnedFilters, deed: Callable[[Session, OwnedFilters], object],
) -> None:
    before = [(each.name, each.expression_id, each.enabled) for each in owned_filters.filters()]

    # Also where the session goes on after it, as a page's does
    with owned_filters.database.transaction() as session, pytest.raises(
            UserError, match="With it your filters have 2 regular expressions, and 1 is the most"):
        deed(session, owned_filters)

    assert [(each.name, each.expression_id, each.enabled) for each in owned_filters.filters()] == before


def test_what_was_deleted_comes_back_only_within_the_budget(owned_filters: OwnedFilters) -> None:
    with owned_filters.database.transaction() as session:
        gone = remove_filter(session, owned_filters["on"])
        add_filter(session, owned_filters.preference(session), FilterSpec(name="b", expression=pattern("b")))

    with owned_filters.database.transaction() as session, pytest.raises(
            UserError, match="2 regular expressions"):
        undo(session, owned_filters.person.user_id, gone)

    with owned_filters.database.transaction() as session:
        remove_filter(session, owned_filters["b"])
        undo(session, owned_filters.person.user_id, gone)
    assert owned_filters.names == ["php", "on", "off"]


def test_filters_that_ask_the_same_are_asked_once_in_all_channels(owned_filters: OwnedFilters) -> None:
    with owned_filters.database.transaction() as session:
        assert copy_filter(session, owned_filters["on"], "irc").new
        found = total_cost(budgeted_filters(session, owned_filters.person.user_id))

    assert (found.filters, found.patterns) == (5, 1)


def test_there_is_a_most_of_filters_in_all_channels(owned_filters: OwnedFilters) -> None:
    with owned_filters.database.transaction() as session:
        for number in range(3):
            add_filter(session, owned_filters.preference(
                session), FilterSpec(name=f"{number}", expression=Rule("koji_tag")))

    with owned_filters.database.transaction() as session, pytest.raises(
            UserError, match="There can be 7 filters"):
        copy_filter(session, owned_filters["0"], "irc")


def test_who_has_more_than_they_may_can_still_have_less(
    owned_filters: OwnedFilters, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budgets, "PER_PERSON", replace(budgets.PER_PERSON, patterns=0))

    one = owned_filters["on"]
    with owned_filters.database.transaction() as session:
        edit_filter(session, one, lambda spec: spec.replaced(name="renamed"))
        move_filter(session, owned_filters["php"], 2)
        edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(expression=Rule("koji_tag")))
        set_filter_enabled(session, one, enabled=False)
        remove_filter(session, one)
        remove_all_filters(session, owned_filters.preference(session))
    assert owned_filters.names == []


@pytest.mark.dialects
def test_of_two_at_once_that_are_each_just_within_it_one_is_refused(owned_filters: OwnedFilters) -> None:
    # Given room for one regular expression, by whichever channel
    with owned_filters.database.transaction() as session:
        session.execute(delete(Filter).where(Filter.name == "on"))
        ids = [session.scalar(Preference.__table__.select().with_only_columns(Preference.id).where(
            Preference.user_id == owned_filters.person.user_id, Preference.context == context))
            for context in ("email", "irc")]

    def act(number: int) -> str:
        try:
            with owned_filters.database.transaction() as session:
                preference = session.get_one(Preference, ids[number])
                add_filter(session, preference, FilterSpec(name="new", expression=pattern(f"new {number}")))
        except UserError as error:
            return str(error)[:44]
        return ""

    assert sorted(at_once(2, act)) == ["", "With it your filters have 2 regular expressio"[:44]]
