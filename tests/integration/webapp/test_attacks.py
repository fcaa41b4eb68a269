"""What Mallory tries with every address of the web app, and what must come of it: nothing.

Forged forms, markup and control characters in everything that can be typed, forms that are too long, and
forms that are sent twice. Each new address is tried without being named here: it has its row in
``who_may_what.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import update
from webtest import TestApp, TestResponse

from fmn.filters.models import Filter
from fmn.people.models import DetailValue
from tests.integration.webapp.access_matrix import ROWS, AccessCase, Outcome, Policy, Requester, outcome
from tests.integration.webapp.alices_rows import SECRET
from tests.integration.webapp.signing_in import app_of
from tests.integration.webapp.site import Site, attempt, make_site
from tests.servers.web_app import served
from webapp import application
from webapp.request_validation import LARGEST_FORM

#: Would run if it came into a page as it is.
SCRIPT: Final = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
#: What programs stumble over.
NASTY: Final = (
    SCRIPT, "\0' OR 1=1 --", "\r\nSet-Cookie: fmn=mallory", "9" * 400, "-1", "a" * 30_000,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
)
#: Says to supervisors that nobody migrated the tables of these tests.
UNREADY: Final = "readyz"
PAGES: Final = [
    row for row in ROWS if row.route != UNREADY and row.policy is not Policy.FORGES
    and not row.policy.value.startswith("api")]
FORMS: Final = [row for row in PAGES if row.method == "POST"]
#: The token in their address is what nobody else can have; mail programs post to one of them by themselves.
WITHOUT_FORM: Final = frozenset({"unsubscribe", "confirm"})
#: Answers of a program that wasn't upset.
CALM: Final = range(200, 500)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Alice's world, in which she's been writing what she shouldn't."""
    yield from make_site(tmp_path)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Alice's world, for what changes nothing."""
    yield from make_site(tmp_path_factory.mktemp("attacks"))


def owner(row: AccessCase) -> Requester:
    """Somebody who may."""
    return next(
        who for who in (Requester.ALICE, Requester.ROOT)
        if outcome(row.policy, who, row.method) is Outcome.LET_IN)


def names(row: AccessCase) -> str:
    return f"{row.method} {row.route}"


def upset(answer: TestResponse) -> str:
    """How one can see that something got through, or nothing."""
    problems = []
    if answer.status_code not in CALM:
        problems.append(answer.status)
    if answer.content_type == "text/html" and "<img src=x" in answer.text:
        problems.append("markup")
    if "mallory" in " ".join(answer.headers.getall("Set-Cookie")) or "Traceback" in answer.text:
        problems.append("headers")
    return ", ".join(problems)


@pytest.mark.parametrize("row", [row for row in FORMS if row.route not in WITHOUT_FORM], ids=names)
def test_a_form_that_is_not_ours_does_nothing(unchanged: Site, row: AccessCase) -> None:
    # Given somebody who may, and whose browser another site makes post a form
    browser = unchanged.browser(owner(row))
    browser.get("/sign-in")
    before = unchanged.rows()
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "made up"}):
        answer = browser.post(row.path(unchanged.own), {**row.form, **token}, expect_errors=True)
        assert answer.status_code == 403
        assert unchanged.rows() == before


@pytest.mark.parametrize("row", [row for row in FORMS if row.form], ids=names)
def test_nothing_that_is_typed_upsets_a_form(site: Site, row: AccessCase) -> None:
    browser = site.browser(owner(row))
    for field in row.form:
        for text in NASTY:
            answer = attempt(browser, _with(row, {**row.form, field: text}), site.own)
            assert (field, text[:40], upset(answer)) == (field, text[:40], "")
            if answer.status_code == 303:
                where = answer.location
                assert re.fullmatch(r"http://localhost(/.*)?", where), "leads elsewhere"
                assert upset(browser.get(where, expect_errors=True)) == ""


@pytest.mark.parametrize("row", [row for row in PAGES if row.method == "GET"], ids=names)
def test_nothing_that_is_asked_upsets_a_page(unchanged: Site, row: AccessCase) -> None:
    browser = unchanged.browser(owner(row))
    query = ("q", "to", "before", "after", "subject", "rule", "context", "state", "filter", "text", "from")
    for text in NASTY:
        answer = browser.get(row.path(unchanged.own), dict.fromkeys(query, text), expect_errors=True)
        assert (text[:40], upset(answer)) == (text[:40], "")


def test_what_somebody_wrote_is_markup_nowhere(site: Site) -> None:
    # Given a filter and an address whose names would run as scripts
    with site.services.database.transaction() as session:
        session.execute(update(Filter).values(name=f"{SCRIPT} {SECRET}", stop_reason=SCRIPT))
        session.execute(update(DetailValue).values(value=f"{SCRIPT}@example.org").where(
            DetailValue.id == site.own.ids["address"]))
    seen = 0
    # Then no page has them as they are
    for row in PAGES:
        if row.method == "GET":
            answer = attempt(site.browser(owner(row)), row, site.own)
            assert (row.route, upset(answer)) == (row.route, "")
            seen += "alert(1)" in answer.text
    assert seen >= 3, "the pages that show them are tried"


@pytest.mark.parametrize("row", FORMS, ids=names)
def test_a_form_that_is_sent_twice_does_no_harm(site: Site, row: AccessCase) -> None:
    browser = site.browser(owner(row))
    attempt(browser, row, site.own)
    once = _sizes(site)
    answer = attempt(browser, row, site.own)
    assert answer.status_code in CALM
    if row.route not in MAKES_ANOTHER and answer.status_code < 400:
        assert _sizes(site) == once


#: What makes another one each time, on purpose.
MAKES_ANOTHER: Final = frozenset({"admin_filter_stop", "admin_deliveries", "tokens", "address", "why_mute"})


def _sizes(site: Site) -> Mapping[str, int]:
    """How many rows there are; the change log and the audit log grow by whatever is done."""
    grows = {"preference_changes", "audit_entries"}
    return {name: len(rows) for name, rows in site.rows().items() if name not in grows}


def _with(row: AccessCase, form: Mapping[str, str]) -> AccessCase:
    return AccessCase(row.route, row.method, row.policy, row.path, form)


def test_a_form_that_is_too_long_is_refused_before_anybody_reads_it(unchanged: Site) -> None:
    with served(application(unchanged.services, trial=True)) as (host, port):
        answer = httpx.post(f"http://{host}:{port}/sign-in", data={"nick": "a" * (LARGEST_FORM + 1)})
    assert answer.status_code == 413


def test_nobody_stays_who_they_were_in_a_browser_that_somebody_else_signs_in(unchanged: Site) -> None:
    # Given a browser whose cookies Mallory knows, because she used it before
    browser: TestApp = unchanged.browser(Requester.MALLORY)
    known = dict(browser.cookies)
    # When Alice signs in there
    token = browser.cookies["csrf_token"]
    browser.post("/sign-in", {"nick": "alice", "csrf_token": token}, status=303)
    # Then the cookies that Mallory knows still are Mallory's
    hers = TestApp(app_of(unchanged.services))
    for name, value in known.items():
        hers.set_cookie(name, value)
    assert "alice" not in hers.get("/").text
    assert browser.cookies["csrf_token"] != known["csrf_token"]


def test_policies_are_of_every_kind() -> None:
    """So that the tests above have something of each to try."""
    assert {row.policy for row in PAGES} >= {
        Policy.PUBLIC, Policy.SELF, Policy.ALICES, Policy.ADMINISTRATORS}
