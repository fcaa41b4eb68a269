from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.expression_description import describe_expression, describe_rule
from fmn.filters.expression_syntax import parse_expression
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.presets import PRESETS
from fmn.filters.rule_types import rule_types
from fmn.text import one_line

TYPES = rule_types()


@pytest.mark.parametrize(("text", "words"), [
    ("user_filter(@me)", "Mentioning me"),
    ('user_filter("mary, @me,tom")', "Mentioning mary, me or tom"),
    ("user_package_filter(@me)", "About my packages"),
    ("member(@me) and not actor(@me)", "About groups that I’m in, but not done by me"),
    ("member(mary)", "About groups that mary is in"),
    ('group("infra, packager")', "About the group infra or packager"),
    ("group_maintains(infra) and koji_build_failed",
     "About packages of the group infra and “Build failed”"),
    ('group_maintains("infra, kde")', "About packages of the group infra or kde"),
    ("maintains(mary)", "About packages maintained by mary"),
    ('package_filter("php, rpms/ruby, c, d, e")', "About php, rpms/ruby, c or 2 more"),
    ('regex_filter("one, two")', "With text like one, two"),
    ("field(path=update.status, value=stable)", "With update.status = stable"),
    ("koji_tag", "“Build tagged”"),
    ('event("koji_tag, koji_untag")', "“Build tagged” or “Build untagged”"),
    ("bodhi_catchall and severity(warning)", "Anything from Bodhi and of severity warning or higher"),
    ("user_filter(@me) and not actor(@me)", "Mentioning me, but not done by me"),
    ("koji_tag or koji_untag or koji_rpm_sign",
     "“Build tagged”, “Build untagged” or “Package signed”"),
    ("maintains(@me) and (koji_tag or koji_untag)",
     "About packages that I maintain and (“Build tagged” or “Build untagged”)"),
    ("actor(@me) and not koji_tag and not koji_untag and not koji_rpm_sign and not one and not other",
     "Done by me, but not “Build tagged”, “Build untagged”, “Package signed” or 2 more"),
    ("not koji_tag", "Anything but “Build tagged”"),
    ("all(not koji_tag)", "Anything but “Build tagged”"),
    ("all()", "Nothing"),
    ("any()", "Nothing"),
])
def test_an_expression_is_a_line_that_its_owner_would_say(text: str, words: str) -> None:
    assert describe_expression(parse_expression(text, TYPES), TYPES) == words


@pytest.mark.parametrize(("rule", "words"), [
    (Rule("koji_tag"), "Build tagged"),
    (Rule.of("koji_instance", {"instance": "ppc,arm"}), "From one Koji instance (ppc or arm)"),
    (Rule.of("package_filter", {"package": "a,b,c,d,e"}), "About a, b, c, d or e"),
    # What can't be asked any more, or never could
    (Rule("gone_rule"), "gone_rule"),
    (Rule.of("gone_rule", {"of": "mary"}), "gone_rule (mary)"),
    (Rule("user_filter"), "Concerns a person"),
    (Rule.of("field", {"path": "a"}), "Has a field with a value (a)"),
    (Rule.of("event", {"event": "gone_event"}), "“gone_event”"),
    (Rule.of("user_filter", {"fasnick": " , "}), "Concerns a person"),
])
def test_a_rule_by_itself_is_told_in_full(rule: Rule, words: str) -> None:
    assert describe_rule(rule, TYPES) == words


def test_presets_are_told_in_a_line() -> None:
    for preset in PRESETS:
        assert len(describe_expression(preset.expression, TYPES)) < 300


rules = st.builds(
    Rule.of, st.sampled_from([*TYPES.by_name, "gone {0}"]),
    st.dictionaries(
        st.sampled_from(["fasnick", "package", "pattern", "event", "{x}"]), st.text() | st.just(ME),
        max_size=2))
anything = st.recursive(
    rules,
    lambda inner: st.one_of(
        st.builds(Not, inner), st.builds(All, st.tuples(inner, inner)), st.builds(AnyOf, st.tuples(inner))),
    max_leaves=8)


@given(anything)
def test_whatever_is_stored_has_words_on_one_line(expression: Expression) -> None:
    words = describe_expression(expression, TYPES)
    assert words
    assert words == one_line(words)
