"""Compiles stored expressions. One that can't be evaluated is its owner's mistake and theirs alone."""

from __future__ import annotations

import json
from typing import Final

import structlog

from fmn.filters.budgets import cost_of, excess_of_filter
from fmn.filters.expressions import expression_from_json
from fmn.filters.rule_types import RuleTypes
from fmn.matching.compiler import NEVER, Clause, compile_expression

log = structlog.get_logger()

#: Most expressions can't be over budget: those of so few characters don't have too many rules, and a regular
#: expression alone, with this word once, is as large as a filter may be at most, or can't be compiled.
SMALL: Final = 5_000
PATTERN: Final = "pattern"


def stored_clause(expression_id: int, body: str, rule_types: RuleTypes) -> Clause:
    """The clause of a stored body; one that never holds, with a line in the log, if it can't be evaluated."""
    try:
        return _compile(body, rule_types)
    except Exception as error:  # noqa: BLE001 - whatever it is, it's one person's mistake and theirs alone
        log.warning("filter can't be evaluated", expression_id=expression_id, reason=_reason(error))
        return NEVER


def compile_error(body: str, rule_types: RuleTypes) -> str:
    """Why an expression can't be evaluated, ``""`` if it can."""
    try:
        return _compile(body, rule_types).over
    except Exception as error:  # noqa: BLE001 - as above
        return _reason(error)


def _compile(body: str, rule_types: RuleTypes) -> Clause:
    expression = expression_from_json(json.loads(body))
    # It may have been saved before there were budgets. Counting ends where it's too much.
    may_be_over = len(body) > SMALL or body.count(f'"{PATTERN}"') > 1
    if may_be_over and (over := excess_of_filter(cost_of(expression))):
        return Clause(never=True, over=over)
    return compile_expression(expression, rule_types)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
