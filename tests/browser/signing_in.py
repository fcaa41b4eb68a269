"""Signing in as people do, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page


def sign_in(page: Page, nick: str) -> None:
    """Sign in by the development login."""
    page.goto("/sign-in")
    page.get_by_label("Account name").fill(nick)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
