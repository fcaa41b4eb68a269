"""Filters before they're saved: what they would have let through, and what's wrong with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import Field

from fmn.catalog import catalog
from fmn.filters.expression_syntax import print_expression
from fmn.filters.expressions import expression_to_json
from fmn.matching.deadlines import Patience
from fmn.matching.lint_findings import Code, Gravity
from fmn.matching.lint_in_preference import advice
from fmn.matching.linter import lint
from fmn.matching.match_context import Knowledge
from fmn.matching.preview import DAYS, SHOWN, Window, preview
from webapp.api.expressions import read_draft, read_expression
from webapp.api.messages import Message
from webapp.api.models import Answer, AnsweredExpression, Context, RowId, Sent, SentExpression
from webapp.api.operations import Operation, operation
from webapp.api.problems import invalid
from webapp.filters.preview_lock import preview_turn
from webapp.identity import Permission
from webapp.owned import my_preference, my_zone
from webapp.request import Request


class Draft(Sent):
    """What a filter would ask, the days to look back, today included, and the messages to show."""

    expression: SentExpression
    days: Annotated[int, Field(ge=1, le=DAYS)] = DAYS
    messages: Annotated[int, Field(ge=0, le=100)] = SHOWN


class Day(Answer):
    """How many messages there were on a day of the account’s time zone."""

    date: date
    messages: int


class Preview(Answer):
    """What a filter would have let through between ``since`` and ``until``.

    ``average`` is messages a day, ``peak`` those of the day that had most. Unless it’s ``complete`` there was
    too much to look through at once, and it doesn’t go back as far as was asked.
    """

    total: int
    average: float
    peak: int
    since: datetime
    until: datetime
    complete: bool
    days: list[Day]
    newest: list[Message]


class Place(Sent):
    """What a filter would ask, and its place: a context, and the filter that it would replace.

    Without a filter it would come last; without a context it stands alone.
    """

    expression: SentExpression
    context: Context | None = None
    filter_id: RowId | None = None


class Finding(Answer):
    """One thing to know about a filter. One that has a finding to ``refuse`` can’t be saved."""

    severity: Gravity
    code: Code
    sentence: str


class Findings(Answer):
    """What’s wrong with a filter, the worst first, and the filter in both ways of writing it."""

    findings: list[Finding]
    expression: AnsweredExpression
    text: str


@operation("api_preview", "POST", Permission.READ, fails=(429, 503))
def preview_filter(request: Request, body: Draft) -> Preview:
    """Show what a filter would have let through lately, and how much that is a day. Changes nothing.

    There’s one preview of yours at a time: a new one ends an older one, which answers 429 then.
    """
    # First, because it may have to be fetched: a transaction that has begun isn't to wait for that.
    directory = request.services.directory.current()
    expression = read_draft(request, body.expression)
    knowledge = Knowledge(request.services.rule_types, catalog(), directory)
    window = Window(request.now, body.days, my_zone(request))
    with preview_turn(request) as nobody_waits:
        found = preview(
            request.reading, expression, request.me.nick, knowledge, window, shown=body.messages,
            seconds=request.services.settings.budget.preview_seconds, patience=Patience(nobody_waits))
    return Preview(
        total=found.total, average=round(found.average, 2), peak=found.peak, since=found.since,
        until=found.until, complete=found.complete,
        days=[Day(date=day.date, messages=day.messages) for day in found.days],
        newest=[Message.of(message, directory) for message in found.newest])


@operation("api_lint", "POST", Permission.READ, fails=(404, 429))
def lint_filter(request: Request, body: Place) -> Findings:
    """Say what’s wrong with a filter, alone or at its place among the others. Changes nothing.

    It takes turns with your previews.
    """
    with preview_turn(request):
        return _findings(request, body)


def _findings(request: Request, body: Place) -> Findings:
    rule_types, session = request.services.rule_types, request.reading
    expression = read_expression(request, body.expression)
    seen = request.services.completer.seen(session, request.now)
    if body.context is not None:
        preference = my_preference(request, session, body.context)
        found = advice(
            session, expression, rule_types, catalog(), seen, preference_id=preference.id,
            filter_id=body.filter_id)
    elif body.filter_id is not None:
        raise invalid("Say in which context the filter is.", "/context")
    else:
        found = lint(expression, rule_types, catalog(), seen=seen)
    return Findings(
        findings=[Finding(severity=each.severity, code=each.code, sentence=each.sentence) for each in found],
        expression=expression_to_json(expression), text=print_expression(expression, rule_types))


OPERATIONS: Final[tuple[Operation, ...]] = (preview_filter, lint_filter)
