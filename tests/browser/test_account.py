"""Signing in with a provider, one's account, and signing out again, in a real browser without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from fmn.settings import OidcSettings
from fmn.wiring import Services
from tests.browser.conftest import being_served
from tests.servers.oidc import CLIENT_ID, CLIENT_SECRET, OidcProvider


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as running:
        yield running


@pytest.fixture
def services(tmp_path: Path, provider: OidcProvider) -> Iterator[Services]:
    """The web app being served, with a provider to sign in with."""
    oidc = OidcSettings(
        issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET,
        provider_name="your project account")
    with being_served(tmp_path, oidc=oidc) as served:
        yield served


def test_one_comes_goes_and_leaves_for_good(
    browser: Browser, services: Services, provider: OidcProvider,
) -> None:
    base_url = services.settings.web.base_url
    with browser.new_context(base_url=base_url, java_script_enabled=False) as context:
        page = context.new_page()
        # Given somebody who opens their account without being signed in
        page.goto("/account")
        sign_in = page.get_by_role("link", name="Sign in with your project account")

        # When the provider refuses, a button tries again, and leads there
        provider.behaviour.refusal = "access_denied"
        sign_in.click()
        expect(page.get_by_role("heading", name="We couldn’t sign you in")).to_be_visible()
        provider.behaviour.refusal = ""
        page.get_by_role("link", name="Try again").click()
        expect(page).to_have_url(f"{base_url}/account")
        expect(page.get_by_role("heading", name="alice")).to_be_visible()

        # When they choose where their clock is
        page.get_by_label("Your time zone").select_option("Europe/Berlin")
        page.get_by_role("button", name="Save time zone").click()
        expect(page.get_by_role("status")).to_have_text(re.compile("Your time zone is now Berlin."))

        # When they take everything with them
        with page.expect_download() as download:
            page.get_by_role("link", name="Download my data").click()
        assert download.value.suggested_filename == "fmn-alice.json"
        assert '"alice@example.org"' in Path(download.value.path()).read_text(encoding="utf-8")

        # When they sign out, which goes to the provider and back, past what forms may do
        page.get_by_role("button", name="Sign out of this browser").click()
        expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
        assert provider.asked[-1] == "/leave"
        page.goto("/account")
        expect(sign_in).to_be_visible()

        # When they come again and delete the account
        sign_in.click()
        page.get_by_role("link", name="Delete my account").click()
        page.get_by_label("Type alice to delete the account").fill("alice")
        page.get_by_role("button", name="Delete my account").click()
        expect(page.get_by_role("status")).to_have_text(re.compile("Deleted the account alice"))
