"""Administrators' pages. What they do with what isn't theirs is in the audit log, which they see, too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response

from fmn.administration.audit_log import PAGE as AUDIT_PAGE
from fmn.administration.audit_log import entries
from fmn.administration.budget_enforcement import LATELY, whose_were_switched_off
from fmn.administration.filter_stopping import stop_filter
from fmn.administration.pending_work import standing, unknown_topics
from fmn.administration.queues import QueuesUnknownError, queues
from fmn.administration.requeueing import discard_failed, retry_failed
from fmn.administration.user_lookup import PAGE, find_people, see_person
from fmn.catalog import catalog
from fmn.filters.expression_syntax import print_expression
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes
from fmn.infra.clock import utc_now
from fmn.ledger.failed_deliveries import Which, failures
from fmn.text import counted
from webapp.filters.explanations import UNREADABLE
from webapp.flash_messages import say
from webapp.forms import Form, FormError, read_form, whole_number
from webapp.identity import Permission
from webapp.owned import number_in
from webapp.request import Request

Page = Mapping[str, object]

#: Days of deliveries that a person's page counts.
DAYS = 14


class Stop(Form):
    """Why a filter is stopped: its owner reads it."""

    note: Annotated[str, Field(min_length=1, max_length=1000)]
    nick: str = ""


class Mend(Form):
    """What to do about deliveries that failed for a reason."""

    context: str
    reason: str
    action: Literal["retry", "discard"]


def includeme(config: Configurator) -> None:
    """Add the views."""
    for view, route, method, renderer in (
        (overview, "admin", "GET", "admin.mako"),
        (people, "admin_people", "GET", "admin_people.mako"),
        (person, "admin_person", "GET", "admin_person.mako"),
        (stop, "admin_filter_stop", "POST", None),
        (failed, "admin_deliveries", "GET", "admin_deliveries.mako"),
        (mend, "admin_deliveries", "POST", None),
        (topics, "admin_topics", "GET", "admin_topics.mako"),
        (audit, "admin_audit", "GET", "admin_audit.mako"),
    ):
        config.add_view(
            view, route_name=route, request_method=method, renderer=renderer,
            permission=Permission.ADMINISTER)


def overview(request: Request) -> Page:
    """How things stand."""
    problem = ""
    try:
        found = queues(request.services.settings.broker, request.contexts)
    except QueuesUnknownError as error:
        found, problem = [], str(error)
    return {"it": standing(request.reading, request.contexts, utc_now()),
            "queues": found, "queues_problem": problem,
            "overspent": whose_were_switched_off(request.reading, request.now - LATELY),
            "failures": failures(request.reading), "topics": unknown_topics(request.reading, catalog())}


def people(request: Request) -> Page:
    """Somebody to be found."""
    wanted, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    found = find_people(request.reading, wanted, after=after)
    return {"wanted": wanted, "after": after, "found": found,
            "next": found[-1].nick if len(found) == PAGE else ""}


def person(request: Request) -> Page:
    """What somebody set."""
    found = see_person(
        request.db, request.me.nick, request.matchdict["nick"], request.now - timedelta(days=DAYS))
    if found is None:
        raise HTTPNotFound
    written = {
        each.id: _written(each, request.services.rule_types)
        for settings in found.settings for each in settings.filters
    }
    return {"it": found, "written": written, "days": DAYS}


def _written(one: Filter, rule_types: RuleTypes) -> str:
    expression = one.stored.readable
    return print_expression(expression, rule_types) if expression else UNREADABLE


def stop(request: Request) -> Response:
    """Stop somebody's filter."""
    filter_id = number_in(request, "filter_id")
    try:
        form = read_form(Stop, request.POST)
    except FormError:
        say(request, "Nothing was stopped: write a note, of 1000 characters at most, that its owner reads.",
            trouble=True)
        return _back_to(request, request.POST.get("nick", ""))
    nick = stop_filter(request.db, request.me.nick, filter_id, form.note, request.now)
    if nick is None:
        raise HTTPNotFound
    say(request, f"Stopped. {nick} reads your note.")
    return _back_to(request, nick)


def _back_to(request: Request, nick: str) -> Response:
    if not nick:
        return HTTPSeeOther(request.route_path("admin_people"))
    return HTTPSeeOther(request.route_path("admin_person", nick=nick))


def failed(request: Request) -> Page:
    """What failed, and why."""
    return {"failures": failures(request.reading)}


def mend(request: Request) -> Response:
    """Retry or give up what failed for a reason."""
    try:
        form = read_form(Mend, request.POST)
    except FormError:
        say(request, "Nothing was done: use the buttons of the list.", trouble=True)
        return HTTPSeeOther(request.route_path("admin_deliveries"))
    do = retry_failed if form.action == "retry" else discard_failed
    which = Which(context=form.context, reason=form.reason)
    count = do(request.db, request.me.nick, which, request.now)
    done = "will be tried again" if form.action == "retry" else "given up"
    deliveries = counted(count, "delivery", "deliveries")
    say(request, f"{deliveries} {done}." if count else "Nothing has failed for this reason now.")
    return HTTPSeeOther(request.route_path("admin_deliveries"))


def topics(request: Request) -> Page:
    """What the bus has and the catalogue hasn't."""
    return {"topics": unknown_topics(request.reading, catalog())}


def audit(request: Request) -> Page:
    """What administrators did."""
    before = whole_number(request.GET.get("before", ""))
    subject = request.GET.get("subject", "").strip()
    found = entries(request.reading, before=before, subject=subject)
    return {"entries": found, "subject": subject,
            "next": found[-1].id if len(found) == AUDIT_PAGE else None}
