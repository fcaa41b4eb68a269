"""Browsers of people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http.cookiejar import CookieJar
from typing import Any, Final

from pyramid.router import Router
from webtest import TestApp

from fmn.settings import CatalogSettings, OidcSettings, Settings, WebSettings
from fmn.wiring import Services
from webapp import configured
from webapp.oidc import provider_from
from webapp.request import WsgiApplication

#: What a server says of a request of a browser on this machine: the trial's sign-in is for nobody else.
LOCAL: Final = {"REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1"}
#: The cookie and the field with it in every form.
CSRF: Final = "csrf_token"


def app_of(services: Services) -> WsgiApplication:
    """The web app on these services, which has asked the OpenID provider for nothing yet.

    Making one takes longer than most tests, so those with the same settings share all that lasts no longer
    than a request.
    """
    settings = services.settings
    router = _router(settings.web, settings.oidc, settings.catalog)
    provider = provider_from(settings)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.update({**LOCAL, "REMOTE_ADDR": environ.get("REMOTE_ADDR", LOCAL["REMOTE_ADDR"])})
        router.registry.services = services
        router.registry.links = services.links
        router.registry.provider = provider
        answer: Iterable[bytes] = router(environ, start_response)
        return answer

    return app


@cache
def _router(web: WebSettings, oidc: OidcSettings, catalog: CatalogSettings) -> Router:
    """An app as the settings have it that count when it's made. It gets its services with each request."""
    services = Services(Settings(web=web, oidc=oidc, catalog=catalog))
    return configured(services, trial=web.development_login).make_wsgi_app()


def new_browser(
    services: Services, headers: Mapping[str, str] | None = None, jar: CookieJar | None = None,
) -> TestApp:
    """A browser on this machine; ``headers`` are what WSGI calls them."""
    return TestApp(app_of(services), extra_environ=dict(headers or {}), cookiejar=jar)


def signed_in(services: Services, nick: str, headers: Mapping[str, str] | None = None) -> TestApp:
    """A browser in which somebody signed in by the development login, without reading its page."""
    browser = new_browser(services, headers)
    browser.set_cookie(CSRF, nick)
    browser.post("/sign-in", {"nick": nick, CSRF: nick}, status=303)
    return browser
