"""Filters of groups reach the groups' members, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from benchmarks.naive_matcher import Filters, NaiveEvaluator, NamedFilter
from fmn.catalog import Facts, Message, catalog
from fmn.directory import DirectoryPart, DirectoryStore
from fmn.directory.snapshot import Directory
from fmn.filters.editing import add_filter, edit_filter, remove_filter, set_filter_enabled
from fmn.filters.expressions import ME, Expression, Rule, expression_digest, with_me
from fmn.filters.group_filters import opt_in, opt_out
from fmn.filters.models import MuteKind, StoredExpression
from fmn.filters.mutes import mute
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.inbox import load_entries
from fmn.ledger.messages import store
from fmn.ledger.models import Notification
from fmn.matching.batch_matcher import BatchMatcher
from fmn.matching.index.loading import CurrentIndex
from fmn.matching.muted_recipients import muted_recipients
from fmn.matching.verdicts import ExpressionEvaluator
from fmn.matching.why import why
from fmn.people.models import Preference, User
from fmn.people.preferences import set_enabled
from fmn.settings import AutocreateSettings
from tests.factories.databases import empty
from tests.factories.groups import give_group
from tests.factories.matching import match
from tests.factories.messages import NO_THROTTLING, NOON
from tests.factories.people import make_person
from tests.hypothesis_profiles import scaled
from tests.integration.matching.index.test_loading import settle
from tests.unit.fmn.matching.generated_inputs import (
    CATALOG,
    GROUPS,
    NICKS,
    RULE_TYPES,
    directories,
    expressions,
    messages,
    populations,
)

pytestmark = pytest.mark.dialects

MOSS = Rule.of("package_filter", {"package": "moss"})
MINE = Rule.of("user_package_filter", {"fasnick": ME})


class Site:
    """An installation with a directory that changes, and messages about the package moss."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.groups: dict[str, Collection[str]] = {"infra": ["alice", "bob"]}
        self.number = 0
        self.directory = DirectoryStore([self], MemoryCache(), check_seconds=0)
        self.matcher = BatchMatcher(
            database, catalog(), rule_types(), self.directory, AutocreateSettings(), NO_THROTTLING)

    def fetch(self) -> DirectoryPart:
        return DirectoryPart(committers={"rpms": {"moss": ["alice"]}}, groups=self.groups)

    def move(self, **groups: Collection[str]) -> None:
        """Change who is in which group."""
        self.groups = {**self.groups, **groups}
        self.directory.refresh()

    def concerned(self) -> list[tuple[str, str]]:
        """Whom the next message concerns, with the names of filters as notifications show them."""
        self.number += 1
        with self.database.transaction() as session:
            ids = store(session, [Message(
                f"2026-{self.number}", "org.fedoraproject.prod.git.lookaside.new", NOON,
                {"agent": "mary", "name": "moss", "filename": "m.tar.xz", "md5sum": "0"})], NOON)
        match(self.matcher, ids)
        with self.database.reading() as session:
            found = {row.id: row.nick for row in session.execute(
                select(Notification.id, User.nick)
                .join(Preference, Preference.id == Notification.preference_id).join(User)
                .where(Notification.message_id.in_(ids)))}
            return sorted((found[each.id], each.filter_name) for each in load_entries(session, [*found]))

    def user_id(self, nick: str) -> int:
        with self.database.reading() as session:
            return session.scalars(select(User.id).where(User.nick == nick)).one()


@pytest.fixture
def site(database: Database) -> Site:
    for nick in ("alice", "bob", "carol"):
        make_person(database, nick, packages=())
    return Site(database)


class TestAGroupsFilter:
    def test_reaches_members_alone_and_says_where_it_comes_from(self, site: Site) -> None:
        give_group(site.database, "infra", Grown=MOSS)

        assert site.concerned() == [("alice", "Grown (@infra)"), ("bob", "Grown (@infra)")]

    def test_means_the_member_by_me(self, site: Site) -> None:
        give_group(site.database, "infra", Mine=MINE)

        assert site.concerned() == [("alice", "Mine (@infra)")]

    def test_comes_after_a_members_own(self, site: Site) -> None:
        give_group(site.database, "infra", Grown=MOSS)
        with site.database.transaction() as session:
            own = session.scalars(select(Preference).join(User).where(User.nick == "bob")).one()
            add_filter(session, own, FilterSpec(name="Own", expression=MOSS))

        assert site.concerned() == [("alice", "Grown (@infra)"), ("bob", "Own")]

    def test_comes_once_by_two_groups(self, site: Site) -> None:
        site.move(devel=["bob"])
        give_group(site.database, "infra", Grown=MOSS)
        give_group(site.database, "devel", Growing=MOSS)

        assert site.concerned() == [("alice", "Grown (@infra)"), ("bob", "Growing (@devel)")]

    def test_applies_to_the_next_message_when_it_changes(self, site: Site) -> None:
        assert site.concerned() == []
        filter_id, = give_group(site.database, "infra", Grown=MOSS)
        assert len(site.concerned()) == 2

        with site.database.transaction() as session:
            set_filter_enabled(session, filter_id, enabled=False)
        assert site.concerned() == []
        with site.database.transaction() as session:
            edit_filter(session, filter_id, lambda there: there.replaced(enabled=True, expression=MINE))
        assert site.concerned() == [("alice", "Grown (@infra)")]
        with site.database.transaction() as session:
            kept = remove_filter(session, filter_id)
        assert site.concerned() == []
        with site.database.transaction() as session:
            undo(session, site.user_id("@infra"), kept)
        assert site.concerned() == [("alice", "Grown (@infra)")]

    def test_follows_the_directory(self, site: Site) -> None:
        give_group(site.database, "infra", Grown=MOSS)
        assert [nick for nick, _ in site.concerned()] == ["alice", "bob"]

        site.move(infra=["bob", "carol", "nobody-here"])

        assert [nick for nick, _ in site.concerned()] == ["bob", "carol"]

    def test_needs_a_channel_that_is_on(self, site: Site) -> None:
        give_group(site.database, "infra", Grown=MOSS)
        with site.database.transaction() as session:
            preference = session.scalars(select(Preference).join(User).where(User.nick == "bob")).one()
            set_enabled(session, preference, on=False)

        assert site.concerned() == [("alice", "Grown (@infra)")]

    def test_ends_for_who_opts_out_and_comes_back(self, site: Site) -> None:
        give_group(site.database, "infra", Grown=MOSS)
        bob = site.user_id("bob")
        with site.database.transaction() as session:
            assert opt_out(session, bob, "infra")
            assert not opt_out(session, bob, "infra")
        assert site.concerned() == [("alice", "Grown (@infra)")]

        with site.database.transaction() as session:
            assert opt_in(session, bob, "infra")
            assert not opt_in(session, bob, "infra")
        assert len(site.concerned()) == 2

    def test_of_a_group_that_grew_too_large_reaches_nobody(
        self, site: Site, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("fmn.filters.group_filters.MAX_MEMBERS", 2)
        give_group(site.database, "infra", Grown=MOSS)
        assert len(site.concerned()) == 2

        site.move(infra=["alice", "bob", "carol"])

        assert site.concerned() == []

    def test_is_muted_like_any_other(self, site: Site) -> None:
        give_group(site.database, "infra", Grown=MOSS)
        with site.database.transaction() as session:
            mute(session, site.user_id("bob"), MuteKind.PACKAGE, "moss", NOON + timedelta(days=999), NOON)

        assert [nick for nick, _ in site.concerned()] == ["alice"]
        facts = catalog().facts(Message("2026-1", "org.fedoraproject.prod.git.lookaside.new", NOON, {
            "agent": "mary", "name": "moss", "filename": "m.tar.xz", "md5sum": "0"}))
        with site.database.reading() as session:
            muted = muted_recipients(session, 1, facts, site.directory.current(), rule_types(), NOON)
            assert [each.nick for each in muted] == ["bob"]


def test_why_says_from_which_group_a_filter_is(site: Site) -> None:
    give_group(site.database, "infra", Grown=MOSS)
    site.concerned()
    facts = catalog().facts(Message("2026-1", "org.fedoraproject.prod.git.lookaside.new", NOON, {
        "agent": "mary", "name": "moss", "filename": "m.tar.xz", "md5sum": "0"}))
    with site.database.reading() as session:
        judge = ExpressionEvaluator(facts, site.directory.current(), rule_types(), "bob")
        verdict, = why(session, judge, "bob", NOON)

    assert verdict.notifies
    assert [(each.name, each.group, each.lets_through) for each in verdict.filters] == [
        ("Grown", "infra", True)]


@st.composite
def teams(draw: st.DrawFn) -> Mapping[str, list[Expression]]:
    """Groups with filters."""
    return draw(st.dictionaries(st.sampled_from(GROUPS), st.lists(expressions(), min_size=1, max_size=2)))


@settings(
    max_examples=scaled(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    populations(), teams(), teams(), directories(), directories(),
    st.frozensets(st.tuples(st.sampled_from(NICKS), st.sampled_from(GROUPS)), max_size=2),
    st.lists(messages(), min_size=1, max_size=3))
def test_members_are_found_as_if_the_groups_filters_were_theirs(
    database: Database, people: dict[str, Filters], teams_at_first: dict[str, list[Expression]],
    later: dict[str, list[Expression]], at_first: Directory, directory: Directory,
    out: frozenset[tuple[str, str]], bus: list[Facts],
) -> None:
    empty(database)
    # Given an index that saw other members, and fewer groups with filters, before some opted out
    settle(database, people)
    current_index = CurrentIndex(database, RULE_TYPES)
    _give(database, teams_at_first)
    current_index.current(at_first)
    _give(database, later)
    with database.transaction() as session:
        for nick, group in out:
            for user_id in session.scalars(select(User.id).where(User.nick == nick)):
                opt_out(session, user_id, group)
    # When messages are matched with it, or with one that's loaded now
    refreshed = current_index.current(directory)
    loaded = CurrentIndex(database, RULE_TYPES).current(directory)
    # Then both find whom somebody finds who gives members copies of these filters
    composed = _composed(people, [teams_at_first, later], directory, out)
    evaluator = NaiveEvaluator(composed, directory, CATALOG)
    with database.reading() as session:
        nicks = {user.id: user.nick for user in session.scalars(select(User))}
        digests = {each.id: each.digest for each in session.scalars(select(StoredExpression))}
    for facts in bus:
        expected = sorted(
            (nick, context, name) for nick, context, name in evaluator.match(facts))
        for index in (refreshed, loaded):
            assert sorted(
                (nicks[user_id], context, digests[expression_id])
                for user_id, context, expression_id in index.match(facts, directory)) == expected


def _give(database: Database, groups: Mapping[str, list[Expression]]) -> None:
    for group, wanted in groups.items():
        give_group(database, group, **{str(number): each for number, each in enumerate(wanted)})


def _composed(
    people: Mapping[str, Filters], rounds: list[dict[str, list[Expression]]], directory: Directory,
    out: frozenset[tuple[str, str]],
) -> Mapping[str, Filters]:
    """People with copies of their groups' filters, named by what they ask."""
    composed = {}
    for nick, contexts in people.items():
        inherited = [
            (group, expression) for group in sorted(GROUPS)
            if nick in directory.groups.get(group, ()) and (nick, group) not in out
            for given in rounds for expression in given.get(group, ())]
        composed[nick] = {
            context: [
                # Whoever names themselves in a filter of their own means "me"; in a group's it's that person.
                *(NamedFilter(_digest(each.expression, nick), each.expression) for each in filters),
                *(NamedFilter(_digest(each, f"@{group}"), each) for group, each in inherited)]
            for context, filters in contexts.items()}
    return composed


def _digest(expression: Expression, owner: str) -> str:
    return expression_digest(with_me(expression, owner))
