"""The inbox: what FMN sent me or will, and what arrives while I look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.renderers import render
from pyramid.response import Response

from fmn.ledger.inbox import inbox
from fmn.ledger.inbox_updates import Seen, arrivals, seen_now
from fmn.ledger.read_state import mark_all_read
from webapp.directory_or_none import current_directory
from webapp.flash_messages import say
from webapp.forms import Form, FormError, read_form
from webapp.humanize import when
from webapp.inbox.inbox_items import Line, Lines, by_day, describer
from webapp.inbox.search_form import Id, Search, choices
from webapp.inbox.unread import unread
from webapp.owned import my_user, my_zone
from webapp.request import Request

Page = Mapping[str, object]

#: Milliseconds after which a browser that looks on asks again. An answer that stayed open would take one of
#: few threads.
ASK_AGAIN: Final = 5000


class Read(Form):
    """Up to which notification all is read."""

    newest: Id


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show, route_name="inbox", request_method="GET", renderer="inbox.mako")
    config.add_view(live, route_name="inbox_live", request_method="GET")
    config.add_view(read_all, route_name="inbox_read", request_method="POST")


def show(request: Request) -> Page:
    """A part of my inbox."""
    search = _search(request)
    session, me = request.reading, my_user(request, request.reading)
    zone = my_zone(request)
    # First, so that what arrives in between isn't missed; the page knows what it shows already.
    seen = seen_now(session, me.id, request.now)
    found = inbox(session, me.id, search.wanted, search.place)
    until = found.looked_until
    return {
        "days": by_day(_lines(request).of(session, found.entries)),
        "page": found, "search": search, "seen": seen, "unread": unread(request),
        "newest": max((entry.id for entry in found.entries), default=0),
        "looked_until": when(until, request.now, zone) if until else "",
        "feed": request.links.feed(me.row_name, me.feed_version),
        **choices(request),
    }


def _lines(request: Request) -> Lines:
    services = request.services
    return Lines(
        describer(current_directory(services)), request.now, my_zone(request), services.settings.flood)


def live(request: Request) -> Response:
    """What arrived since a browser looked last, as server-sent events. It consumes nothing."""
    search, seen = _search(request), _seen(request)
    lines = _lines(request)
    found, seen = arrivals(request.reading, request.me.user_id, search.wanted, seen, request.now)
    events = [_event("arrived", _entry(request, line)) for line in lines.of(request.reading, found)]
    # Last, so that who loses the connection halfway asks for all of it again.
    events.append(f"id: {seen}\n{_event('seen', str(seen))}")
    return Response(
        f"retry: {ASK_AGAIN}\n\n{''.join(events)}", content_type="text/event-stream", charset="utf-8")


def read_all(request: Request) -> Response:
    """Mark all as read, up to what I was shown."""
    try:
        form = read_form(Read, request.POST)
    except FormError:
        raise HTTPBadRequest("The form came without what it is to do. Load your inbox again.") from None
    mark_all_read(request.db, request.me.user_id, form.newest, request.now)
    say(request, "All of it is marked as read.")
    return HTTPSeeOther(request.route_path("inbox"))


def _search(request: Request) -> Search:
    try:
        return read_form(Search, request.GET)
    except FormError as error:
        field, sentence = next(iter(error.problems.items()))
        raise HTTPBadRequest(f"The address asks for something odd, in “{field}”: {sentence}") from None


def _seen(request: Request) -> Seen:
    try:
        return Seen.of(request.headers.get("Last-Event-ID") or request.GET.get("since", ""))
    except ValueError as error:
        raise HTTPBadRequest(f"The address can’t be read: {error}. Load your inbox again.") from None


def _entry(request: Request, line: Line) -> str:
    markup: str = render("inbox_entry.mako", {"line": line}, request=request)
    return markup


def _event(kind: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"event: {kind}\n{lines}\n"
