"""Private Atom feed. Whoever knows its address can read it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode, urlsplit

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPGone
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import select

from fmn.delivery.notification_text import name, shown, web_link
from fmn.errors import UserError
from fmn.ledger.inbox import InboxNotification, inbox
from fmn.ledger.inbox_filter import EVERYTHING, InboxFilter
from fmn.people.models import User
from fmn.text import lines, paragraphs
from fmn.translations import gettext
from webapp.directory_or_none import directory_or_none
from webapp.inbox.atom import MEDIA_TYPE, AtomEntry, AtomFeed, render_atom
from webapp.inbox.inbox_items import DescribeMessage, application_title, describer
from webapp.inbox.search_form import resolve_search
from webapp.request import Request

#: Notifications in a feed.
MOST: Final = 50


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(feed, route_name="feed", request_method="GET", permission=NO_PERMISSION_REQUIRED)


def feed(request: Request) -> Response:
    """The latest notifications, also those that are done, or 410 if the feed has a new address.

    With ``q``, those that a search as in the inbox finds.
    """
    meant = request.links.read_feed(request.matchdict["token"])
    describe = describer(directory_or_none(request.services))
    user = request.read_session.scalars(select(User).where(User.has_public_id(meant.user))).one_or_none()
    if user is None or user.feed_version != meant.version:
        return _gone(request)
    entries = inbox(request.read_session, user.id, request.now, _wanted(request, user), most=MOST).entries
    return _conditional_response(_feed(request, user, entries, describe))


def _wanted(request: Request, user: User) -> InboxFilter:
    text = request.GET.get("q", "")
    try:
        return resolve_search(request, user, text) if text else EVERYTHING
    except UserError as error:
        raise HTTPBadRequest(str(error)) from None


def _conditional_response(found: AtomFeed) -> Response:
    """The feed, or 304 if the reader has it already."""
    document = render_atom(found)
    response = Response(document, content_type=MEDIA_TYPE, charset="utf-8", conditional_response=True)
    response.etag = sha256(document).hexdigest()
    response.last_modified = found.at
    # Readers may keep it, and ask each time whether it's still the same.
    response.cache_control = "private, no-cache"
    return response


def _gone(request: Request) -> Response:
    response = render_to_response("feed_gone.mako", {}, request=request)
    response.status = HTTPGone.code
    return response


def _feed(
    request: Request, user: User, entries: Sequence[InboxNotification], describe: DescribeMessage,
) -> AtomFeed:
    asked = f"?{urlencode({'q': request.GET['q']})}" if request.GET.get("q") else ""
    key = f"tag:{urlsplit(request.links.inbox()).hostname},{user.created_at:%Y-%m-%d}:fmn"
    return AtomFeed(
        key=f"{key}/feed/{user.id}", title=gettext("Notifications for {nick}").format(nick=user.nick),
        at=max((entry.created_at for entry in entries), default=user.created_at),
        address=f"{request.links.feed(user.public_id, user.feed_version)}{asked}", page=request.links.inbox(),
        entries=[_entry(request, key, entry, describe) for entry in entries])


def _entry(request: Request, key: str, entry: InboxNotification, describe: DescribeMessage) -> AtomEntry:
    described = describe(entry.message)
    because = gettext("Matched filter “{name}”").format(name=name(entry.filter_name)) if entry.filter_name \
        else gettext("Matched a filter that has been deleted since")
    return AtomEntry(
        key=f"{key}/notification/{entry.id}", title=shown(described.summary),
        category=application_title(entry.message.category), at=entry.created_at,
        page=request.links.why(entry.public_id), related=web_link(described.link),
        text=paragraphs(lines(described.long), because))
