"""What every response and every form is bound to, whichever view makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.csrf import CookieCSRFStoragePolicy
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from webapp.request import Request

#: Nothing but our own style sheet and pictures, no script at all, and forms to ourselves alone. Pages show
#: what strangers wrote; whatever of it would get past the escaping finds nothing that it may do.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Addresses of pages have tokens in them, which are no other site's business.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}

View = Callable[[Request], Response]


def includeme(config: Configurator) -> None:
    """Put the headers on every response, and ask every POST for its form's token."""
    config.add_tween("webapp.security.headers_tween", over=EXCVIEW)
    secure = urlsplit(config.registry.services.settings.web.base_url).scheme == "https"
    config.set_csrf_storage_policy(CookieCSRFStoragePolicy(secure=secure, httponly=True, samesite="Lax"))
    config.set_default_csrf_options(require_csrf=True)


def headers_tween(handler: View, _registry: object) -> View:
    """Responses with our headers, those of errors among them."""
    def tween(request: Request) -> Response:
        response = handler(request)
        response.headers.update(HEADERS)
        return response

    return tween
