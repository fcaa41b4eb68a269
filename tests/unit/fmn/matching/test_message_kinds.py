from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.catalog import Facts
from fmn.catalog.registry import UNKNOWN
from fmn.directory.snapshot import Directory
from fmn.filters.expression_syntax import parse_expression
from fmn.filters.expressions import Expression
from fmn.matching.compiler import compile_expression
from fmn.matching.message_kinds import MessageKind, kinds_of
from fmn.matching.normal_form import normal_form
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import (
    CATALOG,
    NICKS,
    RULE_TYPES,
    directories,
    expressions,
    messages,
    ties_of,
    view_of,
)

KINDS = kinds_of(CATALOG).also(["elsewhere"])
UNREAD = UNKNOWN.fallback.name


def others(category: str, *severities: str) -> set[tuple[str, str]]:
    """Kinds of an application's messages that no event type matches, of other severities than most."""
    return {(category, f"{category}_any_{severity}") for severity in severities}


def left_by(text: str) -> set[tuple[str, str]]:
    left = KINDS.left_by(normal_form(parse_expression(text, RULE_TYPES), RULE_TYPES))
    return {
        (kind.category, kind.event) for number, kind in enumerate(KINDS.numbered) if left >> number & 1}


@pytest.mark.parametrize(("text", "left"), [
    ("oven_cake_done", {("oven", "oven_cake_done")}),
    ("shop_catchall", {
        ("shop", "shop_cake_sold"), ("shop", "shop_any"), ("shop", UNREAD),
        *others("shop", "debug", "warning", "error")}),
    ("oven_catchall and severity(error)", {("oven", "oven_cake_burnt"), *others("oven", "error")}),
    ("shop_catchall and severity(info)",
     {("shop", "shop_any"), ("shop", UNREAD), *others("shop", "warning", "error")}),
    ("oven_says(ready) and not (oven_cake_done or oven_cake_burnt)",
     {("oven", "oven_any"), ("oven", UNREAD), *others("oven", "debug", "warning", "error")}),
    ("application(elsewhere)", {("elsewhere", event.name) for event in UNKNOWN.fallbacks.values()}),
    ("application(elsewhere) and severity(error)", {("elsewhere", f"{UNREAD}_error")}),
    ("oven_cake_done and user_filter(@me)", {("oven", "oven_cake_done")}),
    ("oven_cake_done and shop_cake_sold", set()),
    ("oven_finished and not oven_says(ready)", {("oven", "oven_cake_done"), ("oven", "oven_cake_burnt")}),
])
def test_rules_leave_kinds_of_messages_over(text: str, left: set[tuple[str, str]]) -> None:
    assert left_by(text) == left


@settings(max_examples=scaled(500))
@given(expressions(), messages(), directories(), st.sampled_from(NICKS))
def test_what_a_filter_lets_through_is_of_a_kind_that_its_rules_leave(
    expression: Expression, facts: Facts, directory: Directory, nick: str,
) -> None:
    view, ties = view_of(facts, directory), ties_of(facts, directory, nick)
    if compile_expression(expression, RULE_TYPES).holds(view, ties):
        kind = MessageKind(facts.event.name, facts.message.category, str(facts.event.severity))
        left = KINDS.left_by(normal_form(expression, RULE_TYPES))
        assert left >> KINDS.numbered.index(kind) & 1
