from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Severity, catalog
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

HOST: dict[str, Any] = {
    "host": "proxy99.example.org", "state": "DOWN", "type": "PROBLEM",
    "host_ack_author": "", "service_ack_author": "",
}
SERVICE: dict[str, Any] = {**HOST, "service": "http-moss", "state": "CRITICAL"}


@pytest.mark.parametrize(("thing", "body", "summary"), [
    ("host", HOST, "proxy99.example.org is down"),
    ("host", {**HOST, "state": "CRITICAL"}, "proxy99.example.org is failing"),
    ("host", {**HOST, "type": "RECOVERY", "state": "UP"}, "proxy99.example.org is up again"),
    ("host", {**HOST, "host": None}, "A host is down"),
    ("service", SERVICE, "http-moss on proxy99.example.org is failing"),
    ("service", {**SERVICE, "service": None}, "A service on proxy99.example.org is failing"),
    ("service", {**SERVICE, "output": "HTTP CRITICAL: 503"},
     'http-moss on proxy99.example.org is failing: "HTTP CRITICAL: 503"'),
    ("service", {**SERVICE, "type": "RECOVERY", "state": "OK"},
     "http-moss on proxy99.example.org is fine again"),
    ("service", {**SERVICE, "type": "FLAPPINGSTART"},
     "http-moss on proxy99.example.org started to change its state too often"),
    ("service", {**SERVICE, "type": "DOWNTIMEEND"},
     "A planned downtime of http-moss on proxy99.example.org ended"),
    ("service", {**SERVICE, "type": "CUSTOM", "state": "?"},
     "http-moss on proxy99.example.org is in another state"),
])
def test_what_nagios_sees_is_told(thing: str, body: dict[str, Any], summary: str) -> None:
    assert described(f"nagios.{thing}.state.change", body).summary == summary


def test_nobody_is_concerned_by_a_problem_until_somebody_acknowledges_it() -> None:
    told = described("nagios.service.state.change", SERVICE)

    assert facts("nagios.service.state.change", SERVICE).usernames == frozenset()
    assert told.secondary_icon == catalog().applications["nagios"].icon
    assert told.link == (
        "https://admin.fedoraproject.org/nagios/cgi-bin/status.cgi?navbarsearch=1&host=proxy99.example.org")


@pytest.mark.parametrize("author", ["mary", "http://mary.id.fedoraproject.org/", "https://mary.id.fedoraproject.org"])
def test_who_acknowledges_a_problem_is_known_by_openid(author: str) -> None:
    body = {**SERVICE, "type": "ACKNOWLEDGEMENT", "service_ack_author": author}

    assert facts("nagios.service.state.change", body).agent == "mary"
    assert described("nagios.service.state.change", body).secondary_icon == avatar("mary")
    assert described("nagios.service.state.change", body).summary == (
        "mary acknowledged that http-moss on proxy99.example.org is failing")


def test_problems_are_errors_and_recoveries_aren_t() -> None:
    assert facts("nagios.host.state.change", HOST).event.severity is Severity.ERROR
    assert facts("nagios.host.state.change", {**HOST, "type": "RECOVERY"}).event.severity is Severity.INFO
