from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Application, ApplicationRule, Argument, Catalog, EventType, Facts, Package
from fmn.catalog.registry import CatalogError
from fmn.filters.conditions import (
    COMMITS_TO,
    NAMED,
    WATCHES_IT,
    CheckCondition,
    CheckedMessage,
    KeyCondition,
    KeyKind,
)
from fmn.filters.expressions import ME, All, AnyOf, Not, Rule
from fmn.filters.rule_types import (
    GENERIC_RULES,
    MAX_ARGUMENT_LENGTH,
    RuleError,
    RuleTypes,
    rule_types,
    rule_types_of,
)
from tests.factories.messages import make_facts, make_message


class Done(EventType):
    """A cake is ready."""

    topics = ("oven.cake.done",)
    title = "Cake done"


class Gone(EventType):
    """A cake is gone."""

    topics = ("oven.cake.gone",)
    rule = "cake_gone"
    retired = True


def weighs(facts: Facts, arguments: Mapping[str, str]) -> bool:
    return bool(facts.message.body["grams"] > int(arguments["grams"]))


OVEN = Application("oven", "Oven", "Bakes.", (Done, Gone), catchall="oven_catchall", rules=(
    ApplicationRule(
        "oven_any", "Done or gone", "One of both.", any_of=frozenset({"oven_cake_done", "cake_gone"})),
    ApplicationRule("oven_heavy", "Heavy", "Heavier than.", (Argument("grams", "Grams"),), holds=weighs),
))
GENERIC_ARGUMENTS = {rule_type.name: rule_type.arguments[0].name for rule_type in GENERIC_RULES}
TYPES = RuleTypes([*GENERIC_RULES, *rule_types_of(Catalog([OVEN]))])


def condition(name: str, **arguments: str) -> KeyCondition | CheckCondition:
    return TYPES.condition(Rule.of(name, arguments))[0]


def holds(name: str, facts: Facts, **arguments: str) -> bool:
    check = condition(name, **arguments)
    assert isinstance(check, CheckCondition)
    return check.holds(CheckedMessage(facts))


class TestARuleThatCannotBeAsked:
    @pytest.mark.parametrize(("rule", "sentence"), [
        (Rule("no_such_rule"), "unknown rule 'no_such_rule'"),
        (Rule("user_filter"), "the rule user_filter needs its argument 'fasnick'"),
        (Rule.of("user_filter", {"fasnick": "  "}), "the rule user_filter needs its argument 'fasnick'"),
        (Rule.of("user_filter", {"fasnick": " , ,"}), "the argument 'fasnick' names nothing"),
        (Rule.of("package_filter", {"package": ","}), "the argument 'package' names nothing"),
        (Rule.of("fas_group_member_filter", {"group": ","}), "the argument 'group' names nothing"),
        (Rule.of("topic_filter", {"pattern": ","}), "the argument 'pattern' names nothing"),
        (Rule.of("user_filter", {"fasnick": "bob", "nick": "bob"}),
         "the rule user_filter takes no argument 'nick'"),
        (Rule.of("oven_cake_done", {"x": "y"}), "the rule oven_cake_done takes no argument 'x'"),
        (Rule.of("oven_heavy", {}), "the rule oven_heavy needs its argument 'grams'"),
        (Rule.of("package_filter", {"package": "a" * (MAX_ARGUMENT_LENGTH + 1)}),
         "the argument 'package' of package_filter is longer than 10000 characters"),
        (Rule.of("topic_filter", {"pattern": "*.\ud800"}),
         "the argument 'pattern' of topic_filter has a character in it that can't be kept"),
        (Rule.of("actor", {"fasnick": "bob\0"}),
         "the argument 'fasnick' of actor has a character in it that can't be kept"),
        (Rule.of("regex_filter", {"pattern": "(php"}),
         "the regular expression '(php' can't be used: missing ): (php"),
        (Rule.of("package_regex_filter", {"pattern": "(?=php)"}),
         "the regular expression '(?=php)' can't be used: invalid perl operator: (?="),
    ])
    def test_is_refused_in_a_sentence(self, rule: Rule, sentence: str) -> None:
        with pytest.raises(RuleError) as refused:
            TYPES.condition(rule)

        assert str(refused.value) == sentence

    def test_is_found_wherever_it_is(self) -> None:
        good = Rule.of("user_filter", {"fasnick": "bob"})
        TYPES.check(All((good, Not(good))))

        with pytest.raises(RuleError, match="no_such_rule"):
            TYPES.check(All((good, Not(All((good, Rule("no_such_rule")))))))

    @given(st.text())
    def test_raises_nothing_else_whatever_was_typed(self, text: str) -> None:
        for name in ("regex_filter", "package_regex_filter", "topic_filter", "package_filter"):
            with contextlib.suppress(RuleError):
                condition(name, **{GENERIC_ARGUMENTS[name]: text})


class TestRegularExpressions:
    def test_search_the_body_as_json(self) -> None:
        facts = make_facts(make_message(body={"summary": "Größe \ud83d of 1 cake"}))

        assert holds("regex_filter", facts, pattern="Größe . of 1")
        assert holds("regex_filter", facts, pattern=r'"summary": ')
        assert not holds("regex_filter", facts, pattern="size")

    def test_search_the_names_of_packages(self) -> None:
        facts = make_facts(make_message(), packages=[Package("rpms", "php"), Package("", "python-größe")])

        assert holds("package_regex_filter", facts, pattern="^python-")
        assert holds("package_regex_filter", facts, pattern="öß")
        assert not holds("package_regex_filter", facts, pattern="^rpms")


class TestTopicPatterns:
    @pytest.mark.parametrize(("text", "fits"), [
        ("org.example.dev.oven.cake.done", True),
        ("*.oven.*", True),
        ("*", True),
        ("org.*.done", True),
        ("*.bodhi.*, *.oven.cake.*", True),
        ("oven", False),
        ("*.oven", False),
        ("org.example.dev.oven.cake.d", False),
        ("orgXexample*", False),
        ("*.cake.(done|burnt)", False),
        ("ORG.*", False),
    ])
    def test_fit_whole_topics(self, text: str, fits: bool) -> None:
        assert holds("topic_filter", make_facts(make_message()), pattern=text) is fits


class TestGenericRules:
    def test_know_people_named_and_me(self) -> None:
        bob = frozenset({(KeyKind.USER, "bob")})
        assert condition("user_filter", fasnick=f"bob, {ME}") == KeyCondition(bob, NAMED)
        assert condition("user_filter", fasnick="bob") == KeyCondition(bob)

    def test_negate_the_one_about_other_people(self) -> None:
        named, negates = TYPES.condition(Rule.of("not_user_filter", {"fasnick": ME}))

        assert named == KeyCondition(ties=NAMED)
        assert negates

    @pytest.mark.parametrize(("name", "kinds", "ties"), [
        ("user_package_filter", (KeyKind.COMMITS, KeyKind.WATCHES), COMMITS_TO | WATCHES_IT),
        ("user_package_commit_filter", (KeyKind.COMMITS,), COMMITS_TO),
        ("user_package_watch_filter", (KeyKind.WATCHES,), WATCHES_IT),
    ])
    def test_tell_committing_from_watching(self, name: str, kinds: tuple[KeyKind, ...], ties: int) -> None:
        assert condition(name, fasnick=ME) == KeyCondition(ties=ties)
        assert condition(name, fasnick="bob") == KeyCondition(frozenset((kind, "bob") for kind in kinds))

    def test_take_lists(self) -> None:
        assert condition("package_filter", package="php, rpms/ruby") == KeyCondition(
            frozenset({(KeyKind.PACKAGE, "php"), (KeyKind.PACKAGE, "rpms/ruby")}))
        assert condition("fas_group_member_filter", group="infra,qa") == KeyCondition(
            frozenset({(KeyKind.GROUP, "infra"), (KeyKind.GROUP, "qa")}))

    def test_say_what_they_are(self) -> None:
        for rule_type in GENERIC_RULES:
            assert rule_type.title
            assert rule_type.help.endswith(".")
            assert all(argument.title and argument.sample for argument in rule_type.arguments)


class TestRulesOfApplications:
    def test_are_asked_by_event_category_or_call(self) -> None:
        assert condition("oven_cake_done") == KeyCondition(frozenset({(KeyKind.EVENT, "oven_cake_done")}))
        assert condition("oven_catchall") == KeyCondition(frozenset({(KeyKind.CATEGORY, "oven")}))
        assert condition("oven_any") == KeyCondition(
            frozenset({(KeyKind.EVENT, "oven_cake_done"), (KeyKind.EVENT, "cake_gone")}))
        heavy = make_facts(make_message(body={"grams": 900}))
        assert holds("oven_heavy", heavy, grams="500")
        assert not holds("oven_heavy", heavy, grams="1000")

    def test_are_offered_while_they_can_come_true(self) -> None:
        assert TYPES.by_name["oven_cake_done"].offered
        assert not TYPES.by_name["cake_gone"].offered

    def test_are_asked_once_if_they_ask_the_same(self) -> None:
        one, same, other = (condition("oven_heavy", grams=grams) for grams in ("1", "1", "2"))

        assert one == same
        assert hash(one) == hash(same)
        assert one != other

    def test_do_not_take_the_name_of_a_generic_one(self) -> None:
        rule = ApplicationRule("user_filter", "Mine", "Mine.", holds=lambda _facts, _arguments: True)
        oven = Catalog([Application("oven", "Oven", "Bakes.", rules=(rule,))])

        with pytest.raises(
            CatalogError, match="'oven' has a rule named 'user_filter', as 'generic' has already",
        ):
            RuleTypes([*GENERIC_RULES, *rule_types_of(oven)])


def test_every_rule_of_the_catalogue_can_be_asked() -> None:
    types = rule_types()
    for rule_type in types.by_name.values():
        arguments = {argument.name: argument.sample or "1" for argument in rule_type.arguments}
        types.condition(Rule.of(rule_type.name, arguments))


@pytest.mark.parametrize(("written", "stored"), [
    ("koji", "buildsys"), ("Koji, bodhi", "buildsys, bodhi"), ("BODHI,Release monitoring", "bodhi, anitya"),
    ("bodhi,git", "bodhi,git"), ("nobody knows", "nobody knows"),
])
def test_applications_may_be_called_by_their_names(written: str, stored: str) -> None:
    asked = Not(AnyOf((Rule("koji_tag"), Rule.of("application", {"application": written}))))

    found = rule_types().canonical(asked)

    assert found == Not(AnyOf((Rule("koji_tag"), Rule.of("application", {"application": stored}))))
    assert rule_types().canonical(found) == found
