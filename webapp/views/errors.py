"""Error pages, each with what the reader can do."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex

import structlog
from pyramid.config import Configurator
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, URLDecodeError
from pyramid.httpexceptions import HTTPError, HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.response import Response

from fmn.delivery.signed_links import LinkError
from webapp.request import Request

log = structlog.get_logger()

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_forbidden_view(forbidden)
    config.add_notfound_view(not_found, renderer="not_found.mako")
    config.add_exception_view(not_found, context=URLDecodeError, renderer="not_found.mako")
    config.add_exception_view(incomplete_link, context=LinkError, renderer="incomplete_link.mako")
    for refused in (BadCSRFOrigin, BadCSRFToken):
        config.add_exception_view(stale_form, context=refused, renderer="stale_form.mako")
    config.add_exception_view(bad_request, context=HTTPError, renderer="bad_request.mako")
    config.add_exception_view(failed, context=Exception, renderer="failed.mako")


def forbidden(_refused: Exception, request: Request) -> Response:
    """Redirect anonymous readers to the sign-in page; answer others with 403."""
    if request.identity is None and request.method in ("GET", "HEAD"):
        return HTTPSeeOther(request.route_path("sign_in", _query={"to": request.path_qs}))
    response = render_to_response("forbidden.mako", {}, request=request)
    response.status = HTTPForbidden.code
    return response


def not_found(_missing: Exception, request: Request) -> Page:
    """Page not found."""
    request.response.status = HTTPNotFound.code
    return {}


def incomplete_link(error: LinkError, request: Request) -> Page:
    """404 for a link whose token isn't valid."""
    request.response.status = HTTPNotFound.code
    return {"sentence": str(error)}


def stale_form(_error: Exception, request: Request) -> Page:
    """403 for a form without a valid CSRF token."""
    request.response.status = 403
    return {}


def bad_request(error: HTTPError, request: Request) -> Page:
    """Other HTTP errors of Pyramid and of views, with the view's sentence."""
    request.response.status = error.status
    return {"sentence": error.detail or error.explanation}


def failed(error: Exception, request: Request) -> Page:
    """500 with an incident id, which is also in the log."""
    incident = token_hex(4)
    log.error(
        "request failed", incident=incident, method=request.method, route=_route(request), exc_info=error)
    request.response.status = 500
    return {"incident": incident}


def _route(request: Request) -> str:
    # Not the address: it may have a token in it that lets whoever reads the log unsubscribe somebody.
    route = getattr(request, "matched_route", None)
    return route.name if route else ""
