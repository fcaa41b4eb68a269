"""Unsubscribe links: stop a filter or a channel without signing in, by a signed token.

``GET`` only shows the page, because mail scanners open every link; ``POST`` unsubscribes. Mail programs with
an unsubscribe button post by themselves (:rfc:`8058`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.translations import gettext
from webapp.context_names import context_name
from webapp.preferences.unsubscribe_target import UnsubscribeTarget, unsubscribe_target
from webapp.request import Request

log = structlog.get_logger()

#: What a mail program posts (RFC 8058, section 3.1).
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
#: What our own buttons post: what to do, and whether it's on afterwards.
ACTION: Final = "action"
ACTIONS: Final[Mapping[str, bool]] = {"stop": False, "resume": True}

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the views.

    The ``POST`` view needs no CSRF token, because mail programs have none: nobody else has the token in the
    URL, so no other site can make a browser post it.
    """
    config.add_view(
        ask, route_name="unsubscribe", request_method="GET", renderer="unsubscribe.mako", http_cache=0,
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        act, route_name="unsubscribe", request_method="POST", renderer="unsubscribe.mako", http_cache=0,
        require_csrf=False, permission=NO_PERMISSION_REQUIRED)


def ask(request: Request) -> Page:
    """Unsubscribe page."""
    return _page(request, _unsubscribe_target(request), done="")


def act(request: Request) -> Page | Response:
    """Stop or resume the link's target. Idempotent."""
    name, value = ONE_CLICK
    one_click = request.POST.get(name) == value
    action = "stop" if one_click else request.POST.get(ACTION, "")
    if action not in ACTIONS:
        raise HTTPBadRequest(gettext("The form was incomplete. Open the link in the mail again."))
    found = _unsubscribe_target(request)
    if found is not None:
        found.switch(request.db, on=ACTIONS[action])
        log.info("subscription switched", nick=found.nick, context=found.preference.context,
                 filter=found.filter_id, action=action, one_click=one_click)
    if one_click:
        return Response("Unsubscribed.\n", content_type="text/plain")
    return _page(request, found, done=action)


def _unsubscribe_target(request: Request) -> UnsubscribeTarget | None:
    meant = request.links.read_unsubscribe(request.matchdict["token"])
    return unsubscribe_target(request.db, meant)


def _page(request: Request, found: UnsubscribeTarget | None, *, done: str) -> Page:
    if found is None:
        request.response.status = 410
        return {"it": None, "by": "", "done": done}
    return {"it": found, "by": context_name(found.preference.context), "done": done}
