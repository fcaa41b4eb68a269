"""Expressions as programs send and get them: as JSON, or as one line of text."""

from __future__ import annotations

from typing import Any

from fmn.catalog import catalog
from fmn.filters.budgets import cost_of, excess_of_filter
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression
from fmn.filters.expressions import Expression, MalformedExpressionError, expression_from_json, with_me
from fmn.matching.lint_findings import refusals
from fmn.matching.linter import lint
from fmn.text import sentence
from webapp.api.problems import ApiError, Error, invalid
from webapp.request import Request

PLACE = "/expression"


def read_expression(request: Request, sent: Any, nick: str = "") -> Expression:
    """The expression that was sent, with "me" for its owner ``nick``, by default the sender.

    Raises :class:`ApiError`.
    """
    try:
        found = (
            parse_expression(sent, request.services.rule_types) if isinstance(sent, str)
            else expression_from_json(sent))
    except (ExpressionSyntaxError, MalformedExpressionError) as error:
        raise invalid(sentence(str(error)), PLACE) from None
    return with_me(request.services.rule_types.canonical(found), nick or request.me.nick)


def read_draft(request: Request, sent: Any) -> Expression:
    """The same of a filter that is to be tried, and may cost that. Raises :class:`ApiError`."""
    expression = read_expression(request, sent)
    if over := excess_of_filter(cost_of(expression, request.services.rule_types)):
        raise invalid(over, PLACE)
    return expression


def read_filter(request: Request, sent: Any, nick: str = "") -> Expression:
    """The same of a filter that is to be saved, and can be. Raises :class:`ApiError`."""
    expression = read_expression(request, sent, nick)
    refused = refusals(lint(expression, request.services.rule_types, catalog()))
    if refused:
        raise ApiError(422, refused[0], [Error(place=PLACE, detail=each) for each in refused])
    return expression
