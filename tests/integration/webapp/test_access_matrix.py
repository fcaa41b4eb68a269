"""Every address and method of the web app, tried as everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import pytest
from webtest import TestApp, TestResponse

from tests.integration.webapp.access_matrix import ROWS, AccessCase, Outcome, Policy, Requester, outcome
from tests.integration.webapp.alices_rows import SECRET
from tests.integration.webapp.site import Site, attempt, make_site
from webapp import configured

#: What whoever is let in may get: they may still be told that a form lacks something, or that it's done, or
#: by /readyz that nobody migrated the tables of these tests.
TAKEN = frozenset({200, 201, 202, 204, 303, 304, 400, 409, 410, 415, 422, 428, 429, 503})
@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A world in which nothing changes, for those who are refused."""
    yield from make_site(tmp_path_factory.mktemp("who"))


@pytest.fixture
def fresh_site(tmp_path: Path) -> Iterator[Site]:
    """A world for those who may change it."""
    yield from make_site(tmp_path)


@pytest.fixture(scope="module")
def browsers(site: Site) -> Mapping[Requester, TestApp]:
    """Everybody's, made before anything is compared."""
    return {who: site.browser(who) for who in Requester}


def told(answer: TestResponse) -> Outcome:
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Outcome.REFUSED
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return Outcome.NOT_THERE
    if answer.status_code == HTTPStatus.SEE_OTHER and "/sign-in?to=" in answer.location:
        return Outcome.SIGN_IN
    assert answer.status_code in TAKEN, answer.status
    return Outcome.LET_IN


def names(row: AccessCase) -> str:
    return f"{row.method} {row.route}"


def test_every_view_has_a_row(site: Site) -> None:
    config = configured(site.services, trial=True)
    config.commit()
    views = [each["introspectable"] for each in config.introspector.get_category("views")]
    known = {(row.route, row.method) for row in ROWS}
    found = {
        (view["route_name"], method)
        for view in views if view["route_name"] and view["route_name"] != "__static/"
        for method in _methods(view["request_methods"])
    }
    assert found - known == set(), "views without a row in who_may_what.py"
    assert known - found == set(), "rows without a view"


def _methods(given: object) -> set[str]:
    """A view that doesn't say which methods it's for is for all of them, and that is a mistake."""
    assert given, "a view says no method"
    methods = {given} if isinstance(given, str) else set(given)  # type: ignore[call-overload] # checked above
    return methods - {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("row", ROWS, ids=names)
def test_who_may_not_is_refused_and_changes_and_learns_nothing(
    site: Site, browsers: Mapping[Requester, TestApp], row: AccessCase,
) -> None:
    for who in Requester:
        expected = outcome(row.policy, who, row.method)
        if expected is Outcome.LET_IN:
            continue
        before = site.rows()
        answer = attempt(browsers[who], row, site.own)
        assert (who, told(answer)) == (who, expected)
        assert SECRET not in answer.text
        assert site.rows() == before


@pytest.mark.parametrize("row", ROWS, ids=names)
def test_who_may_is_let_in_and_learns_nothing_of_others(fresh_site: Site, row: AccessCase) -> None:
    for who in Requester:
        if outcome(row.policy, who, row.method) is not Outcome.LET_IN:
            continue
        answer = attempt(fresh_site.browser(who), row, fresh_site.own)
        assert (who, told(answer)) == (who, Outcome.LET_IN)
        if row.policy not in (Policy.PUBLIC, Policy.ADMINISTRATORS) and who not in (
                Requester.ALICE, Requester.ALICE_READS, Requester.ALICE_WRITES):
            assert SECRET not in answer.text
