"""Filters that somebody shares, and somebody else takes over."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fmn.errors import UserError
from fmn.filters import locking, sharing
from fmn.filters.editing import edit_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter, SharedFilters
from fmn.filters.sharing import (
    TakenOver,
    find_shared,
    share_filters,
    shared_links,
    shared_specs,
    stop_sharing,
    take_over,
)
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.infra.db import Database
from fmn.infra.public_ids import PublicId
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.integration.filters.owned_filters import OwnedFilters, about


@pytest.fixture
def alice(database: Database) -> OwnedFilters:
    """Alice's filters: php, ruby."""
    return OwnedFilters.of(database, "php", "ruby")


@pytest.fixture
def bob(alice: OwnedFilters) -> OwnedFilters:
    """Bob's filter, which is like one of Alice's."""
    return OwnedFilters.of(alice.database, "php", nick="bob")


def shares(alice: OwnedFilters, *names: str) -> PublicId:
    with alice.database.transaction() as session:
        ids = [alice[name] for name in names]
        filters = session.scalars(select(Filter).where(Filter.id.in_(ids)).order_by(Filter.position)).all()
        return share_filters(session, alice.person.user_id, filters, NOON).public_id


def found(owned: OwnedFilters, link: PublicId) -> list[FilterSpec]:
    with owned.database.reading() as session:
        return list(find_shared(session, link))


def takes(bob: OwnedFilters, link: PublicId) -> TakenOver:
    with bob.database.transaction() as session:
        return take_over(session, bob.preference(session), find_shared(session, link))


@pytest.mark.dialects
def test_a_link_has_what_the_filters_ask_and_nothing_about_their_owner(alice: OwnedFilters) -> None:
    with alice.database.transaction() as session:
        edit_filter(session, alice["ruby"], lambda spec: spec.replaced(
            expression=Rule.of("maintains", {"fasnick": "alice"}), owner_note="Mine!", hold_minutes=15,
            oneshot=True, enabled=False))

    assert found(alice, shares(alice, "php", "ruby")) == [
        FilterSpec(name="php", expression=about("php")),
        FilterSpec(name="ruby", expression=Rule.of("maintains", {"fasnick": "@me"}), hold_minutes=15,
                   oneshot=True)]
    with alice.database.reading() as session:
        [link] = shared_links(session, alice.person.user_id)
    assert "alice" not in str(link.filters)
    assert "Mine" not in str(link.filters)


def test_the_same_filters_have_the_same_link(alice: OwnedFilters) -> None:
    link = shares(alice, "php")
    assert shares(alice, "php") == link
    assert shares(alice, "ruby") != link
    # And it keeps what they were
    alice.rename("php", "PHP")
    assert [each.name for each in found(alice, link)] == ["php"]
    assert shares(alice, "PHP") != link


@pytest.mark.dialects
def test_whoever_takes_them_over_gets_those_they_lack_and_can_undo_that(
    alice: OwnedFilters, bob: OwnedFilters,
) -> None:
    revision = bob.revision
    taken = takes(bob, shares(alice, "php", "ruby"))
    assert (taken.names, bob.names) == (["ruby"], ["php", "ruby"])
    assert bob.changed_since(revision) == {bob.person.user_id}
    assert takes(bob, shares(alice, "php", "ruby")) == TakenOver([], None)

    assert taken.undo_id is not None
    with bob.database.transaction() as session:
        assert undo(session, bob.person.user_id, taken.undo_id).withdrawn == ("ruby",)
    assert (bob.names, alice.names) == (["php"], ["php", "ruby"])


def test_all_are_taken_over_or_none(
    alice: OwnedFilters, bob: OwnedFilters, monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice.add("moss")
    link = shares(alice, "ruby", "moss")
    monkeypatch.setattr(locking, "MAX_FILTERS", 2)
    with pytest.raises(UserError, match="There can be 2 filters at most"):
        takes(bob, link)
    assert bob.names == ["php"]


def test_a_link_can_be_stopped_by_its_owner(alice: OwnedFilters, bob: OwnedFilters) -> None:
    link = shares(alice, "php")
    with alice.database.transaction() as session:
        assert not stop_sharing(session, bob.person.user_id, link.id)
    assert found(bob, link)
    with alice.database.transaction() as session:
        assert stop_sharing(session, alice.person.user_id, link.id)
        assert not stop_sharing(session, alice.person.user_id, link.id)
    assert found(bob, link) == []


def test_a_link_is_that_of_its_row_and_no_later_one(alice: OwnedFilters) -> None:
    link = shares(alice, "php")
    assert link.nonce is not None
    assert found(alice, PublicId(link.id, link.nonce + 1)) == []


@pytest.mark.parametrize(("limit", "sentence"), [
    ("MAX_FILTERS", "A link can have 1 filters at most"), ("MAX_CHARACTERS", "too long for one link")])
def test_a_link_has_room_for_so_much(
    alice: OwnedFilters, monkeypatch: pytest.MonkeyPatch, limit: str, sentence: str,
) -> None:
    monkeypatch.setattr(sharing, limit, 1)
    with pytest.raises(UserError, match=sentence):
        shares(alice, "php", "ruby")
    with pytest.raises(UserError, match="Choose at least one"):
        shares(alice)


@pytest.mark.dialects
def test_of_many_links_the_oldest_stop_working(alice: OwnedFilters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MAX_LINKS", 2)
    links = []
    for name in ("php", "ruby", "moss"):
        if name == "moss":
            alice.add(name)
        links.append(shares(alice, name))
    assert [bool(found(alice, link)) for link in links] == [False, True, True]


def test_pressing_it_in_many_windows_makes_one_link(postgresql_database: Database) -> None:
    alice = OwnedFilters.of(postgresql_database, "php")
    assert len(set(at_once(4, lambda _number: shares(alice, "php")))) == 1


def test_what_cannot_be_read_any_more_is_left_out() -> None:
    known = {"name": "php", "expression": {"rule": "git_receive"}, "added_by_a_later_version": 1}
    shared = SharedFilters(filters=[{"name": "new", "expression": {"xor": []}}, known])
    assert shared_specs(shared) == [FilterSpec(name="php", expression=Rule("git_receive"))]
