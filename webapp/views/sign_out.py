"""Sign-out here and at the OpenID provider."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from webapp.auth.id_token_hint import pop_id_token_hint
from webapp.auth.sessions import just_signed_out, sign_out
from webapp.oidc.errors import SignInError
from webapp.request import Request

log = structlog.get_logger()

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the views. Somebody whose session ended by itself may sign out, too."""
    config.add_view(
        show_signed_out, route_name="sign_out", request_method="GET", renderer="sign_out.mako",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        do_sign_out, route_name="sign_out", request_method="POST", permission=NO_PERMISSION_REQUIRED)


def do_sign_out(request: Request) -> Response:
    """Sign out of this browser."""
    sign_out(request)
    # Not right to the provider: browsers don't let a form end anywhere but here.
    return HTTPSeeOther(request.route_path("sign_out"))


def show_signed_out(request: Request) -> Page:
    """Confirmation of signing out, which continues to the provider once; the provider returns here.

    Only a press of the button here continues to the provider, not another site's link.
    """
    if request.identity is not None:
        return _page()
    signed_out_now, hint = just_signed_out(request), pop_id_token_hint(request)
    if not signed_out_now or hint is None or request.provider is None:
        return _page()
    back = f"{request.services.settings.web.base_url.rstrip('/')}/sign-out"
    try:
        return _page(provider_logout_url=request.provider.logout_url(hint, back))
    except SignInError as error:
        log.warning("sign-out at the provider failed", detail=error.detail)
        return _page(problem=str(error))


def _page(provider_logout_url: str | None = None, problem: str = "") -> Page:
    return {"provider_logout_url": provider_logout_url, "problem": problem}
