"""Giving a program a token, and taking preferences out and in as a file, in a real browser.

These pages have no scripts. That they're judged takes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from fmn.wiring import Services
from tests.browser.accessibility import COLOURS, axe_violations
from tests.browser.conftest import window
from tests.browser.page_actions import press, sign_in_and_open_email
from tests.browser.pictures import DESK, PHONE, show, take_pictures


def look(page: Page, name: str) -> None:
    """Leave pictures, if they're wanted, and judge what can be judged."""
    take_pictures(page, name)
    show(page, "light", PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    show(page, "dark", DESK)
    assert axe_violations(page, COLOURS) == []
    show(page, "light", DESK)
    assert axe_violations(page) == []


@pytest.fixture
def alices(browser: Browser, services: Services) -> Iterator[Page]:
    """Alice's window."""
    with window(browser, services) as opened:
        sign_in_and_open_email(opened)
        yield opened


def test_a_program_gets_in_until_its_token_is_revoked(alices: Page, services: Services) -> None:
    page, api = alices, f"{services.settings.web.base_url}/api/v1/me"
    page.goto("/account")
    page.get_by_role("link", name="API tokens").last.click()

    # When Alice makes a token for a program
    page.get_by_label("Name").fill("backup on my laptop")
    page.get_by_label("Read and write").check()
    page.get_by_role("button", name="Create token").click()
    token = page.get_by_label("Copy “backup on my laptop” now").input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copy")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == token
    look(page, "token-made")

    # Then the program gets in with it
    shown = {"Authorization": f"Bearer {token}"}
    assert httpx.get(api, headers=shown).json()["nick"] == "alice"

    # until she revokes it
    press(page, "Revoke backup on my laptop", "Revoked “backup on my laptop”.")
    assert httpx.get(api, headers=shown).status_code == 401


def test_preferences_are_edited_as_a_file(alices: Page, tmp_path: Path) -> None:
    page, file = alices, tmp_path / "mine.toml"
    page.goto("/account/preferences")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as TOML").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")

    # When Alice edits the file, with a mistake, and uploads it
    wanted = '[{ name = "Karma on my packages", expression = "bodhi_update_coment and maintains(@me)" }]'
    text = text.replace("filters = []", f"filters = {wanted}").replace("enabled = false", "enabled = true")
    file.write_text(text, encoding="utf-8")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Preview changes").click()

    # Then she's told where, and corrects it
    expect(page.get_by_text("did you mean bodhi_update_comment?")).to_be_visible()
    look(page, "exchange-wrong")
    content = page.get_by_label("File content")
    content.fill(content.input_value().replace("coment", "comment"))
    page.get_by_role("button", name="Preview changes").click()
    look(page, "exchange-changes")
    page.get_by_role("button", name="Apply changes").click()
    expect(page.get_by_role("status")).to_contain_text("Imported your preferences: 2 changes")
    page.goto("/preferences/email/filters")
    expect(page.get_by_role("heading", name="Karma on my packages")).to_be_visible()
