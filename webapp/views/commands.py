"""Commands of the palette: pages, searches and settings, as a fragment of a page that a script fetches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyramid.config import Configurator

from fmn.ledger.saved_searches import saved_searches
from fmn.translations import gettext
from webapp.context_names import context_heading
from webapp.icons import channel_icon
from webapp.inbox.inbox_views import inbox_views
from webapp.request import Request


@dataclass(frozen=True)
class Command:
    """A place to go to."""

    words: str
    address: str
    icon: str


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(show, route_name="commands", request_method="GET", renderer="commands.mako")


def show(request: Request) -> Mapping[str, object]:
    """The commands of whoever is signed in."""
    return {"commands": [*_inbox(request), *_pages(request), *_channels(request)]}


def _inbox(request: Request) -> Iterator[Command]:
    for view in inbox_views(saved_searches(request.read_session, request.me.user_id), ""):
        query = {"q": view.query} if view.query else None
        words = gettext("Inbox: {view}").format(view=view.name) if view.query else view.name
        yield Command(words, request.route_path("inbox", _query=query), view.icon)


def _pages(request: Request) -> Iterator[Command]:
    for words, route, icon in (
            (gettext("Home"), "home", "house"),
            (gettext("Why didn’t I get this?"), "why_not", "circle-question-mark"),
            (gettext("Event catalogue"), "catalogue", "book-open"),
            (gettext("Choose what to follow"), "welcome", "plus"),
            (gettext("Mutes"), "mutes", "bell-off"),
            (gettext("Account"), "account", "user"),
            (gettext("Import and export"), "exchange", "download"),
            (gettext("API tokens"), "tokens", "key-round"),
            (gettext("Help"), "help", "circle-question-mark"),
            (gettext("Sign out"), "sign_out", "log-out")):
        yield Command(words, request.route_path(route), icon)
    if request.me.is_administrator:
        yield Command(gettext("Administration"), request.route_path("admin"), "activity")


def _channels(request: Request) -> Iterator[Command]:
    for context in request.contexts:
        name = context_heading(context)
        settings = gettext("Settings: {channel}").format(channel=name)
        yield Command(settings, request.route_path("preference", context=context), channel_icon(context))
        filters = gettext("Filters: {channel}").format(channel=name)
        yield Command(filters, request.route_path("filters", context=context), "funnel")
        new = gettext("New filter: {channel}").format(channel=name)
        yield Command(new, request.route_path("filter_new", context=context), "plus")
