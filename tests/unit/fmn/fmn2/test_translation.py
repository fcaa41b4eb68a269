from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import catalog
from fmn.filters.expressions import ME, All, Not, Rule
from fmn.filters.rule_types import rule_types
from fmn.fmn2.database import OldFilter, OldPreference, OldRule
from fmn.fmn2.translation import (
    FilterTranslator,
    RuleNotTranslatedError,
    TranslatedFilter,
    arguments_in,
    frequency_of,
    name_of,
    presentation_of,
)
from fmn.people.preferences import Frequency, Presentation

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
        st.text(), inner), max_leaves=5)


def translated(*rules: OldRule, name: str = "Mine", active: bool = True) -> TranslatedFilter:
    translator = FilterTranslator(rule_types(), catalog())
    return translator.filter(OldFilter(name, rules, active), 1, "mary")


def rule(name: str, negated: bool = False, **arguments: str) -> OldRule:
    return OldRule(f"fmn.rules:{name}", json.dumps(arguments), negated)


def preference(context: str = "email", **values: Any) -> OldPreference:
    usual = {"enabled": True, "batch_delta": None, "batch_count": None, "markup_messages": False,
             "triggered_by_links": True, "shorten_links": False, "verbose": True, "addresses": (),
             "filters": ()}
    return OldPreference(context, **{**usual, **values})


def test_a_filter_is_all_of_its_rules_and_its_owner_is_me() -> None:
    found = translated(rule("user_filter", fasnick="mary"), rule("koji_tag", negated=True))
    assert found.expression == All((Rule.of("user_filter", {"fasnick": ME}), Not(Rule("koji_tag"))))
    assert (found.enabled, found.problems) == (True, [])


def test_a_filter_that_was_off_stays_off() -> None:
    assert not translated(rule("bodhi_update_comment"), active=False).enabled


@pytest.mark.parametrize(("old", "reason"), [
    (rule("bodhi_update_coment"), "Unknown rule 'bodhi_update_coment'; did you mean"),
    (OldRule("ours.rules:user_filter", "{}"), "“ours.rules:user_filter” is no rule of FMN 2's own."),
    (OldRule("os", "{}"), "“os” is no rule of FMN 2's own."),
    (OldRule("fmn.rules:user_filter", '{"fasnick": "ma'), "The arguments of user_filter can't be read: “{"),
    (OldRule("fmn.rules:user_filter", '{"fasnick": ["mary"]}'), "The arguments of user_filter aren't texts"),
    (OldRule("fmn.rules:user_filter", "[]"), "The arguments of user_filter aren't texts by name: “[]”."),
    (OldRule("fmn.rules:user_filter", None), "The rule user_filter needs its argument 'fasnick'."),
    (rule("koji_tag", tag="f30"), "The rule koji_tag takes no argument 'tag'."),
    # What Python's regular expressions knew, and RE2 doesn't, or takes otherwise
    (rule("package_regex_filter", pattern="^(?!python)"), "The regular expression '^(?!python)' can't be"),
    (rule("package_regex_filter", pattern="a{,3}b"), "“{,3}” in the regular expression of package_re"),
    (rule("regex_filter", pattern="beefy(?i)"), "“(?i)” in the regular expression of regex_filter means"),
    # What FMN 2 took for one name, and we'd take for several, or for whoever has the filter
    (rule("package_filter", package="php, perl"), "Package_filter asked for “php, perl” as one name"),
    (rule("user_filter", fasnick=" ralph"), "User_filter asked for “ralph” as one name"),
    (rule("user_filter", fasnick="@me"), "User_filter asked for “@me” as one name"),
    # What would let the whole bus through
    (rule("not_user_filter", fasnick="bodhi"), "This filter only excludes messages"),
])
def test_a_filter_that_cannot_be_the_same_is_off_and_says_why(old: OldRule, reason: str) -> None:
    found = translated(*([old] if "not_user" in old.code_path else [rule("koji_tag"), old]))
    assert not found.enabled
    [problem] = found.problems
    assert problem.startswith(reason)


def test_a_filter_keeps_what_could_be_brought_over_beside_what_could_not() -> None:
    found = translated(rule("koji_tag"), rule("gone_rule", negated=True))
    assert found.expression == All((Rule("koji_tag"), Not(Rule("gone_rule"))))


def test_lists_that_fmn_2_took_for_lists_stay_lists() -> None:
    found = translated(rule("koji_tag"), rule("not_user_filter", fasnick="mary, bodhi"))
    assert found.enabled
    assert found.expression == All((Rule("koji_tag"), Rule.of("not_user_filter", {"fasnick": "@me,bodhi"})))


def test_a_filter_without_rules_hears_nothing_as_before() -> None:
    assert translated().expression == All(())


@given(st.text() | JSON.map(json.dumps))
def test_any_arguments_are_read_as_they_are_or_refused(text: str) -> None:
    try:
        found = arguments_in(text, "user_filter")
    except RuleNotTranslatedError:
        return
    assert not text or found == json.loads(text)
    assert all(isinstance(value, str) for value in found.values())


@given(st.text())
def test_any_code_path_gets_a_filter_that_can_be_kept(code_path: str) -> None:
    found = translated(OldRule(code_path, "{}"))
    known = code_path.removeprefix("fmn.rules:") in rule_types().by_name
    assert known or not found.enabled


@given(st.text())
def test_every_filter_has_a_name_that_can_be_shown(name: str) -> None:
    found = name_of(name, 7)
    assert found.isprintable()
    assert 0 < len(found) <= 200
    assert name.strip() or found == "Filter 7"


@given(st.none() | st.integers(), st.none() | st.integers())
def test_any_frequency_can_be_kept(count: int | None, seconds: int | None) -> None:
    found, said = frequency_of(preference(batch_count=count, batch_delta=seconds))
    assert found.normalized() == found
    if not said and (found.digest_count, found.digest_seconds) != (count, seconds):
        assert found == Frequency()
        assert (count is not None and count <= 1) or (seconds is not None and seconds <= 0)


def test_says_where_the_frequency_is_another() -> None:
    assert frequency_of(preference(batch_count=5_000, batch_delta=30)) == (
        Frequency(digest_count=1_000, digest_seconds=60),
        ("a digest came after 5000 messages or after 30 seconds; now it comes after 1000 messages or after "
         "60 seconds"))


def test_markup_was_about_irc() -> None:
    assert presentation_of(preference(shorten_links=True), Presentation()) == Presentation(short_links=True)
    assert presentation_of(preference("irc", verbose=False), Presentation()) == Presentation(
        long_text=False, markup=False)
