"""Browsers of people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http.cookiejar import CookieJar
from typing import Any, Final

from pyramid.router import Router
from webtest import TestApp

from fmn.settings import OidcSettings, Settings, WebSettings
from fmn.wiring import Services
from webapp import application, configured
from webapp.request import WsgiApplication

#: What a server says of a request of a browser on this machine: the trial's sign-in is for nobody else.
LOCAL: Final = {"REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1"}


def app_of(services: Services) -> WsgiApplication:
    """The web app on these services. Making one takes longer than most tests, so they share it."""
    router = _router(services.settings.web, services.settings.oidc)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.update({**LOCAL, "REMOTE_ADDR": environ.get("REMOTE_ADDR", LOCAL["REMOTE_ADDR"])})
        router.registry.services = services
        router.registry.links = services.links
        answer: Iterable[bytes] = router(environ, start_response)
        return answer

    return app


@cache
def _router(web: WebSettings, oidc: OidcSettings) -> Router:
    """An app as the settings have it that count when it's made. It gets its services with each request."""
    return configured(Services(Settings(web=web, oidc=oidc)), trial=web.development_login).make_wsgi_app()


def new_browser(
    services: Services, headers: Mapping[str, str] | None = None, jar: CookieJar | None = None,
) -> TestApp:
    """A browser on this machine that asks an app of its own; ``headers`` are what WSGI calls them."""
    made = application(services, trial=services.settings.web.development_login)
    return TestApp(made, extra_environ={**LOCAL, **(headers or {})}, cookiejar=jar)


def signed_in(services: Services, nick: str) -> TestApp:
    """A browser in which somebody signed in by the development login."""
    browser = TestApp(app_of(services))
    form = browser.get("/sign-in").forms[0]
    form["nick"] = nick
    form.submit(status=303)
    return browser
