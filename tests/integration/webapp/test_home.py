"""The first page."""

from __future__ import annotations

from webtest import TestApp

from tests.integration.webapp.pages import outline


def test_says_what_fmn_is_and_how_to_get_help(web: TestApp) -> None:
    page = web.get("/")
    outline(page)
    page.mustcontain("What concerns you, and nothing else", "Too much arrives", "Ask whoever runs FMN")


def test_links_to_nothing_that_is_not_there(web: TestApp) -> None:
    for attributes in outline(web.get("/")).all("a"):
        if (where := attributes["href"]) and not where.startswith("#"):
            web.get(where)
