"""Account page: identity, time zone, sessions and feed address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response

from fmn.errors import UserError
from fmn.people.accounts import end_sessions, reset_feed_address, set_language, set_time_zone
from fmn.people.browser_sessions import LAST_SEEN_PRECISION, browser_text, end_session, sessions_of
from fmn.people.local_time import zone_or_utc
from fmn.people.models import User
from fmn.people.time_zones import time_zones
from fmn.translations import current_language, gettext, language_name, languages, speak
from webapp.auth.sessions import sign_out
from webapp.flash_messages import flash
from webapp.humanize import natural_date, natural_time
from webapp.languages import negotiated_language
from webapp.owned import current_user, id_from_path
from webapp.redirects import safe_redirect
from webapp.request import Request

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(account, route_name="account", request_method="GET", renderer="account.mako")
    config.add_view(
        choose_time_zone, route_name="account_time_zone", request_method="POST", renderer="account.mako")
    config.add_view(
        choose_language, route_name="account_language", request_method="POST", renderer="account.mako")
    config.add_view(sign_out_everywhere, route_name="account_sessions", request_method="POST")
    config.add_view(sign_out_one, route_name="account_session", request_method="POST")
    config.add_view(renew_feed_address, route_name="account_feed", request_method="POST")


def account(request: Request) -> Page:
    """Account page."""
    return _page(request, current_user(request, request.read_session), {})


def choose_time_zone(request: Request) -> Page | Response:
    """Save the time zone."""
    user = current_user(request, request.db)
    try:
        set_time_zone(request.db, user, request.POST.get("time_zone", ""))
    except UserError as error:
        return _wrong(request, user, error)
    flash(request, gettext("Your time zone is now {zone}.").format(zone=_zone_name(user.time_zone)))
    to = safe_redirect(request.POST.get("to", ""))
    return HTTPSeeOther(to) if to else _back(request)


def choose_language(request: Request) -> Page | Response:
    """Save the language."""
    user = current_user(request, request.db)
    try:
        set_language(user, request.POST.get("language", ""))
    except UserError as error:
        return _wrong(request, user, error)
    speak(user.language or negotiated_language(request))
    flash(request, gettext("Pages are now in {language}.").format(language=language_name(current_language())))
    return _back(request)


def sign_out_everywhere(request: Request) -> Response:
    """Sign out all sessions."""
    end_sessions(request.db, current_user(request, request.db))
    sign_out(request)
    return HTTPSeeOther(request.route_path("sign_out"))


def sign_out_one(request: Request) -> Response:
    """Sign out one session, which may be this one."""
    session_id = id_from_path(request, "session_id")
    if session_id == request.me.session_id:
        sign_out(request)
        return HTTPSeeOther(request.route_path("sign_out"))
    browser = end_session(request.db, request.me.user_id, session_id)
    if browser is None:
        raise HTTPNotFound
    flash(request, gettext("Signed out {browser}.").format(browser=browser_text(browser)))
    return HTTPSeeOther(request.route_path("account", _anchor="sessions"))


def renew_feed_address(request: Request) -> Response:
    """Reset the feed's address."""
    reset_feed_address(current_user(request, request.db))
    flash(request, gettext(
        "Your feed has a new address. Update your feed reader: the old address no longer works."))
    return _back(request)


def _wrong(request: Request, user: User, error: UserError) -> Page:
    request.response.status = HTTPUnprocessableEntity.code
    return _page(request, user, error.by_field)


def _page(request: Request, user: User, problems: Mapping[str, str]) -> Page:
    zone = zone_or_utc(user.time_zone)
    return {
        "user": user, "problems": problems, "languages": {code: language_name(code) for code in languages()},
        "browsers_language": language_name(negotiated_language(request)),
        "zones": time_zones(), "zone_name": _zone_name,
        "signed_in": natural_time(user.signed_in_at, request.now, zone) if user.signed_in_at else "",
        "since": natural_date(user.created_at, zone),
        "sessions": sessions_of(
            request.read_session, user.id, request.now,
            request.now - timedelta(hours=request.services.settings.web.session_hours) - LAST_SEEN_PRECISION),
        "when": lambda moment: natural_time(moment, request.now, zone), "browser_text": browser_text,
        "feed": request.links.feed(user.public_id, user.feed_version),
    }


def _zone_name(zone: str) -> str:
    """Display name of a time zone without its region, which the option group says."""
    return zone.partition("/")[2].replace("_", " ").replace("/", " – ") or zone


def _back(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("account"))
