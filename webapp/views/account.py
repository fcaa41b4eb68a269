"""Somebody's account: who they are, their time zone, where they're signed in, their feed's address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.people.accounts import end_sessions, renew_feed, set_time_zone
from fmn.people.browser_sessions import SEEN_EVERY, end, sessions_of
from fmn.people.local_time import zone_called
from fmn.people.models import User
from fmn.people.refusals import RefusedError
from fmn.people.time_zones import time_zones
from webapp.auth.sessions import sign_out
from webapp.flash_messages import say
from webapp.humanize import date_of, when
from webapp.owned import my_user, number_in
from webapp.request import Request

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(account, route_name="account", request_method="GET", renderer="account.mako")
    config.add_view(
        choose_time_zone, route_name="account_time_zone", request_method="POST", renderer="account.mako")
    config.add_view(leave_everywhere, route_name="account_sessions", request_method="POST")
    config.add_view(leave_one, route_name="account_session", request_method="POST")
    config.add_view(move_feed, route_name="account_feed", request_method="POST")


def account(request: Request) -> Page:
    """Who somebody is here, and what they can do about it."""
    return _page(request, my_user(request, request.reading), "")


def choose_time_zone(request: Request) -> Page | Response:
    """Let clocks be those of another time zone."""
    user = my_user(request, request.db)
    try:
        set_time_zone(request.db, user, request.POST.get("time_zone", ""))
    except RefusedError as error:
        request.response.status = HTTPUnprocessableEntity.code
        return _page(request, user, str(error))
    say(request, f"Times are those of {_spoken(user.time_zone)} now.")
    return _back(request)


def leave_everywhere(request: Request) -> Response:
    """Sign out of this browser and of all others."""
    end_sessions(request.db, my_user(request, request.db))
    sign_out(request)
    return HTTPSeeOther(request.route_path("sign_out"))


def leave_one(request: Request) -> Response:
    """Sign out of one browser, which may be this one."""
    session_id = number_in(request, "session_id")
    if session_id == request.me.session_id:
        sign_out(request)
        return HTTPSeeOther(request.route_path("sign_out"))
    browser = end(request.db, request.me.user_id, session_id)
    if browser is None:
        raise HTTPNotFound
    say(request, f"{browser} is signed out.")
    return HTTPSeeOther(request.route_path("account", _anchor="sessions"))


def move_feed(request: Request) -> Response:
    """Give the feed another address."""
    renew_feed(my_user(request, request.db))
    say(request, "Your feed has a new address. Give it to your feed reader: the old one shows nothing now.")
    return _back(request)


def _page(request: Request, user: User, problem: str) -> Page:
    zone = zone_called(user.time_zone)
    return {
        "user": user, "problem": problem, "zones": time_zones(), "spoken": _spoken,
        "signed_in": when(user.signed_in_at, request.now, zone) if user.signed_in_at else "",
        "since": date_of(user.created_at, zone),
        "sessions": sessions_of(
            request.reading, user.id, request.now,
            request.now - timedelta(hours=request.services.settings.web.session_hours) - SEEN_EVERY),
        "when": lambda moment: when(moment, request.now, zone),
        "feed": request.links.feed(user.row_name, user.feed_version),
    }


def _spoken(zone: str) -> str:
    """A time zone as people write it: the region is said elsewhere."""
    return zone.partition("/")[2].replace("_", " ").replace("/", " – ") or zone


def _back(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("account"))
