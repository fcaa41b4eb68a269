from __future__ import annotations

from fmn.catalog import Package
from fmn.directory.snapshot import Directory
from fmn.filters.default_filters import DEFAULTS, default_filters
from fmn.filters.expressions import ME, All, Not, Rule, rules_in
from fmn.filters.rule_types import GENERIC_RULES, RuleType, RuleTypes, rule_types
from fmn.matching.compiler import compile_expression, index_keys_of
from fmn.matching.index.matching_index import Index
from fmn.matching.index.population import Population
from tests.factories.messages import make_facts, make_message

MINE = Rule.of("user_package_filter", {"fasnick": ME})
ME_NAMED = Rule.of("user_filter", {"fasnick": ME})


def types(*others: str) -> RuleTypes:
    """The generic rules, and others that take no arguments."""
    return RuleTypes([*GENERIC_RULES, *(
        RuleType(name, name, "", "oven", rule_types().by_name["git_catchall"].condition) for name in others)])


def test_a_new_user_has_fmn_2_s_filters_in_order() -> None:
    assert list(DEFAULTS) == [
        "Events on packages that I own", "Events referring to my username",
        "Critical taskotron tasks on my packages"]
    counts = [(len(wanted), len(unwanted)) for wanted, unwanted in DEFAULTS.values()]
    assert counts == [(1, 24), (1, 29), (3, 0)]


def test_what_the_catalogue_lacks_is_left_out() -> None:
    assert default_filters(types()) == {
        "Events on packages that I own": All((MINE, Not(ME_NAMED))),
        "Events referring to my username": All((ME_NAMED,)),
    }
    assert default_filters(types("git_catchall"))["Events referring to my username"] == All(
        (ME_NAMED, Not(Rule("git_catchall"))))


def test_a_filter_that_needs_an_application_comes_with_it() -> None:
    known = types("taskotron_release_critical_task", "taskotron_task_particular_or_changed_outcome")

    critical = default_filters(known)["Critical taskotron tasks on my packages"]
    assert [rule.name for rule in rules_in(critical)] == [
        "user_package_filter", "taskotron_release_critical_task",
        "taskotron_task_particular_or_changed_outcome"]


def test_default_filters_can_be_asked_and_cost_nobody_else_anything() -> None:
    for expression in default_filters(rule_types()).values():
        place = index_keys_of(compile_expression(expression, rule_types()))
        assert place.ties
        assert not place.keys


def test_somebody_named_on_a_package_of_theirs_hears_once() -> None:
    clauses = {
        number: compile_expression(expression, rule_types())
        for number, expression in enumerate(default_filters(rule_types()).values(), 1)
    }
    index = Index.of(1, Population.of([(1, "alice", ((("email",), tuple(clauses)),))]), clauses)
    directory = Directory(committers={"rpms": {"php": ("alice",)}})
    both = make_facts(make_message(), packages=[Package("", "php")], usernames=["alice"])

    assert [match.expression_id for match in index.match(both, directory)] == [2]
