"""Redirects of short links to the link of a notification, which the catalogue computes."""

from __future__ import annotations

from string import punctuation
from urllib.parse import quote

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPGone, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.catalog import catalog
from fmn.delivery.notification_text import web_link
from fmn.infra.db import id_of_public_id
from fmn.ledger.models import Notification
from fmn.ledger.notifications import message_by_id
from webapp.request import Request


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        go, route_name="go", request_method="GET", http_cache=0, permission=NO_PERMISSION_REQUIRED)


def go(request: Request) -> Response:
    """Redirect a short link, or answer 410 once its message was deleted.

    It never redirects to the notification's page, because people pass short links on, and that page can
    unsubscribe.
    """
    meant = request.links.read_go(request.matchdict["token"])
    notification_id = id_of_public_id(request.read_session, Notification, meant)
    message = message_by_id(request.read_session, notification_id) if notification_id else None
    link = web_link(catalog().describe(message).link) if message else ""
    if not link:
        return _gone(request)
    # Bodies may have links with characters that a header can't hold.
    return HTTPSeeOther(quote(link, safe=punctuation, errors="replace"))


def _gone(request: Request) -> Response:
    days = request.services.settings.history.days
    response = render_to_response("short_link_gone.mako", {"days": days}, request=request)
    response.status = HTTPGone.code
    return response
