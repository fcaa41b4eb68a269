"""Administrators' pages. Access to other people's data is recorded in the audit log."""

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
from fmn.administration.filter_stopping import stop_filter
from fmn.administration.pending_work import unknown_topics
from fmn.administration.requeueing import discard_deliveries, requeue_deliveries
from fmn.administration.user_lookup import PAGE, find_users, view_user
from fmn.catalog import catalog
from fmn.filters.expression_syntax import print_expression
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes
from fmn.infra.clock import utc_now
from fmn.ledger.failed_deliveries import DeliverySelection, failure_groups
from fmn.ledger.figures.history import history
from fmn.ledger.unreadable import MAX_ROWS, unreadable_messages
from fmn.localized import number_text
from fmn.monitoring.verdict import verdict
from fmn.translations import gettext as _
from fmn.translations import ngettext
from webapp.dashboard import SPANS, charts, span_named
from webapp.filters.explanations import UNREADABLE
from webapp.flash_messages import flash
from webapp.forms import Form, FormError, parse_whole_number, read_form
from webapp.identity import Permission
from webapp.owned import current_user_zone, id_from_path
from webapp.request import Request

Page = Mapping[str, object]

#: Unreadable messages on a page.
UNREADABLE_PAGE = 50
#: Days of deliveries that a person's page counts.
DAYS = 14


class StopFilterForm(Form):
    """Note to the owner of a stopped filter."""

    note: Annotated[str, Field(min_length=1, max_length=1000)]
    nick: str = ""


class FailedDeliveriesForm(Form):
    """Action on the failed deliveries with one reason."""

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
        (retry_or_discard, "admin_deliveries", "POST", None),
        (topics, "admin_topics", "GET", "admin_topics.mako"),
        (unreadable, "admin_unreadable", "GET", "admin_unreadable.mako"),
        (audit, "admin_audit", "GET", "admin_audit.mako"),
    ):
        config.add_view(
            view, route_name=route, request_method=method, renderer=renderer,
            permission=Permission.ADMINISTER)


def overview(request: Request) -> Page:
    """Status page: the verdict, figures of an hour to a month, what is pending, retried and failed."""
    judged, span = verdict(request.services, utc_now()), span_named(request.GET.get("span", ""))
    return {"verdict": judged, "ledger": judged.status.ledger, "queues": judged.status.queues,
            "spans": SPANS, "span": span, "zone": str(current_user_zone(request)),
            "charts": charts(
                history(request.read_session, span.periods(request.now)), span, request.now,
                current_user_zone(request)),
            "failures": failure_groups(request.read_session),
            "topics": unknown_topics(request.read_session, catalog())}


def people(request: Request) -> Page:
    """Account search."""
    wanted, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    found = find_users(request.read_session, wanted, after=after)
    return {"wanted": wanted, "after": after, "found": found,
            "next": found[-1].nick if len(found) == PAGE else ""}


def person(request: Request) -> Page:
    """One person's settings, filters and deliveries."""
    found = view_user(
        request.db, request.me.nick, request.matchdict["nick"], request.now - timedelta(days=DAYS))
    if found is None:
        raise HTTPNotFound
    written = {
        each.id: _filter_text(each, request.services.rule_types)
        for settings in found.settings for each in settings.filters
    }
    return {"it": found, "written": written, "days": DAYS}


def _filter_text(one: Filter, rule_types: RuleTypes) -> str:
    expression = one.stored.expression_or_none
    return print_expression(expression, rule_types) if expression else _(UNREADABLE)


def stop(request: Request) -> Response:
    """Stop a person's filter."""
    filter_id = id_from_path(request, "filter_id")
    try:
        form = read_form(StopFilterForm, request.POST)
    except FormError:
        flash(
            request, _("The filter wasn’t stopped. Write a note of at most 1000 characters to its owner."),
            error=True)
        return _redirect_to_person(request, request.POST.get("nick", ""))
    nick = stop_filter(request.db, request.me.nick, filter_id, form.note, request.now)
    if nick is None:
        raise HTTPNotFound
    flash(request, _("Stopped the filter. {nick} will see your note.").format(nick=nick))
    return _redirect_to_person(request, nick)


def _redirect_to_person(request: Request, nick: str) -> Response:
    if not nick:
        return HTTPSeeOther(request.route_path("admin_people"))
    return HTTPSeeOther(request.route_path("admin_person", nick=nick))


def failed(request: Request) -> Page:
    """Failed deliveries by reason."""
    return {"failures": failure_groups(request.read_session)}


def retry_or_discard(request: Request) -> Response:
    """Retry or discard the failed deliveries with one reason."""
    try:
        form = read_form(FailedDeliveriesForm, request.POST)
    except FormError:
        flash(request, _("Nothing was changed. Use the buttons in the list."), error=True)
        return HTTPSeeOther(request.route_path("admin_deliveries"))
    do = requeue_deliveries if form.action == "retry" else discard_deliveries
    which = DeliverySelection(context=form.context, reason=form.reason)
    count = do(request.db, request.me.nick, which, request.now)
    flash(request, _changed(form.action, count))
    return HTTPSeeOther(request.route_path("admin_deliveries"))


def _changed(action: str, count: int) -> str:
    if not count:
        return _("There are no more failed deliveries with this reason.")
    said = (
        ngettext("{n} delivery queued for retry.", "{n} deliveries queued for retry.", count)
        if action == "retry" else ngettext("{n} delivery discarded.", "{n} deliveries discarded.", count))
    return said.format(n=number_text(count))


def topics(request: Request) -> Page:
    """Topics without a catalogue entry."""
    return {"topics": unknown_topics(request.read_session, catalog())}


def unreadable(request: Request) -> Page:
    """Messages that couldn't be read, newest first."""
    before = parse_whole_number(request.GET.get("before", ""))
    found = unreadable_messages(request.read_session, UNREADABLE_PAGE, before)
    return {"messages": found, "most": MAX_ROWS,
            "next": found[-1].id if len(found) == UNREADABLE_PAGE else None}


def audit(request: Request) -> Page:
    """Audit log."""
    before = parse_whole_number(request.GET.get("before", ""))
    subject = request.GET.get("subject", "").strip()
    found = entries(request.read_session, before=before, subject=subject)
    return {"entries": found, "subject": subject,
            "next": found[-1].id if len(found) == AUDIT_PAGE else None}
