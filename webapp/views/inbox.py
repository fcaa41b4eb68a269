"""Inbox: search, pages, and Server-Sent Events for new notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.renderers import render
from pyramid.response import Response

from fmn.errors import UserError
from fmn.ledger.inbox import InboxPage, back_from_snooze, has_any, inbox
from fmn.ledger.inbox_filter import PUT_AWAY
from fmn.ledger.inbox_paging import FIRST
from fmn.ledger.inbox_updates import InboxCursor, current_cursor, new_entries
from fmn.ledger.read_state import unread_count
from fmn.ledger.saved_searches import saved_searches
from webapp.directory_or_none import directory_or_none
from webapp.forms import AForm, FormError, read_form
from webapp.humanize import natural_time
from webapp.inbox.group_counts import GroupCounter
from webapp.inbox.grouping import grouped
from webapp.inbox.inbox_items import InboxItem, InboxItemBuilder, describer
from webapp.inbox.inbox_views import inbox_views
from webapp.inbox.search_completion import complete_term
from webapp.inbox.search_form import InboxSearch, SearchHelpers, resolve_search, search_choices
from webapp.inbox.search_query import parse_query
from webapp.inbox.snooze_times import snooze_offers
from webapp.owned import current_user, current_user_zone
from webapp.request import Request

Page = Mapping[str, object]

#: Milliseconds after which a browser that looks on asks again. An answer that stayed open would take one of
#: few threads.
POLL_MILLISECONDS: Final = 5000
#: Notifications that are back from their snooze and shown above the others. The rest is among these.
MAX_BACK: Final = 20
#: How long browsers are told that one is back. They ask more often, and know what they show already.
JUST_BACK: Final = timedelta(minutes=1)


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show, route_name="inbox", request_method="GET", renderer="inbox.mako")
    config.add_view(live, route_name="inbox_live", request_method="GET")
    config.add_view(completions, route_name="inbox_completions", request_method="GET", renderer="json")


def show(request: Request) -> Page | Response:
    """A page of the inbox. What was chosen in selects becomes a part of the search."""
    search, helpers = _search(request), _read(SearchHelpers, request)
    if helpers != SearchHelpers():
        return HTTPSeeOther(request.route_path("inbox", _query=_with_helpers(search, helpers)))
    try:
        return _page(request, search)
    except UserError as error:
        request.response.status = HTTPBadRequest.code
        return {**_frame(request, search), "problem": str(error)}


def _page(request: Request, search: InboxSearch) -> Page:
    session, me = request.read_session, current_user(request, request.read_session)
    wanted = resolve_search(request, me, search.q)
    # First, so that what arrives in between isn't missed; the page knows what it shows already.
    seen = current_cursor(session, me.id, request.now)
    found = inbox(session, me.id, request.now, wanted, search.place)
    is_start = not search.q and search.place == FIRST
    back = back_from_snooze(session, me.id, request.now, MAX_BACK) if is_start else ()
    shown = [*back, *(each for each in found.entries if each.id not in {entry.id for entry in back})]
    items = _item_builder(request).of(session, shown)
    listed = items[len(back):]
    totals = GroupCounter(session, me.id, request.now, current_user_zone(request), wanted).count(
        listed, found, search.group)
    return {
        **_frame(request, search),
        "back": items[:len(back)], "groups": grouped(listed, search.group, totals), "page": found,
        "seen": seen, "latest": seen.latest, "places": wanted.places,
        "words": parse_query(search.q).words,
        "has_done": is_start and not shown and has_any(session, me.id, request.now, PUT_AWAY),
        "newest": max((entry.id for entry in shown), default=0),
        "searched_until": _searched_until(request, found),
    }


def _searched_until(request: Request, page: InboxPage) -> str:
    until = page.searched_until
    return natural_time(until, request.now, current_user_zone(request)) if until else ""


def _frame(request: Request, search: InboxSearch) -> Page:
    """What is around the list: the search, and what helps with it."""
    me = current_user(request, request.read_session)
    views = inbox_views(saved_searches(request.read_session, me.id), search.q)
    return {
        "views": views, "words": "", "current_view": next((each for each in views if each.current), None),
        "has_done": False, "back": (), "groups": (), "page": InboxPage([]), "seen": None,
        "places": frozenset(), "newest": 0, "latest": 0, "searched_until": "", "problem": "",
        "search": search, "spans": snooze_offers(request.now, current_user_zone(request)),
        "feed": request.links.feed(me.public_id, me.feed_version), **search_choices(request),
    }


def _with_helpers(search: InboxSearch, helpers: SearchHelpers) -> Mapping[str, object]:
    try:
        text = str(helpers.added_to(parse_query(search.q)))
    except UserError:  # which the page says of the search alone
        text = search.q
    return search.model_copy(update={"q": text}).query()


def _item_builder(request: Request) -> InboxItemBuilder:
    services = request.services
    return InboxItemBuilder(
        describer(directory_or_none(services)), request.now, current_user_zone(request),
        services.settings.flood)


def live(request: Request) -> Response:
    """New notifications since the browser's last request, as Server-Sent Events. Consumes nothing."""
    search, seen = _search(request), _seen(request)
    try:
        wanted = resolve_search(request, current_user(request, request.read_session), search.q)
    except UserError as error:
        raise HTTPBadRequest(str(error)) from None
    builder = _item_builder(request)
    found, seen = new_entries(request.read_session, request.me.user_id, wanted, seen, request.now)
    back = () if search.q else back_from_snooze(
        request.read_session, request.me.user_id, request.now, MAX_BACK, request.now - JUST_BACK)
    events = [
        *(_event("arrived", _entry(request, line, search))
          for line in builder.of(request.read_session, found)),
        *(_event("back", _entry(request, line, search, dated=True))
          for line in builder.of(request.read_session, back))]
    unread = unread_count(request.read_session, request.me.user_id, request.now)
    # Last, so that who loses the connection halfway asks for all of it again.
    events += [_event("unread", str(unread)), f"id: {seen}\n{_event('seen', str(seen))}"]
    return Response(
        f"retry: {POLL_MILLISECONDS}\n\n{''.join(events)}", content_type="text/event-stream", charset="utf-8")


def completions(request: Request) -> Mapping[str, Sequence[str]]:
    """Terms of a search that start with ``q``."""
    return {"names": complete_term(request, request.GET.get("q", ""))}


def _search(request: Request) -> InboxSearch:
    return _read(InboxSearch, request)


def _read(form: type[AForm], request: Request) -> AForm:
    try:
        return read_form(form, request.GET)
    except FormError as error:
        field, sentence = next(iter(error.by_field.items()))
        raise HTTPBadRequest(f"Wrong value for “{field}” in the address: {sentence}") from None


def _seen(request: Request) -> InboxCursor:
    try:
        return InboxCursor.of(request.headers.get("Last-Event-ID") or request.GET.get("since", ""))
    except ValueError as error:
        raise HTTPBadRequest(f"FMN can’t read the address: {error}. Open your inbox again.") from None


def _entry(request: Request, line: InboxItem, search: InboxSearch, *, dated: bool = False) -> str:
    shown = {"line": line, "search": search, "dated": dated}
    markup: str = render("inbox_entry.mako", shown, request=request)
    return markup


def _event(kind: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"event: {kind}\n{lines}\n"
