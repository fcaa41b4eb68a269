"""Browsers of people who are signed in."""

from __future__ import annotations

from webtest import TestApp

from fmn.wiring import Services
from webapp import application


def signed_in(services: Services, nick: str) -> TestApp:
    """A browser in which somebody signed in by the development login."""
    browser = TestApp(application(services))
    form = browser.get("/sign-in").forms[0]
    form["nick"] = nick
    form.submit(status=303)
    return browser
