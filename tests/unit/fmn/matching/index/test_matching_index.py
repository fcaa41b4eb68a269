"""The index against an evaluator that asks everybody everything, and what it looks at to get there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from benchmarks.naive_matcher import Filters
from fmn.catalog import Application, ApplicationRule, Catalog, Facts, Package
from fmn.directory.snapshot import Directory
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import GENERIC_RULES, RuleTypes, rule_types, rule_types_of
from fmn.matching.compiler import compile_expression
from fmn.matching.index.matching_index import EMPTY, Index, Match
from fmn.matching.index.population import Population, Profile
from tests.factories.messages import make_facts, make_message
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import (
    NICKS,
    Registry,
    directories,
    filters,
    found_by_index,
    found_naively,
    fresh_index,
    messages,
    populations,
)

EMPTY_DIRECTORY = Directory()

#: What a change makes of somebody by id: another nick and other filters, or nobody.
Change = Mapping[int, tuple[str, Filters] | None]


@settings(max_examples=scaled(200))
@given(populations(), directories(), st.lists(messages(), min_size=1, max_size=3))
def test_the_index_finds_whom_a_naive_evaluator_finds(
    population: Mapping[str, Filters], directory: Directory, bus: list[Facts],
) -> None:
    people = dict(enumerate(population.items(), 1))
    registry = Registry()
    index = fresh_index(people, registry)

    for facts in bus:
        assert found_by_index(index, registry, people, facts, directory) == found_naively(
            people, facts, directory)


#: Some changes one after the other. Ids and nicks are few: nicks are given up, taken and swapped.
CHANGES: st.SearchStrategy[list[Change]] = st.lists(st.dictionaries(
    st.integers(1, 5), st.one_of(st.none(), st.tuples(st.sampled_from(NICKS), filters())), max_size=3),
    min_size=1, max_size=4)


def changed(people: Mapping[int, tuple[str, Filters]], change: Change) -> dict[int, tuple[str, Filters]]:
    """The people after a change. Whoever has a nick that somebody else wants now is gone."""
    after = {user_id: person for user_id, person in people.items() if user_id not in change}
    for user_id, person in change.items():
        if person is not None:
            after = {other: (nick, mine) for other, (nick, mine) in after.items() if nick != person[0]}
            after[user_id] = person
    return after


@settings(max_examples=scaled(200))
@given(populations(), CHANGES, directories(), st.lists(messages(), min_size=1, max_size=5))
def test_a_patched_index_is_like_a_fresh_one(
    population: Mapping[str, Filters], steps: list[Change], directory: Directory, bus: list[Facts],
) -> None:
    people = dict(enumerate(population.items(), 1))
    registry = Registry()
    index = fresh_index(people, registry)
    for revision, change in enumerate(steps, 2):
        # Given a change of some people
        after = changed(people, change)
        touched = {user_id for user_id in people.keys() | after.keys()
                   if user_id in change or people.get(user_id) != after.get(user_id)}
        # When the index is patched
        profiles = {
            user_id: (after[user_id][0], profile)
            for user_id in touched & after.keys() if (profile := registry.profile(after[user_id][1]))
        }
        index = index.patched(revision, profiles, touched - profiles.keys(), registry.new_clauses())
        people = after
        # Then it finds whom an index finds that knows of nothing before
        others = Registry()
        fresh = fresh_index(people, others)
        for facts in bus:
            assert found_by_index(index, registry, people, facts, directory) == found_by_index(
                fresh, others, people, facts, directory)
        assert len(index) == len(fresh)
        assert index.revision == revision


def index_of(rule_types: RuleTypes, **people: Expression) -> Index:
    """An index of people, numbered from 1, with one filter each."""
    ids = {expression: number for number, expression in enumerate(dict.fromkeys(people.values()), 1)}
    return Index.of(1, Population.of(
        (user_id, nick, ((("email",), (ids[expression],)),))
        for user_id, (nick, expression) in enumerate(people.items(), 1)
    ), {number: compile_expression(expression, rule_types) for expression, number in ids.items()})


def concerned(index: Index, facts: Facts, directory: Directory = EMPTY_DIRECTORY) -> list[int]:
    return sorted(match.user_id for match in index.match(facts, directory))


class Asked:
    """An application whose one rule counts how often it's asked, and fails if told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self.error = error
        rule = ApplicationRule("costly", "Costly", "", holds=self.holds)
        self.rule_types = RuleTypes([
            *GENERIC_RULES, *rule_types_of(Catalog([Application("oven", "Oven", "Bakes.", rules=(rule,))]))])

    def holds(self, _facts: Facts, _arguments: Mapping[str, str]) -> bool:
        self.times += 1
        if self.error is not None:
            raise self.error
        return True


def about(*packages: str, naming: Collection[str] = ()) -> Facts:
    return make_facts(make_message(), packages=[Package("rpms", name) for name in packages], usernames=naming)


COSTLY = Rule("costly")
ABOUT_PHP = Rule.of("package_filter", {"package": "php"})
NAMES_ME = Rule.of("user_filter", {"fasnick": ME})


class TestWhatIsLookedAt:
    def test_is_nothing_for_a_message_that_concerns_nobody(self) -> None:
        asked = Asked()
        index = index_of(asked.rule_types, alice=All((ABOUT_PHP, COSTLY)), bob=All((NAMES_ME, COSTLY)))

        assert concerned(index, about("ruby", naming=["mallory"])) == []
        assert asked.times == 0

    def test_is_each_rule_once_however_many_people_ask_it(self) -> None:
        asked = Asked()
        one: Expression = All((ABOUT_PHP, COSTLY))
        other: Expression = AnyOf((All((NAMES_ME, Not(COSTLY))), COSTLY))
        people = {f"person{number}": one if number % 2 else other for number in range(100)}
        index = index_of(asked.rule_types, **people)

        assert len(concerned(index, about("php", naming=["person7"]))) == 100
        assert asked.times == 1

    def test_is_nothing_that_nobody_has(self) -> None:
        # Given an index from which the only one with a costly filter is gone
        asked = Asked()
        index = index_of(asked.rule_types, alice=Not(COSTLY), bob=NAMES_ME)
        assert concerned(index, about("php")) == []
        assert asked.times == 1
        # When another one is loaded without her
        index = Index.of(2, Population.of([(2, "bob", ((("email",), (2,)),))]), index.expressions.clauses)
        # Then nobody asks
        assert concerned(index, about("php", naming=["bob"])) == [2]
        assert asked.times == 1


class TestARuleThatFails:
    """It's true of no message, false of none either, and only its owner's business."""

    def test_holds_neither_way_and_is_logged(self) -> None:
        asked = Asked(ValueError("no such cake"))
        index = index_of(
            asked.rule_types, alice=COSTLY, bob=Not(COSTLY), carol=All((ABOUT_PHP, Not(COSTLY))),
            dave=Not(All((Not(COSTLY), NAMES_ME))), erin=ABOUT_PHP)

        with capture_logs() as logs:
            assert concerned(index, about("php", naming=["dave"])) == [5]

        assert [(entry["event"], entry["rule"], entry["msg_id"]) for entry in logs] == [
            ("rule failed", "costly", make_message().msg_id)]

    def test_leaves_an_alternative_that_holds(self) -> None:
        asked = Asked(ValueError("no such cake"))
        index = index_of(
            asked.rule_types, alice=AnyOf((COSTLY, ABOUT_PHP)), bob=AnyOf((Not(COSTLY), NAMES_ME)))

        with capture_logs():
            assert concerned(index, about("php")) == [1]


class TestAPatchedIndex:
    """Alice and Bob are in the index, number 1 and 2; what's new comes as number 3 and expression 2."""

    HERS_AND_HIS = index_of(rule_types(), alice=NAMES_ME, bob=NAMES_ME)

    @staticmethod
    def profile(expression_id: int) -> Profile:
        return ((("email",), (expression_id,)),)

    def patched(self, *people: tuple[int, str, int], gone: Collection[int] = ()) -> Index:
        return self.HERS_AND_HIS.patched(
            2, {user_id: (nick, self.profile(number)) for user_id, nick, number in people}, gone,
            {2: compile_expression(ABOUT_PHP, rule_types())})

    def test_knows_somebody_by_their_new_nick_only(self) -> None:
        index = self.patched((1, "alicia", 1))

        assert concerned(index, about(naming=["alice"])) == []
        assert concerned(index, about(naming=["alicia", "bob"])) == [1, 2]
        assert len(index) == 2

    def test_gives_a_nick_to_whoever_has_it_now(self) -> None:
        index = self.patched((3, "alice", 1), gone=[1])

        assert concerned(index, about(naming=["alice"])) == [3]
        assert len(index) == 2

    def test_has_forgotten_who_is_gone(self) -> None:
        index = self.patched(gone=[1, 2])

        assert concerned(index, about(naming=["alice", "bob"])) == []
        assert len(index) == 0

    def test_finds_all_who_share_what_was_new_once(self) -> None:
        # Given Carol with a filter that nobody had
        index = self.patched((3, "carol", 2))
        # When Dave and then Erin take it too
        for user_id, nick in [(4, "dave"), (5, "erin")]:
            index = index.patched(user_id, {user_id: (nick, self.profile(2))}, [], {})
        # Then all three are found, and so are those from before
        assert concerned(index, about("php", naming=["alice"])) == [1, 3, 4, 5]
        assert len(index) == 5

    def test_finds_old_and_new_filters_in_the_same_place(self) -> None:
        index = index_of(rule_types(), alice=ABOUT_PHP)
        both = All((ABOUT_PHP, NAMES_ME))
        bob = Not(Rule.of("not_user_filter", {"fasnick": "bob"}))
        index = index.patched(
            2, {2: ("bob", self.profile(2)), 3: ("carol", self.profile(3))}, [],
            {2: compile_expression(Rule.of("package_filter", {"package": "php, ruby"}), rule_types()),
             3: compile_expression(All((bob, both)), rule_types())})

        assert concerned(index, about("php", naming=["bob", "carol"])) == [1, 2, 3]
        assert concerned(index, about("ruby")) == [2]

    def test_goes_on_looking_owners_up(self) -> None:
        hers = Rule.of("user_package_filter", {"fasnick": "alice"})
        index = index_of(rule_types(), bob=Not(hers))
        index = index.patched(
            2, {2: ("carol", self.profile(2))}, [], {2: compile_expression(NAMES_ME, rule_types())})
        directory = Directory(committers={"rpms": {"php": ("alice",)}})

        assert concerned(index, about("php", naming=["carol"]), directory) == [2]

    def test_leaves_the_one_before_as_it_was(self) -> None:
        self.patched((1, "alicia", 2), (3, "carol", 2), gone=[2])

        assert concerned(self.HERS_AND_HIS, about("php", naming=["alice", "bob", "alicia"])) == [1, 2]


def test_those_who_share_filters_get_answers_by_their_ties() -> None:
    mine = All((Rule.of("user_package_filter", {"fasnick": ME}), Not(NAMES_ME)))
    index = index_of(rule_types(), alice=mine, bob=mine, carol=mine)
    directory = Directory(committers={"rpms": {"php": ("alice", "bob")}})

    assert concerned(index, about("php", naming=["bob", "carol"]), directory) == [1]


class TestOwners:
    DIRECTORY = Directory(
        committers={"rpms": {"php": ("alice", "@php-sig")}, "modules": {"php": ("carol",)}},
        watchers={"rpms": {"php": ("bob",)}}, groups={"php-sig": frozenset({"dave", "alice"})})

    @pytest.mark.parametrize(("rule", "found"), [
        ("user_package_commit_filter", [1, 3, 4]),
        ("user_package_watch_filter", [2]),
        ("user_package_filter", [1, 2, 3, 4]),
    ])
    def test_are_told_apart_from_watchers(self, rule: str, found: list[int]) -> None:
        mine = Rule.of(rule, {"fasnick": ME})
        index = index_of(
            rule_types(), alice=mine, bob=mine, carol=mine, dave=mine, mallory=mine)

        assert concerned(index, about("php"), self.DIRECTORY) == found

    def test_can_be_somebody_else(self) -> None:
        hers = Rule.of("user_package_commit_filter", {"fasnick": "dave"})
        index = index_of(rule_types(), alice=hers, mallory=Not(hers))

        assert concerned(index, about("php"), self.DIRECTORY) == [1]
        assert concerned(index, about("ruby"), self.DIRECTORY) == [2]

    def test_can_be_a_group_as_the_directory_says_now(self) -> None:
        theirs = Rule.of("group_maintains", {"group": "php-sig"})
        index = index_of(rule_types(), mallory=theirs, carol=Not(theirs))

        # A member's package isn't the group's, and a group without known members has packages all the same.
        for owners, found in [("@php-sig", [1]), ("dave", [2]), ("@ruby-sig", [2]), ("@php-sig", [1])]:
            directory = Directory(
                committers={"rpms": {"php": (owners,)}}, groups={"ruby-sig": frozenset({"dave"})})
            assert concerned(index, about("php"), directory) == found


class TestGroups:
    MINE = Rule.of("member", {"fasnick": ME})
    DIRECTORY = Directory(groups={
        "infra": frozenset({"alice", "bob", "dave"}), "everybody": frozenset(map(str, range(1_000)))})

    @staticmethod
    def about_group(name: str, naming: Collection[str] = ()) -> Facts:
        return make_facts(make_message(), usernames=naming, groups=[name])

    def test_concern_their_members_who_ask(self) -> None:
        index = index_of(
            rule_types(), alice=self.MINE, bob=NAMES_ME, carol=self.MINE, dave=All((self.MINE, NAMES_ME)))

        assert concerned(index, self.about_group("infra"), self.DIRECTORY) == [1]
        assert concerned(index, self.about_group("infra", naming=["dave", "carol"]), self.DIRECTORY) == [1, 4]
        assert concerned(index, self.about_group("else"), self.DIRECTORY) == []

    def test_can_be_excluded(self) -> None:
        others = All((Rule.of("group", {"group": "infra, else"}), Not(self.MINE)))
        index = index_of(rule_types(), alice=others, carol=others)

        assert concerned(index, self.about_group("infra"), self.DIRECTORY) == [2]
        assert concerned(index, self.about_group("else"), self.DIRECTORY) == [1, 2]

    def test_can_be_those_of_somebody_else(self) -> None:
        index = index_of(rule_types(), mallory=Rule.of("member", {"fasnick": "bob"}))

        assert concerned(index, self.about_group("infra"), self.DIRECTORY) == [1]
        assert concerned(index, self.about_group("everybody"), self.DIRECTORY) == []

    def test_are_held_against_those_only_who_have_a_filter_about_their_groups(self) -> None:
        # Given a big group, of whose members one asks about groups
        asked = Asked()
        mine, other = All((COSTLY, self.MINE)), All((COSTLY, NAMES_ME))
        index = index_of(asked.rule_types, **{"7": mine, "8": other, "outsider": mine})

        assert index.group_readers == {"7", "outsider"}
        assert concerned(index, self.about_group("everybody"), self.DIRECTORY) == [1]

    def test_concern_whoever_asks_since_the_index_was_loaded(self) -> None:
        index = index_of(rule_types(), bob=NAMES_ME).patched(
            2, {2: ("alice", ((("email",), (2,)),))}, [], {2: compile_expression(self.MINE, rule_types())})

        assert concerned(index, self.about_group("infra"), self.DIRECTORY) == [2]


def test_an_empty_index_finds_nobody() -> None:
    assert EMPTY.match(about("php", naming=["alice"]), EMPTY_DIRECTORY) == []
    assert len(EMPTY) == 0


def test_each_context_has_its_own_first_filter() -> None:
    # Given somebody with two filters in one context, and the same in reverse order in another
    clauses = {
        1: compile_expression(ABOUT_PHP, rule_types()),
        2: compile_expression(NAMES_ME, rule_types()),
    }
    profile = ((("email", "sse"), (1, 2)), (("irc",), (2, 1)))
    index = Index.of(1, Population.of([(7, "alice", profile)]), clauses)
    # Then a message that fits both names the first one of each, once
    assert index.match(about("php", naming=["alice"]), EMPTY_DIRECTORY) == [
        Match(7, "email", 1), Match(7, "sse", 1), Match(7, "irc", 2)]
    # And one that fits one of them names that one everywhere
    assert {match.expression_id for match in index.match(about("php"), EMPTY_DIRECTORY)} == {1}
