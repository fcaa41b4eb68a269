"""The rules that FMN 2 had none of, and what's refused when a rule is saved."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.conditions import (
    ACTED,
    COMMITS_EXACTLY,
    WATCHES_EXACTLY,
    CheckCondition,
    CheckedMessage,
    KeyCondition,
    KeyKind,
)
from fmn.filters.expressions import ME, Not, Rule, with_me
from fmn.filters.rule_types import GENERIC_RULES, RuleError, rule_types
from tests.factories.messages import make_facts, make_message


def condition(name: str, **arguments: str) -> KeyCondition | CheckCondition:
    rule = Rule.of(name, arguments)
    rule_types().check(rule)
    return rule_types().condition(rule)[0]


def holds(name: str, body: Any, **arguments: str) -> bool:
    check = condition(name, **arguments)
    assert isinstance(check, CheckCondition)
    return check.holds(CheckedMessage(make_facts(make_message(body=body))))


def has(kind: KeyKind, *values: str) -> KeyCondition:
    return KeyCondition(frozenset((kind, value) for value in values))


class TestNewRules:
    def test_know_who_caused_a_message(self) -> None:
        assert condition("actor", fasnick=f"{ME}, bob") == KeyCondition(
            frozenset({(KeyKind.ACTOR, "bob")}), ACTED)
        assert condition("actor", fasnick="@forest") == has(KeyKind.ACTOR, "@forest")

    def test_make_what_somebody_did_themselves_everyones_filter(self) -> None:
        assert with_me(Not(Rule.of("actor", {"fasnick": "alice"})), "alice") == Not(
            Rule.of("actor", {"fasnick": ME}))

    def test_know_owners_by_namespace(self) -> None:
        assert condition("maintains", fasnick=ME) == KeyCondition(ties=COMMITS_EXACTLY)
        assert condition("watches", fasnick=ME) == KeyCondition(ties=WATCHES_EXACTLY)
        assert condition("maintains", fasnick="bob") == has(KeyKind.COMMITS_EXACTLY, "bob")

    def test_know_packages_of_groups(self) -> None:
        assert condition("group_maintains", group="infra-sig, kde") == has(
            KeyKind.GROUP_COMMITS, "infra-sig", "kde")

    def test_know_applications_and_event_types_by_name(self) -> None:
        assert condition("application", application="bodhi, git") == has(KeyKind.CATEGORY, "bodhi", "git")
        assert condition("event", event="koji_tag,koji_untag") == has(KeyKind.EVENT, "koji_tag", "koji_untag")

    @pytest.mark.parametrize(("asked", "levels"), [
        ("info", ["info", "warning", "error"]), (" Warning ", ["warning", "error"]), ("error", ["error"])])
    def test_ask_for_a_severity_or_worse(self, asked: str, levels: list[str]) -> None:
        assert condition("severity", severity=asked) == has(KeyKind.SEVERITY, *levels)

    @pytest.mark.parametrize(("path", "value", "found"), [
        ("update.karma", "3", True), ("update.karma", "3.0", False), ("update.critpath", "true", True),
        ("update.critpath", "True", False), ("update.title", "moss, fern", True),
        ("files.*", "moss.spec", True), ("files.*", "moss", False),
    ])
    def test_compare_any_field(self, path: str, value: str, found: bool) -> None:
        body = {"update": {"karma": 3, "critpath": True, "title": "fern"}, "files": {"moss.spec": {}}}

        assert holds("field", body, path=path, value=value) is found

    def test_search_any_field(self) -> None:
        body = {"builds": [{"nvr": "moss-1-1"}, {"nvr": "fern-2-1"}]}

        assert holds("field_regex", body, path="builds.*.nvr", pattern="^fern-")
        assert not holds("field_regex", body, path="builds.*.nvr", pattern="^2")

    @pytest.mark.parametrize("text", ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "(x+x+)+y", ".{200}b"])
    def test_search_without_ever_getting_stuck(self, text: str) -> None:
        assert not holds("field_regex", {"long": ["a" * 50_000 + "!"]}, path="long.*", pattern=text)


@pytest.mark.parametrize(("name", "arguments", "sentence"), [
    ("application", {"application": "bhodi"}, "there is no application 'bhodi'; did you mean bodhi?"),
    ("application", {"application": "Bodhi"}, "there is no application 'Bodhi'; did you mean bodhi?"),
    ("application", {"application": "bodhi, woodpecker"},
     ("there is no application 'woodpecker'; if the bus has it, "
      "topic_filter(*.woodpecker.*) asks for it")),
    ("event", {"event": "bodhi_update_coment"},
     "there is no event type 'bodhi_update_coment'; did you mean bodhi_update_comment?"),
    ("event", {"event": "???"}, "there is no event type '???'; fmn catalog list names them all"),
    ("severity", {"severity": "warn"}, "'warn' is no severity; did you mean warning?"),
    ("severity", {"severity": "loud"}, "'loud' is no severity: there are info, warning, error"),
    ("severity", {"severity": "debug"}, "every message is at least debug: leave the rule out"),
    ("user_filter", {"fasnick": "mary@example.org"},
     "'mary@example.org' is an address: write the account's name, as in mary"),
    ("actor", {"fasnick": "mary tom"},
     "'mary tom' can't be an account's name: several are separated by commas, as in mary, tom"),
    ("user_filter", {"fasnick": "@"},
     "'@' can't be an account's name: several are separated by commas, as in mary, tom"),
    ("package_filter", {"package": "python-*"},
     "'python-*' is a pattern: the rule package_regex_filter takes one, as in ^python-"),
    ("package_filter", {"package": "php ruby"},
     ("'php ruby' can't be a package's name: write php, or rpms/php for one namespace, "
      "and commas between several")),
    ("package_filter", {"package": "a/b/c"},
     ("'a/b/c' can't be a package's name: write php, or rpms/php for one namespace, "
      "and commas between several")),
    ("fas_group_member_filter", {"group": "@infra"},
     "'@infra' can't be a group's name: write it without a mark, as in packager, and commas between several"),
    ("field", {"path": "a..b", "value": "x"},
     "the path 'a..b' has an empty step: write the keys with single dots, as in update.user.name"),
    ("field", {"path": "a", "value": ","}, "the argument 'value' names nothing"),
    ("field", {"path": "a"}, "the rule field needs its argument 'value'"),
    ("field_regex", {"path": "a", "pattern": "("}, "the regular expression '(' can't be used: missing ): ("),
    ("koji_tagg", {}, "unknown rule 'koji_tagg'; did you mean koji_tag?"),
])
def test_what_means_nothing_is_refused_when_saved(
    name: str, arguments: dict[str, str], sentence: str,
) -> None:
    with pytest.raises(RuleError) as refused:
        rule_types().check(Rule.of(name, arguments))

    assert str(refused.value) == sentence


@pytest.mark.parametrize("rule", [
    Rule.of("user_filter", {"fasnick": "mary, build/host.example.org,dependabot[bot], m.ary-_7"}),
    Rule.of("package_filter", {"package": "php, rpms/libstdc++, modules/perl:5.36, R-BSgenome, 0ad"}),
    Rule.of("fas_group_member_filter", {"group": "rust-sig, Infra"}),
])
def test_names_as_they_are_in_use_are_fine(rule: Rule) -> None:
    rule_types().check(rule)


def test_what_was_saved_before_goes_on_meaning_what_it_meant() -> None:
    for name, argument in [("user_filter", "fasnick"), ("package_filter", "package"), ("event", "event")]:
        rule_types().condition(Rule.of(name, {argument: "what? ever*"}))


@given(st.sampled_from(sorted(rule.name for rule in rule_types().by_name.values() if rule.arguments)),
       st.lists(st.text(), min_size=2, max_size=2))
def test_nothing_else_is_raised_whatever_was_typed(name: str, typed: list[str]) -> None:
    names = [argument.name for argument in rule_types().by_name[name].arguments]
    with contextlib.suppress(RuleError):
        rule_types().check(Rule.of(name, dict(zip(names, typed, strict=False))))


def test_samples_are_what_one_can_ask_for() -> None:
    for rule_type in (*GENERIC_RULES, *(rule_types().by_name[name] for name in ("application", "event"))):
        rule_types().check(Rule.of(
            rule_type.name, {argument.name: argument.sample for argument in rule_type.arguments}))
