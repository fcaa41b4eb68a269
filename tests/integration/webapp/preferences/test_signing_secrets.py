"""Secrets of web hooks: their owner sees them, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.delivery.webhook.signing import webhook_secret
from fmn.infra.cache import MemoryCache
from fmn.people.models import DetailValue
from fmn.settings import DeliverySettings
from fmn.wiring import Services
from tests.factories.people import Person, make_person
from tests.integration.webapp.api.client import Program
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in

ADDRESS = "https://hooks.example.org/a-path-that-nobody-else-knows"
SHOWN = "https://hooks.example.org/…nows"
SECRET = re.compile("whsec_[A-Za-z0-9+/=]+")


@pytest.fixture
def hooked(services: Services) -> Iterator[Services]:
    """Services with mail and web hooks."""
    made = Services(services.settings.model_copy(
        update={"delivery": DeliverySettings(channels=("email", "webhook"))}))
    made.cache = MemoryCache()
    yield made
    made.database.close()


@pytest.fixture
def alice(hooked: Services) -> Person:
    """Alice, who has a web hook."""
    return make_person(hooked.database, "alice", context="webhook", addresses=[ADDRESS])


@pytest.fixture
def browser(hooked: Services, alice: Person) -> TestApp:
    """Hers."""
    return signed_in(hooked, "alice")


def secret(services: Services, alice: Person) -> str:
    return webhook_secret(services.settings.web.secret, alice.preference_id, ADDRESS)


def test_its_owner_sees_it_on_the_page(hooked: Services, alice: Person, browser: TestApp) -> None:
    page = browser.get("/preferences/webhook")
    outline(page)
    assert SECRET.findall(page.text) == [secret(hooked, alice)]
    assert SHOWN in page.text
    assert ADDRESS not in page.text


def test_an_address_that_is_not_signed_for_has_none(browser: TestApp) -> None:
    assert not SECRET.search(browser.get("/preferences/email").text)


def test_administrators_do_not_see_it(hooked: Services, alice: Person) -> None:
    page = signed_in(hooked, "root").get("/admin/people/alice")
    assert SHOWN in page.text
    assert ADDRESS not in page.text
    assert not SECRET.search(page.text)


def test_it_is_not_in_what_is_kept_of_an_account(browser: TestApp, hooked: Services) -> None:
    export = browser.get("/account/export")
    assert ADDRESS in export.text
    assert not SECRET.search(export.text)
    with hooked.database.transaction() as session:
        assert session.scalars(select(DetailValue.value)).all() == [ADDRESS]


def test_a_program_that_may_write_is_told(hooked: Services, alice: Person, browser: TestApp) -> None:
    program = Program(hooked, "alice")
    [address] = program.get("/contexts/webhook/addresses")["addresses"]
    assert address["secret"] == secret(hooked, alice)
    assert program.get(f"/addresses/{address['id']}")["secret"] == address["secret"]
    [mail] = Program(hooked, "alice", "read").get("/contexts/webhook/addresses")["addresses"]
    assert mail["secret"] is None


def test_somebody_elses_program_is_not(hooked: Services, alice: Person) -> None:
    program = Program(hooked, "mallory")
    program.ask("GET", f"/addresses/{alice.address_ids[0]}", status=404)
