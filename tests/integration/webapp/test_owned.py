"""What is mine is there by its address; what is somebody else's isn't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.response import Response
from sqlalchemy.orm import Session
from webtest import TestApp

from fmn.wiring import Services
from tests.factories.inboxes import make_inbox_owner
from tests.factories.people import make_person
from tests.integration.webapp.signing_in import LOCAL
from webapp import configured, owned
from webapp.request import Request

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def app(services: Services) -> Callable[[str], TestApp]:
    """Browsers of an app whose pages say the ids of what's looked up, by whoever is signed in."""
    def shows(find: Callable[[Request, Session], Any]) -> Callable[[Request], Response]:
        return lambda request: Response(str(find(request, request.read_session).id))

    config = configured(services, trial=True)
    for name, pattern, find in (
        ("current_user", "/user", owned.current_user),
        ("owned_preference", "/preference/{context}", owned.owned_preference),
        ("owned_filter", "/filter/{filter_id}", owned.owned_filter),
        ("owned_address", "/address/{address_id}", owned.owned_address),
        ("owned_notification", "/notification/{notification_id}", owned.owned_notification),
    ):
        config.add_route(name, pattern)
        config.add_view(shows(find), route_name=name)
    made = config.make_wsgi_app()

    def browser(nick: str) -> TestApp:
        opened = TestApp(made, extra_environ=LOCAL)
        form = opened.get("/sign-in").forms[0]
        form["nick"] = nick
        form.submit(status=303)
        return opened

    return browser


def test_each_sees_their_own_and_nothing_else(services: Services, app: Callable[[str], TestApp]) -> None:
    # Given Alice and Bob, who have the same
    people = {nick: make_person(services.database, nick) for nick in ("alice", "bob")}
    for nick, person in people.items():
        browser = app(nick)
        other = people["bob" if nick == "alice" else "alice"]
        # Then each finds theirs
        assert browser.get("/user").text == str(person.user_id)
        assert browser.get("/preference/email").text == str(person.preference_id)
        assert browser.get(f"/filter/{person.filter_ids[0]}").text == str(person.filter_ids[0])
        assert browser.get(f"/address/{person.address_ids[0]}").text == str(person.address_ids[0])
        # and not the other's, which are no more there than what doesn't exist
        theirs = browser.get(f"/filter/{other.filter_ids[0]}", status=404)
        nobodys = browser.get("/filter/999", status=404)
        assert theirs.text == nobodys.text
        browser.get(f"/address/{other.address_ids[0]}", status=404)
        browser.get("/preference/irc", status=404)


def test_each_sees_their_own_notifications(services: Services, app: Callable[[str], TestApp]) -> None:
    theirs = {nick: make_inbox_owner(services.database, nick).receives() for nick in ("alice", "bob")}
    browser = app("alice")
    assert browser.get(f"/notification/{theirs['alice']}").text == str(theirs["alice"])
    browser.get(f"/notification/{theirs['bob']}", status=404)


def test_what_is_no_number_of_a_row_is_not_there(app: Callable[[str], TestApp]) -> None:
    browser = app("alice")
    for number in ("0", "-1", "x", "1x", "1.0", "%2B1", "9" * 19, "9" * 20, "9" * 5000, "%C2%B2"):
        for where in ("filter", "address", "notification"):
            browser.get(f"/{where}/{number}", status=404)
