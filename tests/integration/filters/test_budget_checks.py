"""What all filters of a person may cost, by everything that lets it grow, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from fmn.filters import budgets
from fmn.filters.budget_checks import kept_filters
from fmn.filters.budgets import total
from fmn.filters.bulk import remove_all, reset_filters
from fmn.filters.editing import (
    add_filter,
    add_filter_once,
    change_filter,
    copy_filter,
    move_filter,
    remove_filter,
    set_filter_enabled,
    snooze_filter,
)
from fmn.filters.expressions import AnyOf, Expression, Rule
from fmn.filters.locking import EditError
from fmn.filters.models import Filter
from fmn.filters.replacing import Wanted, replace_filters
from fmn.filters.undo import undo
from fmn.infra.db import Database
from fmn.people.models import Preference
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.integration.filters.owned_filters import Shelf


def pattern(text: str) -> Expression:
    return Rule.of("package_regex_filter", {"pattern": text})


@pytest.fixture
def shelf(database: Database) -> Shelf:
    """Alice's filters: php, of which there's a copy on IRC, and two with a pattern, of which one is off."""
    shelf = Shelf.of(database, "php")
    with database.transaction() as session:
        other = Preference(user_id=shelf.person.user_id, context="irc", enabled=False)
        session.add(other)
        session.flush()
        copy_filter(session, shelf["php"], "irc")
        add_filter(session, shelf.preference(session), "on", pattern("on"))
        add_filter(session, shelf.preference(session), "off", pattern("off"), enabled=False)
    return shelf


@pytest.fixture(autouse=True)
def one_pattern(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget of one regular expression, which Alice has used up, and of three filters more."""
    monkeypatch.setattr(budgets, "PER_PERSON", replace(budgets.PER_PERSON, patterns=1, filters=7))


#: What would be a second one.
GROWING: dict[str, Callable[[Session, Shelf], object]] = {
    "add": lambda session, shelf: add_filter(session, shelf.preference(session), "b", pattern("b")),
    "add once": lambda session, shelf: add_filter_once(session, shelf.preference(session), "b", pattern("b")),
    "add asleep": lambda session, shelf: snooze_filter(
        session, add_filter(session, shelf.preference(session), "b", pattern("b")).id,
        NOON + timedelta(days=1), NOON),
    "change": lambda session, shelf: change_filter(session, shelf["php"], expression=pattern("b")),
    "switch on": lambda session, shelf: set_filter_enabled(session, shelf["off"], enabled=True),
    "replace": lambda session, shelf: replace_filters(session, shelf.person.preference_id, [
        Wanted(None, "b", AnyOf((pattern("b"), pattern("c"))))]),
    "reset": lambda session, shelf: reset_filters(
        session, shelf.preference(session), {"b": AnyOf((pattern("b"), pattern("c")))}),
}


@pytest.mark.parametrize("deed", GROWING.values(), ids=list(GROWING))
def test_what_is_over_budget_is_refused_and_changes_nothing(
    shelf: Shelf, deed: Callable[[Session, Shelf], object],
) -> None:
    before = [(each.name, each.expression_id, each.enabled) for each in shelf.filters()]

    # Also where the session goes on after it, as a page's does
    with shelf.database.transaction() as session, pytest.raises(
            EditError, match="With it your filters have 2 regular expressions, and 1 is the most"):
        deed(session, shelf)

    assert [(each.name, each.expression_id, each.enabled) for each in shelf.filters()] == before


def test_what_was_deleted_comes_back_only_within_the_budget(shelf: Shelf) -> None:
    with shelf.database.transaction() as session:
        gone = remove_filter(session, shelf["on"])
        add_filter(session, shelf.preference(session), "b", pattern("b"))

    with shelf.database.transaction() as session, pytest.raises(EditError, match="2 regular expressions"):
        undo(session, shelf.person.user_id, gone)

    with shelf.database.transaction() as session:
        remove_filter(session, shelf["b"])
        undo(session, shelf.person.user_id, gone)
    assert shelf.names == ["php", "on", "off"]


def test_filters_that_ask_the_same_are_asked_once_in_all_channels(shelf: Shelf) -> None:
    with shelf.database.transaction() as session:
        assert copy_filter(session, shelf["on"], "irc").new
        found = total(kept_filters(session, shelf.person.user_id))

    assert (found.filters, found.patterns) == (5, 1)


def test_there_is_a_most_of_filters_in_all_channels(shelf: Shelf) -> None:
    with shelf.database.transaction() as session:
        for number in range(3):
            add_filter(session, shelf.preference(session), f"{number}", Rule("koji_tag"))

    with shelf.database.transaction() as session, pytest.raises(EditError, match="There can be 7 filters"):
        copy_filter(session, shelf["0"], "irc")


def test_who_has_more_than_they_may_can_still_have_less(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budgets, "PER_PERSON", replace(budgets.PER_PERSON, patterns=0))

    one = shelf["on"]
    with shelf.database.transaction() as session:
        change_filter(session, one, name="renamed")
        move_filter(session, shelf["php"], 2)
        change_filter(session, shelf["php"], expression=Rule("koji_tag"))
        set_filter_enabled(session, one, enabled=False)
        remove_filter(session, one)
        remove_all(session, shelf.preference(session))
    assert shelf.names == []


def test_of_two_at_once_that_are_each_just_within_it_one_is_refused(shelf: Shelf) -> None:
    # Given room for one regular expression, by whichever channel
    with shelf.database.transaction() as session:
        session.execute(delete(Filter).where(Filter.name == "on"))
        ids = [session.scalar(Preference.__table__.select().with_only_columns(Preference.id).where(
            Preference.user_id == shelf.person.user_id, Preference.context == context))
            for context in ("email", "irc")]

    def act(number: int) -> str:
        try:
            with shelf.database.transaction() as session:
                preference = session.get_one(Preference, ids[number])
                add_filter(session, preference, "new", pattern(f"new {number}"))
        except EditError as error:
            return str(error)[:44]
        return ""

    assert sorted(at_once(2, act)) == ["", "With it your filters have 2 regular expressio"[:44]]
