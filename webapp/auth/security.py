"""Security policy: identities, permissions, CSRF protection and response headers.

People are authenticated by their session cookie, programs by a token. Every view requires a signed-in person
unless it declares otherwise, and reads rows through :mod:`webapp.owned`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.csrf import CookieCSRFStoragePolicy
from pyramid.request import RequestLocalCache
from pyramid.response import Response
from pyramid.security import Allowed, Denied
from pyramid.tweens import EXCVIEW

from fmn.translations import speak
from webapp.auth.bearer import bearer_token, identity_of_token
from webapp.auth.sessions import identity_in_session
from webapp.identity import Identity, Permission
from webapp.languages import is_for_programs
from webapp.request import Request

#: Nothing but our own style sheet, scripts and pictures, and forms to ourselves alone. Pages show what
#: strangers wrote; whatever of it would get past the escaping finds nothing that it may do.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; "
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


class SecurityPolicy:
    """Pyramid security policy over sessions and tokens."""

    def __init__(self) -> None:
        # Asked over and over again, and each answer costs a query.
        self._identities = RequestLocalCache()

    def identity(self, request: Request) -> Identity | None:
        """The identity at the start of the request; signing in or out takes effect with the next one."""
        known: Identity | None = self._identities.get(request)
        if known is not self._identities.NO_VALUE:
            return known
        # While it can't be found out, the page that says so asks, too.
        self._identities.set(request, None)
        found = _identity(request)
        self._identities.set(request, found)
        if found is not None and found.language and not is_for_programs(request):
            speak(found.language)
        return found

    def authenticated_userid(self, request: Request) -> str | None:
        """The account name."""
        return request.identity.nick if request.identity else None

    def permits(self, request: Request, _context: object, permission: str) -> Allowed | Denied:
        """Whether the request's identity has the permission."""
        identity = request.identity
        if identity is not None and identity.has_permission(permission):
            return Allowed("%s may", identity.nick)
        return Denied("not %s", permission)


def _identity(request: Request) -> Identity | None:
    # A request that shows a token is never somebody's browser, and the other way round.
    token = bearer_token(request)
    return identity_in_session(request) if token is None else identity_of_token(request, token)


def includeme(config: Configurator) -> None:
    """Require a permission for every view by default, a CSRF token for every POST, and add the headers."""
    config.set_security_policy(SecurityPolicy())
    config.set_default_permission(Permission.SIGNED_IN)
    config.add_tween("webapp.auth.security.headers_tween", over=EXCVIEW)
    secure = urlsplit(config.registry.services.settings.web.base_url).scheme == "https"
    config.set_csrf_storage_policy(CookieCSRFStoragePolicy(
        cookie_name=csrf_cookie_name(secure=secure), secure=secure, httponly=True, samesite="Lax"))
    config.set_default_csrf_options(require_csrf=True)


def csrf_cookie_name(*, secure: bool) -> str:
    """Name of the CSRF cookie. With a ``__Host-`` prefix under HTTPS, so that no other host can set it."""
    return "__Host-csrf" if secure else "csrf_token"


def headers_tween(handler: View, _registry: object) -> View:
    """Tween that adds security headers to all responses. Only marked responses may be cached."""
    def tween(request: Request) -> Response:
        response = handler(request)
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return tween
