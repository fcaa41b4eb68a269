"""Putting filters in order, in a real browser: with the keyboard alone, by dragging, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from fmn.filters.editing import add_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.people.models import Preference
from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import NAME, World


@pytest.fixture
def filters(world: World) -> World:
    """Alice with three filters."""
    with world.services.database.transaction() as session:
        preference = session.get_one(Preference, world.preference_id)
        for name, rule in (("Comments", "bodhi_update_comment"), ("Tags", "koji_tag")):
            add_filter(session, preference, FilterSpec(name=name, expression=Rule(rule)))
    return world


def saved(world: World) -> list[str]:
    with world.services.database.reading() as session:
        return list(session.scalars(select(Filter.name).order_by(Filter.position)))


def row(page: Page, name: str) -> Locator:
    return page.locator(".filter").filter(has=page.get_by_role("link", name=name, exact=True))


def expect_order(page: Page, world: World, *names: str) -> None:
    """They stand in this order on the page, which is what is saved."""
    expect(page.locator(".filter h3")).to_have_text(list(names))
    expect(page.locator("#filter-list:not([aria-busy])")).to_be_visible()
    assert saved(world) == list(names)


def test_filters_are_put_in_order_in_place(page: Page, filters: World) -> None:
    # Given Alice on the page of her e-mails
    sign_in(page, "alice")
    page.set_viewport_size({"width": 1280, "height": 1600})
    page.goto("/preferences/email")
    where = page.url

    # When she moves a filter with the keyboard, then the focus goes with it, and she hears where it is
    page.get_by_role("button", name=f"Move down {NAME}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Moved “{NAME}” to position 2.")).to_be_attached()
    expect(page.get_by_role("button", name=f"Move down {NAME}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Moved “{NAME}” to position 3.")).to_be_attached()
    # at the end there's but one way
    expect(page.get_by_role("button", name=f"Move up {NAME}")).to_be_focused()
    expect_order(page, filters, "Comments", "Tags", NAME)

    # When she drags one to the top
    handle, top = row(page, NAME).locator(".handle").bounding_box(), row(page, "Comments").bounding_box()
    assert handle
    assert top
    page.mouse.move(handle["x"] + 12, handle["y"] + 12)
    page.mouse.down()
    page.mouse.move(handle["x"] + 12, top["y"] + top["height"], steps=4)
    page.mouse.move(handle["x"] + 12, top["y"] + 2, steps=4)
    page.mouse.up()
    expect_order(page, filters, NAME, "Comments", "Tags")

    # When she deletes one, then the keyboard is where she takes that back
    row(page, "Comments").get_by_text("More").click()
    page.get_by_role("button", name="Delete Comments").click()
    expect(page.get_by_text("Deleted “Comments”.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect_order(page, filters, NAME, "Tags")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Restored “Comments”.")).to_be_visible()
    expect_order(page, filters, NAME, "Comments", "Tags")

    # And all of it happened in place
    assert page.url == where


def test_filters_are_put_in_order_without_scripts(browser: Browser, filters: World) -> None:
    base_url = filters.services.settings.web.base_url
    with browser.new_context(base_url=base_url, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "alice")
        page.goto("/preferences/email")
        page.get_by_role("button", name="Move up Tags").click()
        expect(page.get_by_text("Moved “Tags” to position 2.")).to_be_visible()
        assert saved(filters) == [NAME, "Tags", "Comments"]
        assert page.url.endswith("/preferences/email/filters")
        assert page.locator(".handle").count() == 0


def test_what_can_not_be_is_told_on_a_page_of_its_own(browser: Browser, filters: World) -> None:
    with browser.new_context(base_url=filters.services.settings.web.base_url) as context:
        page = context.new_page()
        sign_in(page, "alice")
        page.goto("/preferences/email")
        row(page, NAME).get_by_text("More").click()
        page.get_by_label("or until this day").first.fill("2999-01-01")
        page.get_by_role("button", name=f"Snooze {NAME}").click()
        expect(page.get_by_text("That is more than a year away")).to_be_visible()
        expect(page.get_by_label("or until this day").first).to_have_value("2999-01-01")
