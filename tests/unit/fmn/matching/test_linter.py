"""What the linter says, and that it's true."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.naive_matcher import NaiveEvaluator
from fmn.catalog import Facts, catalog
from fmn.directory.snapshot import Directory
from fmn.filters.default_filters import default_filters
from fmn.filters.expression_syntax import parse_expression
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import rule_types
from fmn.matching.compiler import MessageEvaluation, compile_expression
from fmn.matching.contradictions import contradiction
from fmn.matching.lint_findings import LintCode, LintFinding, LintSeverity, refusals
from fmn.matching.linter import MAX_RULES, lint
from fmn.matching.matches_everything import ABOUT_NOTHING
from fmn.matching.message_kinds import kinds_of
from fmn.matching.normal_form import Conjunction, Disjunction, Literal, NormalForm, normal_form
from fmn.matching.recent_traffic import RecentTraffic
from fmn.matching.redundant_rules import redundancies
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import (
    CATALOG,
    NICKS,
    RULE_TYPES,
    directories,
    expressions,
    messages,
    rules,
    ties_of,
    view_of,
)


def found(text: str, **more: object) -> list[tuple[LintCode, str]]:
    """What's found in a filter as people type it."""
    findings = lint(parse_expression(text, rule_types()), rule_types(), catalog(), **more)  # type: ignore[arg-type]
    return [(finding.code, finding.sentence) for finding in findings]


def codes(text: str, **more: object) -> list[LintCode]:
    return [code for code, _ in found(text, **more)]


@pytest.mark.parametrize("text", [
    "user_package_filter(@me)",
    "maintains(@me) and not actor(@me)",
    "user_filter(@me) and not (koji_tag or koji_untag)",
    "application(bodhi) and severity(warning)",
    "package_filter(kernel) or package_filter(php)",
    'bodhi_update_comment and package_regex_filter("^python-")',
    "koji_instance(arm)",
    "not not maintains(@me)",
    "not not_user_filter(@me)",
    "application(bodhi) and not bodhi_update_comment",
    "severity(error)",
])
def test_a_sensible_filter_gives_no_reason_to_speak(text: str) -> None:
    assert found(text) == []


def test_the_default_filters_can_be_saved() -> None:
    for expression in default_filters(rule_types()).values():
        assert refusals(lint(expression, rule_types(), catalog())) == []


@pytest.mark.parametrize(("text", "sentence"), [
    ("all()", "A filter or group without rules never matches. Add a rule."),
    ("koji_tag and any()",
     "A filter or group without rules never matches. Add a rule."),
    ("user_filter(@me) and not user_filter(@me)",
     "“Mentioning me” is both required and excluded, so the filter never matches."),
    ("user_filter(@me) and not_user_filter(@me)",
     "“Mentioning me” is both required and excluded, so the filter never matches."),
    ("regex_filter(x) and maintains(@me) and not regex_filter(x)",
     "“With text like x” is both required and excluded, so the filter never matches."),
    ("maintains(@me) and not user_package_commit_filter(@me)",
     ("“About packages that I maintain” and "
      "not “About packages that I maintain, in any namespace” exclude everything, "
      "so the filter never matches.")),
    ("package_filter(rpms/php) and not package_filter(php)",
     "“About rpms/php” and not “About php” exclude everything, so the filter never matches."),
    ('package_filter("php, ruby") and not package_filter(php) and not package_filter(ruby)',
     ("No message can match all of “About php or ruby”, not “About php” and "
      "not “About ruby”.")),
    ("application(bodhi) and application(git)",
     "No message can match both “From bodhi” and “From git”."),
    ("koji_tag and koji_untag", "No message can match both “Build tagged” and “Build untagged”."),
    ("koji_tag and bodhi_catchall", "No message can match both “Build tagged” and “Anything from Bodhi”."),
    ("koji_tag and severity(error)",
     "No message can match both “Build tagged” and “Of severity error or higher”."),
    ("application(bodhi) and koji_instance(arm)",
     "No message can match both “From bodhi” and “From one Koji instance (arm)”."),
    ("actor(alice) and actor(bob)",
     "No message can match both “Done by alice” and “Done by bob”."),
    ("koji_tag and (bodhi_catchall or git_catchall)",
     "No message can match both “Build tagged” and “Anything from Bodhi”."),
])
def test_what_can_never_hold_is_refused(text: str, sentence: str) -> None:
    assert found(text) == [(LintCode.NEVER, sentence)]


@pytest.mark.parametrize(("text", "sentence"), [
    ("not koji_tag", (
        "This filter only excludes messages (not “Build tagged”) and matches every other one. "
        "Add a rule that says what you want.")),
    ("not_user_filter(@me) and not application(bodhi)", (
        "This filter only excludes messages (“Not mentioning me” and "
        "not “From bodhi”) and matches every other one. Add a rule that says what you want.")),
    ("regex_filter(.*)", (
        "“With text like .*” matches every message. Add a rule that narrows the filter.")),
    ('topic_filter("*") and not koji_tag', (
        "“With a topic like *” matches every message. Add a rule that narrows the filter.")),
    ("topic_filter(*.*) and regex_filter(.)", (
        "“With a topic like *.*” and “With text like .” match every message. "
        "Add a rule that narrows the filter.")),
    ("maintains(@me) or not koji_tag", (
        "The alternative not “Build tagged” matches every other message. "
        "Add a rule to it that says what you want.")),
    ("maintains(@me) or topic_filter(*)", (
        "“With a topic like *” matches every message. Add a rule that narrows the filter.")),
])
def test_what_lets_the_whole_bus_through_is_refused(text: str, sentence: str) -> None:
    assert found(text) == [(LintCode.EVERYTHING, sentence)]


def test_everything_that_cannot_be_asked_is_told_at_once() -> None:
    findings = lint(All((
        Rule("koji_tagg"), Rule.of("application", {"application": "bhodi"}), Rule("koji_tagg"))),
        rule_types(), catalog())

    assert findings == [
        LintFinding(
            LintSeverity.REFUSE, LintCode.UNUSABLE, "Unknown rule 'koji_tagg'; did you mean koji_tag?"),
        LintFinding(
            LintSeverity.REFUSE, LintCode.UNUSABLE, "There is no application 'bhodi'; did you mean bodhi?"),
    ]


def test_more_rules_than_anybody_can_oversee_are_refused() -> None:
    rules = [Rule.of("package_filter", {"package": f"p{number}"}) for number in range(MAX_RULES + 1)]

    assert lint(AnyOf(tuple(rules[:-1])), rule_types(), catalog()) == []
    assert refusals(lint(AnyOf(tuple(rules)), rule_types(), catalog())) == [
        "It has 501 rules, and 500 is the most: one rule takes several names, separated by commas."]


def test_more_than_a_filter_may_cost_is_refused() -> None:
    patterns = tuple(
        Rule.of("regex_filter", {"pattern": f"((a?){{30}}){{30}}a{{30}}#{number}"}) for number in range(6))

    (finding,) = lint(AnyOf(patterns), rule_types(), catalog())

    assert (finding.severity, finding.code) == (LintSeverity.REFUSE, LintCode.TOO_LONG)
    assert re.match(
        r"It has 1[01],\d{3} instructions of regular expressions, and 10,000 is the most:", finding.sentence)


def test_what_takes_too_long_to_be_tried_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fmn.matching.linter.SAMPLE_CPU_SECONDS", -1.0)

    assert refusals(lint(Rule.of("regex_filter", {"pattern": "."}), rule_types(), catalog())) == [
        "The regular expressions take too long. Simplify them, or name packages and applications instead."]
    assert lint(Rule("koji_tag"), rule_types(), catalog()) == []


def test_what_is_slow_is_told_and_how_much_of_the_budget_it_uses() -> None:
    slow = [Rule.of("package_regex_filter", {"pattern": f"((a?){{30}}){{30}}a{{30}}#{number}"})
            for number in range(3)]

    told = [each.sentence for each in lint(All((Rule("koji_tag"), *slow)), rule_types(), catalog())
            if each.code is LintCode.COSTLY]

    assert len(told) == 4
    assert re.fullmatch(
        "“About packages like .*” is slow: its regular expression compiles to 1,8[0-9]{2} "
        "instructions. Narrow it if you can.", told[0])
    assert re.fullmatch("The regular expressions use 5[0-9] % of the limit for a filter.", told[-1])


@pytest.mark.parametrize(("text", "beginning"), [
    ('regex_filter("[a-z]+[0-9]")', "“With text like [a-z]+[0-9]” is slow, because FMN has to try it with "),
    ("not_user_filter(mary) and (regex_filter(.b) or field(path=a, value=b))",
     "“With text like .b” and “With a = b” are slow, because FMN has to try them with every message. Add "),
    ("topic_filter(*.fedoraproject.*)", "This filter is slow, because FMN has to check nearly every message"),
])
def test_a_slow_filter_is_told_what_to_do(text: str, beginning: str) -> None:
    ((code, told),) = found(text)

    assert code is LintCode.COSTLY
    assert told.startswith(beginning)


@pytest.mark.parametrize("text", [
    "regex_filter(kernel)", "topic_filter(*.bodhi.*)", "application(bodhi) and regex_filter(.b)",
    'package_filter(php) or package_regex_filter("^php")', "field(path=a, value=moss)",
])
def test_patterns_that_name_a_text_are_not_slow(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("text", [
    'regex_filter("[a-z]+[0-9]")', "field(path=a, value=b)", "topic_filter(*b*)", "severity(info)",
    'package_filter(php) or package_regex_filter("^p")',
])
def test_what_costs_much_is_warned_of(text: str) -> None:
    assert codes(text) == [LintCode.COSTLY]


SEEN = RecentTraffic(
    frozenset({("bodhi", "bodhi_update_comment"), ("git", "git_receive")}),
    frozenset({"org.fedoraproject.prod.bodhi.update.comment", "org.fedoraproject.prod.git.receive"}),
    days=14)


class TestWhatHearsNothing:
    @pytest.mark.parametrize(("text", "sentence"), [
        ("taskotron_result_new and maintains(@me)",
         "“New result of a task” never matches any more: the application is retired."),
        ("application(trac)",
         "“From trac” never matches any more: the application is retired."),
    ])
    def test_because_the_service_is_retired(self, text: str, sentence: str) -> None:
        code, told = found(text)[0]

        assert code is LintCode.RETIRED
        assert told.endswith(sentence.partition("”")[2])

    @pytest.mark.parametrize("text", [
        "koji_tag", "application(buildsys)", "bodhi_update_comment or koji_tag",
        "application(bodhi) and severity(error)", "application(git) and topic_filter(*.copr.*)"])
    def test_because_there_was_none_lately(self, text: str) -> None:
        assert codes(text) == []
        assert codes(text, seen=SEEN) in ([LintCode.UNSEEN], [])

    def test_is_told_with_the_time(self) -> None:
        assert found("koji_tag", seen=SEEN) == [
            (LintCode.UNSEEN, "“Build tagged” had no matches in the last 14 days.")]
        assert codes('event("koji_tag, git_receive")', seen=SEEN) == []

    def test_by_its_topic(self) -> None:
        assert codes("application(git) and topic_filter(*.git.receive)", seen=SEEN) == []
        assert codes("application(git) and topic_filter(*.git.branch)", seen=SEEN) == [LintCode.UNSEEN]

    def test_is_not_told_where_event_types_were_not_noted(self) -> None:
        untold = RecentTraffic(frozenset(), SEEN.topics, frozenset({"buildsys"}), days=14)

        assert codes("koji_tag", seen=untold) == []
        assert codes("git_receive", seen=untold) == [LintCode.UNSEEN]

    def test_is_not_told_of_a_bus_that_was_just_connected(self) -> None:
        assert codes("koji_tag", seen=RecentTraffic()) == []


@pytest.mark.parametrize(("text", "sentence"), [
    ("application(bodhi) and not koji_tag", (
        "Not “Build tagged” has no effect: “From bodhi” already covers it.")),
    ("(application(bodhi) or application(git)) and not koji_tag", (
        "Not “Build tagged” has no effect: no message that matches the other rules matches it.")),
    ("maintains(@me) and not koji_catchall and not koji_tag",
     "Not “Build tagged” has no effect: not “Anything from Koji” already covers it."),
    ("application(bodhi) and not koji_instance(arm)", (
        "Not “From one Koji instance (arm)” has no effect: "
        "“From bodhi” already covers it.")),
    ("koji_tag and application(buildsys)", (
        "“From buildsys” has no effect: “Build tagged” already covers it.")),
    ("(koji_tag or koji_untag) and application(buildsys)", (
        "“From buildsys” has no effect: "
        "every message that matches the other rules matches it too.")),
    ("user_package_filter(@me) and user_package_commit_filter(@me)", (
        "“About my packages” has no effect: "
        "“About packages that I maintain, in any namespace” already covers it.")),
    ("koji_tag or koji_catchall", (
        "“Build tagged” has no effect: “Anything from Koji” already covers it.")),
    ("maintains(@me) and maintains(@me)", (
        "“About packages that I maintain” has no effect: "
        "the filter has it twice.")),
])
def test_what_changes_nothing_is_told(text: str, sentence: str) -> None:
    told = [finding for code, finding in found(text) if code is LintCode.REDUNDANT]

    assert told == [sentence]


@pytest.mark.parametrize(("earlier", "text", "shadowed"), [
    ("maintains(@me)", "maintains(@me)", True),
    ("maintains(@me)", "maintains(@me) and not actor(@me)", True),
    ("not actor(@me) and maintains(@me)", "maintains(@me) and not actor(@me) and not koji_tag", True),
    ("koji_tag or maintains(@me)", "maintains(@me) or koji_tag", True),
    ("maintains(@me) and not actor(@me)", "maintains(@me)", False),
    ("maintains(@me)", "watches(@me)", False),
    ("all()", "maintains(@me)", False),
])
def test_a_filter_that_never_gets_its_turn_is_warned_of(earlier: str, text: str, shadowed: bool) -> None:
    before = [("Others", parse_expression("git_receive", rule_types())),
              ("Mine", parse_expression(earlier, rule_types()))]

    assert (LintCode.SHADOWED in codes(text, earlier=before)) is shadowed
    if shadowed:
        assert found(text, earlier=before)[0][1] == (
            "The filter “Mine” comes first and already matches everything this one matches. "
            "Move this filter up, or delete it.")


@settings(max_examples=scaled(600))
@given(expressions(), messages(), directories(), st.sampled_from(NICKS))
def test_what_is_refused_as_never_holds_for_no_message(
    expression: Expression, facts: Facts, directory: Directory, nick: str,
) -> None:
    kinds = kinds_of(CATALOG).also(["elsewhere"])
    if contradiction(normal_form(expression, RULE_TYPES), kinds) is not None:
        assert not NaiveEvaluator({}, directory, CATALOG).holds(expression, facts, nick)


@settings(max_examples=scaled(300))
@given(expressions())
def test_what_is_not_refused_keeps_out_some_message_that_concerns_nobody(expression: Expression) -> None:
    findings = lint(expression, RULE_TYPES, CATALOG)
    if not refusals(findings):
        naive = NaiveEvaluator({}, Directory(), CATALOG)
        nothing = CATALOG.facts(ABOUT_NOTHING)
        samples = [nothing, *(CATALOG.facts(event.example_message()) for event in CATALOG.event_types())]
        assert not all(naive.holds(expression, facts, "alice") for facts in samples)


def without(part: NormalForm, literal: Literal) -> NormalForm:
    """The normal form without a literal, once."""
    match part:
        case Literal():
            return Conjunction(()) if part is literal else part
        case Conjunction(parts):
            return Conjunction(tuple(without(each, literal) for each in parts))
        case Disjunction(parts):
            return Disjunction(tuple(each for each in parts if each is not literal))


def holds(part: NormalForm, view: MessageEvaluation, ties: int) -> bool:
    match part:
        case Conjunction(parts):
            return all(holds(each, view, ties) for each in parts)
        case Disjunction(parts):
            return any(holds(each, view, ties) for each in parts)
        case Literal(rule=rule, negated=negated):
            clause = compile_expression(Not(rule) if negated else rule, RULE_TYPES)
            return clause.holds(view, ties)


def joined() -> st.SearchStrategy[Expression]:
    """A handful of rules side by side, some of which will often say what others do."""
    parts = st.lists(st.one_of(rules(), rules().map(Not), expressions()), min_size=2, max_size=6).map(tuple)
    return st.one_of(parts.map(All), parts.map(AnyOf))


@settings(max_examples=scaled(1000))
@given(joined(), messages(), directories(), st.sampled_from(NICKS))
def test_without_what_changes_nothing_a_filter_lets_the_same_through(
    expression: Expression, facts: Facts, directory: Directory, nick: str,
) -> None:
    normal = normal_form(expression, RULE_TYPES)
    left = normal
    for literal, _ in redundancies(normal, kinds_of(CATALOG).also(["elsewhere"])):
        left = without(left, literal)

    view, ties = view_of(facts, directory), ties_of(facts, directory, nick)
    assert holds(normal, view, ties) == holds(left, view, ties)
