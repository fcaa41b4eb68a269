"""Administrators' pages about webhooks: added, shown once, rotated, disabled and removed, all on record."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.administration.models import AuditEntry
from fmn.infra.db import Database
from fmn.sources.webhooks.models import Hook
from fmn.wiring import Services
from tests.factories.forges import Delivery, forgejo
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import app_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

LIST = "/admin/webhooks"


def add(root: TestApp, name: str = "moss", forge: str = "forgejo", **typed: object) -> TestResponse:
    """Send the form."""
    form = root.get(LIST).forms["make"]
    form["name"], form["forge"] = name, forge
    for field, value in typed.items():
        form[field] = value
    return form.submit(expect_errors=True)


def secret_in(page: TestResponse) -> str:
    """The secret that a page shows."""
    (shown,) = [field["value"] for field in outline(page).all("input") if field.get("id") == "secret"]
    assert shown
    return shown


def act(root: TestApp, action: str, name: str = "moss") -> TestResponse:
    """Press a button of the webhook's page."""
    page = root.get(f"{LIST}/{name}")
    (form,) = [each for each in page.forms.values() if each.action.endswith(f"/{action}")]
    return form.submit()


def send(services: Services, delivery: Delivery, secret: str) -> int:
    answer: TestResponse = TestApp(app_of(services)).post(
        "/hooks/moss", delivery.body, headers=dict(delivery.signed(secret)), expect_errors=True)
    return int(answer.status_code)


def audit(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_webhook_is_added_shown_once_and_works(root: TestApp, services: Services) -> None:
    # Given an administrator who adds one
    root.get(LIST).mustcontain("No webhooks yet")
    page = add(root)
    page.mustcontain("http://localhost/hooks/moss", "You won’t see it again", "No deliveries yet")
    secret = secret_in(page)

    # When the forge calls it, also with a wrong secret
    assert send(services, forgejo(), secret) == 202
    assert send(services, forgejo(), "whsec_wrong") == 404

    # Then its page lists both, and the secret is nowhere
    page = root.get(f"{LIST}/moss")
    outline(page)
    page.mustcontain("accepted", "wrong secret", "issues", "d-1", no=[secret])
    page = root.get(LIST)
    outline(page)
    page.mustcontain("moss", "Forgejo or Gitea", "added by root", no=[secret])
    root.get("/admin/audit").mustcontain("added webhook", no=[secret])


def test_a_rotated_secret_overlaps_with_the_one_before(root: TestApp, services: Services) -> None:
    first = secret_in(add(root))
    page = act(root, "rotate")
    second = secret_in(page)

    page.mustcontain("The secret before this one is valid until")
    assert first != second
    assert [send(services, forgejo(delivery=str(number), payload={"number": number}), secret)
            for number, secret in enumerate((first, second))] == [202, 202]


def test_a_button_that_is_pressed_twice_rotates_once(root: TestApp, services: Services) -> None:
    # Given a page with the button, which is pressed twice
    first = secret_in(add(root))
    (form,) = [each for each in root.get(f"{LIST}/moss").forms.values() if each.action.endswith("/rotate")]
    second, again = secret_in(form.submit()), secret_in(form.submit())

    # Then the forge's secret still holds
    assert second == again
    assert send(services, forgejo(), first) == 202

    # and a page that is older than the last rotation does nothing
    act(root, "rotate")
    form.submit(status=303).follow().mustcontain("somebody else has rotated the secret meanwhile")


def test_it_can_be_disabled_enabled_and_removed(
    root: TestApp, services: Services, database: Database,
) -> None:
    secret = secret_in(add(root))

    act(root, "disable").follow().mustcontain("Disabled “moss”", "Enable")
    assert send(services, forgejo(), secret) == 403
    act(root, "enable").follow().mustcontain("Enabled “moss”", no="Disabled</span>")
    assert send(services, forgejo(), secret) == 202
    act(root, "remove").follow().mustcontain("Removed “moss”", "No webhooks yet")
    assert send(services, forgejo(), secret) == 404
    root.get(LIST).mustcontain("The last request for a webhook that doesn’t exist")
    assert audit(database) == ["added webhook", "disabled webhook", "enabled webhook", "removed webhook"]


@pytest.mark.parametrize(("typed", "sentence"), [
    ({"name": "Moss!"}, "small letters, digits and dashes"), ({"name": ""}, "Fill in this field"),
    ({"topic_prefix": "org"}, "three words with dots"), ({"name": "known"}, "already"),
])
def test_what_can_t_be_used_is_said_beside_its_field(
    root: TestApp, database: Database, typed: dict[str, str], sentence: str,
) -> None:
    add(root, "known")

    page = add(root, **typed)

    assert page.status_code == 422
    outline(page)
    page.mustcontain(sentence)
    with database.reading() as session:
        assert list(session.scalars(select(Hook.name))) == ["known"]


def test_boxes_that_are_ticked_count(root: TestApp, database: Database) -> None:
    add(root, "one", logins_are_accounts=False, private_too=True)
    add(root, "two")

    with database.reading() as session:
        assert [(each.logins_are_accounts, each.private_too) for each in session.scalars(
            select(Hook).order_by(Hook.name))] == [(False, True), (True, False)]
    root.get(f"{LIST}/one").mustcontain("no account names", "taken, too")


@pytest.mark.parametrize("path", [f"{LIST}/unknown", f"{LIST}/moss/rotate", f"{LIST}/%00"])
def test_what_isn_t_there(root: TestApp, path: str) -> None:
    outline(root.get(path, status=404))


def test_an_action_that_there_isn_t(root: TestApp) -> None:
    add(root)
    token = root.cookies["csrf_token"]
    root.post(f"{LIST}/moss/explode", {"csrf_token": token}, status=404)
