"""Which of a person's budgets a request is taken from."""

from __future__ import annotations

import pytest

from webapp.request_costs import COSTLY, EDITORS, FREE, LINKS, SEARCHES, TRIAGE, Cost, cost_of
from webapp.routes import ADMINISTRATION, API, OWN, PUBLIC


@pytest.mark.parametrize(("route", "method", "query", "form", "cost"), [
    ("healthz", "GET", set(), {}, Cost.FREE),
    ("readyz", "GET", set(), {}, Cost.FREE),
    ("__static/", "GET", set(), {}, Cost.FREE),
    ("unsubscribe", "POST", set(), {}, Cost.LINKS),
    ("confirm", "GET", set(), {}, Cost.LINKS),
    ("go", "GET", set(), {}, Cost.LINKS),
    ("feed", "GET", set(), {}, Cost.LINKS),
    ("inbox", "GET", set(), {}, Cost.READS),
    ("inbox", "GET", {"q"}, {}, Cost.COSTLY),
    ("why_not", "GET", set(), {}, Cost.READS),
    ("why_not", "GET", {"q"}, {}, Cost.COSTLY),
    ("admin_trace", "GET", {"q", "user"}, {}, Cost.COSTLY),
    ("inbox_live", "GET", {"q"}, {}, Cost.READS),
    ("preview", "POST", set(), {}, Cost.COSTLY),
    ("filter", "GET", set(), {}, Cost.READS),
    ("filter", "POST", set(), {"do": "look"}, Cost.COSTLY),
    ("filter", "POST", set(), {"do": "search", "live": "true"}, Cost.READS),
    ("filter_new", "POST", set(), {"do": "save", "live": "true"}, Cost.WRITES),
    ("group_filter", "POST", set(), {"do": "add:koji_tag"}, Cost.COSTLY),
    ("group_filter_new", "POST", set(), {"do": "add:koji_tag", "live": "true"}, Cost.READS),
    ("inbox_triage", "POST", set(), {"whole": "done:package:rpms/moss"}, Cost.COSTLY),
    ("api_filter", "PUT", set(), {}, Cost.WRITES),
    ("api_preferences", "GET", set(), {}, Cost.COSTLY),
    ("api_mutes", "OPTIONS", set(), {}, Cost.READS),
    ("mutes", "POST", set(), {}, Cost.WRITES),
    ("why_mute", "POST", set(), {}, Cost.WRITES),
    ("inbox_triage", "POST", set(), {"row": "done:1"}, Cost.READS),
    ("inbox_triage", "POST", set(), {"all": "done"}, Cost.COSTLY),
    ("inbox_undo", "POST", set(), {}, Cost.WRITES),
    ("", "GET", {"q"}, {}, Cost.READS),
    ("", "BREW", set(), {}, Cost.WRITES),
])
def test_each_request_is_of_a_kind(
    route: str, method: str, query: set[str], form: dict[str, str], cost: Cost,
) -> None:
    assert cost_of(route, method, query, form) is cost


def test_only_routes_that_there_are_have_names_here() -> None:
    routes = {"__static/", *PUBLIC, *OWN, *ADMINISTRATION, *API}
    assert routes >= FREE | LINKS | COSTLY | SEARCHES | EDITORS | TRIAGE
    assert {"unsubscribe", "confirm", "why", "go", "feed"} == LINKS
