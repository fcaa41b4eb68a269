"""The administrators' page that follows one message to every delivery. Each look is in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pyramid.config import Configurator
from sqlalchemy import select

from fmn.administration.message_trace import MessageTracer, TraceScope, log_trace
from fmn.catalog import catalog
from fmn.infra.clock import utc_now
from fmn.matching.deadlines import EXPLANATION_CPU_SECONDS, CpuTimeLimit
from fmn.people.models import User
from webapp.directory_or_none import directory_or_none
from webapp.forms import parse_whole_number
from webapp.identity import Permission
from webapp.message_lookup import MAX_QUERY_LENGTH, find_messages
from webapp.request import Request


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        trace, route_name="admin_trace", request_method="GET", renderer="admin_trace.mako",
        permission=Permission.ADMINISTER)


def trace(request: Request) -> Mapping[str, object]:
    """Trace the message that ``q`` names, for everybody or for the one person that ``user`` names."""
    wanted, nick = request.GET.get("q", "").strip(), request.GET.get("user", "").strip()
    page: dict[str, object] = {
        "wanted": wanted[:MAX_QUERY_LENGTH], "nick": nick, "unknown_nick": False, "traces": [],
        "days": request.services.settings.history.days, "next": None}
    if not wanted:
        return page
    directory = directory_or_none(request.services)
    found = find_messages(request, wanted)
    user_id = request.read_session.scalar(select(User.id).where(User.nick == nick)) if nick else None
    if nick and user_id is None:
        return {**page, "unknown_nick": True}
    after = parse_whole_number(request.GET.get("after", "")) or 0
    scope = TraceScope(user_id, nick, after=after)
    tracer = MessageTracer(
        request.read_session, catalog(), request.services.rule_types, directory, utc_now(),
        CpuTimeLimit(EXPLANATION_CPU_SECONDS))
    # Of further messages with the same id there's only the first page.
    traces = [tracer.trace(stored, scope if number == 0 else replace(scope, after=0))
              for number, stored in enumerate(found)]
    for each in traces:
        log_trace(request.db, request.me.nick, each)
    more = traces[0].notifications[-1].id if traces and traces[0].more else None
    return {**page, "traces": traces, "next": more}
