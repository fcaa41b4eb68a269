"""An application that a file describes: an administrator's token, a new person's filter, and an event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from fmn.catalog.current import follow_directory
from fmn.ledger.models import StoredMessage
from fmn.wiring import Services
from tests.browser.conftest import being_served, window
from tests.browser.signing_in import sign_in
from tests.factories.matching import match

EVENT_TYPES = Path(__file__).parents[2] / "docs" / "sources" / "event-types"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Services]:
    with being_served(tmp_path, event_types=EVENT_TYPES) as services:
        yield services
    follow_directory(None)


def made_token(page: Page) -> str:
    page.goto("/account/tokens")
    page.get_by_label("Name").fill("garden")
    page.get_by_label("Publish events").check()
    page.get_by_role("button", name="Create token").click()
    return page.get_by_label("Copy “garden” now").input_value()


def publish(services: Services, token: str) -> None:
    """Post an event as the tutorial has it, and match it as a worker does."""
    answer = httpx.post(
        f"{services.settings.web.base_url}/events", headers={
            "Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents+json"},
        json={"specversion": "1.0", "id": "1", "source": "https://garden.example.org",
              "type": "garden.plant.checked", "data": {
                  "gardener": {"name": "mary"}, "plant": {"id": 7, "name": "the fern", "health": "sick"}}})
    assert (answer.status_code, [each["new"] for each in answer.json()["events"]]) == (202, [True])
    with services.database.reading() as session:
        match(services.batch_matcher, session.scalars(select(StoredMessage.id)).all())


def test_a_new_person_picks_its_rule_and_is_told(browser: Browser, served: Services) -> None:
    with window(browser, served) as page:
        sign_in(page, "root")
        token = made_token(page)
    with window(browser, served) as page:
        # Given somebody new, who finds the application in the catalogue like any other
        sign_in(page, "newbie")
        page.goto("/catalogue?q=sick+plant")
        expect(page.get_by_role("link", name="Community garden")).to_be_visible()
        page.goto("/catalogue/garden")
        expect(page.get_by_text("mary found the old moss sick")).to_be_visible()

        # When they make a filter of its rule
        page.goto("/preferences/email/filters/new")
        page.get_by_label("Find a rule").fill("plant is sick")
        page.get_by_role("button", name="Add Plant is sick").click()
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("**/preferences/email")
        made = page.get_by_role("listitem").filter(
            has=page.get_by_role("link", name="“Plant is sick”", exact=True))
        expect(made.get_by_text("On", exact=True)).to_be_visible()
        page.get_by_role("button", name="Switch e-mail on").click()

        # Then an event that a program posts is in their inbox, in the file's words
        publish(served, token)
        page.goto("/inbox")
        expect(page.get_by_text("mary found the fern sick").first).to_be_visible()
