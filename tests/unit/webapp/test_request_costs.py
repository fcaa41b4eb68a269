"""Which of a person's budgets a request is taken from."""

from __future__ import annotations

import pytest

from webapp.request_costs import COSTLY, EDITORS, FREE, LINKS, SEARCHES, Cost, cost_of
from webapp.routes import ADMINISTRATION, API, OWN, PUBLIC


@pytest.mark.parametrize(("route", "method", "query", "cost"), [
    ("healthz", "GET", False, Cost.FREE),
    ("readyz", "GET", False, Cost.FREE),
    ("__static/", "GET", False, Cost.FREE),
    ("unsubscribe", "POST", False, Cost.LINKS),
    ("confirm", "GET", False, Cost.LINKS),
    ("go", "GET", False, Cost.LINKS),
    ("feed", "GET", False, Cost.LINKS),
    ("inbox", "GET", False, Cost.READS),
    ("inbox", "GET", True, Cost.COSTLY),
    ("inbox_live", "GET", True, Cost.READS),
    ("preview", "POST", False, Cost.COSTLY),
    ("filter", "GET", False, Cost.READS),
    ("filter", "POST", False, Cost.COSTLY),
    ("api_filter", "PUT", False, Cost.COSTLY),
    ("api_preferences", "GET", False, Cost.COSTLY),
    ("api_mutes", "OPTIONS", False, Cost.READS),
    ("mutes", "POST", False, Cost.WRITES),
    ("why_mute", "POST", False, Cost.WRITES),
    ("", "GET", True, Cost.READS),
    ("", "BREW", False, Cost.WRITES),
])
def test_each_request_is_of_a_kind(route: str, method: str, query: bool, cost: Cost) -> None:
    assert cost_of(route, method, searches=query) is cost


def test_only_routes_that_there_are_have_names_here() -> None:
    routes = {"__static/", *PUBLIC, *OWN, *ADMINISTRATION, *API}
    assert routes >= FREE | LINKS | COSTLY | SEARCHES | EDITORS
    assert {"unsubscribe", "confirm", "why", "go", "feed"} == LINKS
