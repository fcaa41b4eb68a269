"""The page of API tokens."""

from __future__ import annotations

from sqlalchemy import select, update
from webtest import TestApp, TestResponse

from fmn.infra.db import Database
from fmn.people.models import ApiToken
from fmn.wiring import Services
from tests.factories.messages import NOON
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import new_browser


def make(browser: TestApp, name: str = "gizmo", *, may: str = "read", end: str = "90") -> TestResponse:
    """Send the form."""
    form = browser.get("/account/tokens").forms["make"]
    form["name"], form["may"], form["end"] = name, may, end
    return form.submit(expect_errors=True)


def shown_in(page: TestResponse) -> str:
    """The token that a page shows."""
    (shown,) = [field["value"] for field in outline(page).all("input") if field.get("id") == "token"]
    assert shown
    return shown


def ask(services: Services, token: str, method: str = "GET") -> TestResponse:
    """Ask the API for the account with a token."""
    app = new_browser(services, {"HTTP_AUTHORIZATION": f"Bearer {token}"})
    if method == "GET":
        return app.get("/api/v1/me", expect_errors=True)
    return app.patch_json("/api/v1/me", {"time_zone": "UTC"}, expect_errors=True)


def test_a_token_is_made_shown_once_used_and_revoked(
    alice: TestApp, services: Services, database: Database,
) -> None:
    # Given somebody without tokens, who makes one
    page = alice.get("/account/tokens")
    outline(page)
    page.mustcontain("No tokens yet")
    shown = shown_in(make(alice))

    # Then a program gets in with it, and may only read
    assert ask(services, shown).json["nick"] == "alice"
    assert ask(services, shown, "PATCH").status_code == 403

    # and the page lists it with its use, but never shows it again
    page = alice.get("/account/tokens")
    outline(page)
    page.mustcontain("gizmo", "Read only.", "Created ", "Last used ", ">today at", "Expires", no=[shown])

    # When it's revoked, nobody gets in with it
    page.forms[0].submit(status=303).follow().mustcontain("Revoked “gizmo”", "No tokens yet")
    assert ask(services, shown).status_code == 401


def test_a_token_that_may_change_something_does(alice: TestApp, services: Services) -> None:
    page = make(alice, may="change", end="never")
    page.mustcontain("Read and write", "Doesn’t expire")
    assert ask(services, shown_in(page), "PATCH").status_code == 200


def test_a_form_that_is_sent_again_makes_nothing(alice: TestApp, database: Database) -> None:
    make(alice)
    page = make(alice)
    outline(page)
    assert page.status_code == 422
    page.mustcontain("You have a token called “gizmo” already", no='id="token"')
    with database.reading() as session:
        assert len(session.scalars(select(ApiToken)).all()) == 1


def test_what_makes_no_sense_is_told_beside_its_field(alice: TestApp, database: Database) -> None:
    for name in ("", " ", "x" * 101):
        page = make(alice, name)
        assert page.status_code == 422
        outline(page)
        page.mustcontain('id="name-problem"')
    form = alice.get("/account/tokens").forms["make"]
    form["name"] = "<b>bold</b>"
    form["may"].force_value("everything")
    form["end"].force_value("1000000")
    page = form.submit(status=422)
    outline(page)
    assert page.text.count("Choose one of the options.") == 2
    page.mustcontain("&lt;b&gt;bold", no="<b>bold</b>")
    with database.reading() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_a_token_that_expired_is_told_to_be(alice: TestApp, database: Database) -> None:
    make(alice)
    with database.transaction() as session:
        session.execute(update(ApiToken).values(expires_at=NOON.replace(year=2020)))
    alice.get("/account/tokens").mustcontain("Expired")


def test_nobody_sees_or_ends_what_is_not_theirs(alice: TestApp, mallory: TestApp, database: Database) -> None:
    make(alice)
    mallory.get("/account/tokens").mustcontain("No tokens yet", no="gizmo")
    with database.reading() as session:
        (token,) = session.scalars(select(ApiToken))
    form = mallory.get("/account/tokens").forms["make"]
    form.action = f"/account/tokens/{token.id}/revoke"
    form.submit(status=404)
    alice.get("/account/tokens").mustcontain("gizmo")
