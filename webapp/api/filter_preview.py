"""Filters before they're saved: what they would have let through, and what's wrong with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import Field

from fmn.catalog import Severity, catalog
from fmn.filters.expression_syntax import print_expression
from fmn.filters.expressions import expression_to_json
from fmn.matching.deadlines import Deadline
from fmn.matching.lint_findings import LintCode, LintSeverity, refusals
from fmn.matching.lint_in_preference import lint_in_preference
from fmn.matching.linter import lint
from fmn.matching.match_context import MatchContext
from fmn.matching.preview import DAYS, SHOWN, DayRange, preview
from fmn.matching.unknown_names import unknown_names
from webapp.api.expressions import read_draft, read_expression
from webapp.api.messages import Message
from webapp.api.models import AnsweredExpression, Context, RequestModel, ResponseModel, RowId, SentExpression
from webapp.api.operations import Operation, operation
from webapp.api.problems import invalid
from webapp.directory_or_none import directory_or_none
from webapp.filters.preview_lock import preview_lock
from webapp.identity import Permission
from webapp.owned import current_user_zone, owned_preference
from webapp.request import Request


class Draft(RequestModel):
    """The filter’s expression, the days to look back including today, and the number of messages to show."""

    expression: SentExpression
    days: Annotated[int, Field(ge=1, le=DAYS)] = DAYS
    messages: Annotated[int, Field(ge=0, le=100)] = SHOWN


class Day(ResponseModel):
    """Number of messages on a day in the account’s time zone, also by severity."""

    date: date
    messages: int
    by_severity: dict[Severity, int]


class Preview(ResponseModel):
    """The messages that would have matched between ``since`` and ``until``.

    ``average`` is messages per day, estimated from ``history_days`` days of messages. ``peak`` is the count
    of the busiest day. ``complete`` is false if the search stopped early because there was too much to read;
    then ``since`` is later than requested.
    """

    total: int
    by_severity: dict[Severity, int]
    average: float
    history_days: float
    peak: int
    since: datetime
    until: datetime
    complete: bool
    days: list[Day]
    newest: list[Message]


class Place(RequestModel):
    """The filter’s expression and its place: a context, and the filter that it replaces.

    Without a filter, the new filter comes last. Without a context, it’s checked alone.
    """

    expression: SentExpression
    context: Context | None = None
    filter_id: RowId | None = None


class Finding(ResponseModel):
    """A finding about a filter. A filter with a finding of severity ``refuse`` can’t be saved."""

    severity: LintSeverity
    code: LintCode
    sentence: str


class Findings(ResponseModel):
    """The findings about a filter, worst first, and its expression in both forms."""

    findings: list[Finding]
    expression: AnsweredExpression
    text: str


@operation("api_preview", "POST", Permission.READ, fails=(429, 503))
def preview_filter(request: Request, body: Draft) -> Preview:
    """Preview a filter: recent messages that match, and how many a day. Changes nothing.

    Each account has one preview at a time: a new preview ends an older one, which is answered with 429.
    """
    # First, because it may have to be fetched: a transaction that has begun isn't to wait for that.
    directory = request.services.directory.current()
    expression = read_draft(request, body.expression)
    match_context = MatchContext(request.services.rule_types, catalog(), directory)
    window = DayRange(request.now, body.days, current_user_zone(request))
    with preview_lock(request) as is_abandoned:
        found = preview(
            request.read_session, expression, request.me.nick, match_context, window, shown=body.messages,
            seconds=request.services.settings.budget.preview_seconds, deadline=Deadline(is_abandoned))
    return Preview(
        total=found.total, by_severity=dict(found.by_severity), average=round(found.average, 2),
        history_days=round(found.history_days, 2), peak=found.peak, since=found.since,
        until=found.until, complete=found.complete,
        days=[Day(date=each.date, messages=each.messages, by_severity=dict(each.by_severity))
              for each in found.days],
        newest=[Message.of(message, directory) for message in found.newest])


@operation("api_lint", "POST", Permission.READ, fails=(404, 429))
def lint_filter(request: Request, body: Place) -> Findings:
    """Check a filter, alone or at its place among the others. Changes nothing.

    Shares the account’s limit of one preview at a time.
    """
    with preview_lock(request):
        return _findings(request, body)


def _findings(request: Request, body: Place) -> Findings:
    rule_types, session = request.services.rule_types, request.read_session
    expression = read_expression(request, body.expression)
    seen = request.services.completer.seen(session, request.now)
    if body.context is not None:
        preference = owned_preference(request, session, body.context)
        found = lint_in_preference(
            session, expression, rule_types, catalog(), seen, preference_id=preference.id,
            filter_id=body.filter_id)
    elif body.filter_id is not None:
        raise invalid("Give the context of the filter.", "/context")
    else:
        found = lint(expression, rule_types, catalog(), seen=seen)
    if not refusals(found) and (directory := directory_or_none(request.services)):
        known = request.services.completer.lookup(session, directory, request.now)
        found = [*found, *unknown_names(expression, known)]
    return Findings(
        findings=[Finding(severity=each.severity, code=each.code, sentence=each.sentence) for each in found],
        expression=expression_to_json(expression), text=print_expression(expression, rule_types))


OPERATIONS: Final[tuple[Operation, ...]] = (preview_filter, lint_filter)
