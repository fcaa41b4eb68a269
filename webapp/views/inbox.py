"""Inbox: search, pages, and Server-Sent Events for new notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.renderers import render
from pyramid.response import Response

from fmn.ledger.inbox import inbox
from fmn.ledger.inbox_updates import InboxCursor, current_cursor, new_entries
from fmn.ledger.read_state import mark_all_read
from webapp.directory_or_none import directory_or_none
from webapp.flash_messages import flash
from webapp.forms import Form, FormError, read_form
from webapp.humanize import natural_time
from webapp.inbox.inbox_items import InboxItem, InboxItemBuilder, by_day, describer
from webapp.inbox.search_form import Id, InboxSearch, search_choices
from webapp.inbox.unread import unread
from webapp.owned import current_user, current_user_zone
from webapp.request import Request

Page = Mapping[str, object]

#: Milliseconds after which a browser that looks on asks again. An answer that stayed open would take one of
#: few threads.
POLL_MILLISECONDS: Final = 5000


class MarkReadForm(Form):
    """Newest notification to mark as read."""

    newest: Id


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show, route_name="inbox", request_method="GET", renderer="inbox.mako")
    config.add_view(live, route_name="inbox_live", request_method="GET")
    config.add_view(read_all, route_name="inbox_read", request_method="POST")


def show(request: Request) -> Page:
    """A page of the inbox."""
    search = _search(request)
    session, me = request.read_session, current_user(request, request.read_session)
    zone = current_user_zone(request)
    # First, so that what arrives in between isn't missed; the page knows what it shows already.
    seen = current_cursor(session, me.id, request.now)
    found = inbox(session, me.id, search.wanted, search.place)
    until = found.searched_until
    return {
        "days": by_day(_item_builder(request).of(session, found.entries)),
        "page": found, "search": search, "seen": seen, "unread": unread(request),
        "newest": max((entry.id for entry in found.entries), default=0),
        "searched_until": natural_time(until, request.now, zone) if until else "",
        "feed": request.links.feed(me.public_id, me.feed_version),
        **search_choices(request),
    }


def _item_builder(request: Request) -> InboxItemBuilder:
    services = request.services
    return InboxItemBuilder(
        describer(directory_or_none(services)), request.now, current_user_zone(request),
        services.settings.flood)


def live(request: Request) -> Response:
    """New notifications since the browser's last request, as Server-Sent Events. Consumes nothing."""
    search, seen = _search(request), _seen(request)
    builder = _item_builder(request)
    found, seen = new_entries(request.read_session, request.me.user_id, search.wanted, seen, request.now)
    events = [_event("arrived", _entry(request, line)) for line in builder.of(request.read_session, found)]
    # Last, so that who loses the connection halfway asks for all of it again.
    events.append(f"id: {seen}\n{_event('seen', str(seen))}")
    return Response(
        f"retry: {POLL_MILLISECONDS}\n\n{''.join(events)}", content_type="text/event-stream", charset="utf-8")


def read_all(request: Request) -> Response:
    """Mark everything up to the newest shown notification as read."""
    try:
        form = read_form(MarkReadForm, request.POST)
    except FormError:
        raise HTTPBadRequest("The form was incomplete. Reload your inbox and try again.") from None
    mark_all_read(request.db, request.me.user_id, form.newest, request.now)
    flash(request, "Marked everything as read.")
    return HTTPSeeOther(request.route_path("inbox"))


def _search(request: Request) -> InboxSearch:
    try:
        return read_form(InboxSearch, request.GET)
    except FormError as error:
        field, sentence = next(iter(error.by_field.items()))
        raise HTTPBadRequest(f"Wrong value for “{field}” in the address: {sentence}") from None


def _seen(request: Request) -> InboxCursor:
    try:
        return InboxCursor.of(request.headers.get("Last-Event-ID") or request.GET.get("since", ""))
    except ValueError as error:
        raise HTTPBadRequest(f"FMN can’t read the address: {error}. Open your inbox again.") from None


def _entry(request: Request, line: InboxItem) -> str:
    markup: str = render("inbox_entry.mako", {"line": line}, request=request)
    return markup


def _event(kind: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"event: {kind}\n{lines}\n"
