"""What every page owes its readers, in a real browser: light and dark, on a desk and on a phone.

``make screenshots`` leaves pictures of all of them in ``var/screenshots``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from fmn.wiring import Services
from tests.browser.accessibility import COLOURS, axe_violations
from tests.browser.conftest import being_served
from tests.browser.pictures import DESK, show, take_picture, take_pictures
from tests.browser.populated_site import populate
from tests.browser.signing_in import sign_in
from tests.integration.webapp.access_matrix import ROWS, AccessCase, Policy
from tests.integration.webapp.alices_rows import Own

#: The width that WCAG's reflow (1.4.10) asks for.
NARROWEST: Final = 320
#: What answers a browser with something else than a page.
NO_PAGES: Final = frozenset({
    "healthz", "livez", "readyz", "feed", "go", "inbox_live", "inbox_completions", "commands", "completions",
    "account_export", "exchange_export", "sign_in_callback", "api_document", "service_worker", "manifest",
})
#: What scripts add once a page is there.
ADDED: Final[Mapping[str, str]] = {"filter": "#panel .bars"}
#: Who sees most of a page, one of them on each. Others see fewer of its parts; axe judges those in English.
MAIN: Final = ("alice", "root")
#: What of a German page stays English, so that it has been judged already.
ENGLISH: Final = ("[lang=en]",)
#: What is empty for whoever has just come.
EMPTY: Final = frozenset({
    "home", "welcome", "preference", "filters", "inbox", "mutes", "groups", "tokens", "why_not"})


#: What of the page's form controls is cut off: the option of a select that is chosen, the words on a button.
CUT_OFF: Final = """() => {
  const canvas = document.createElement("canvas").getContext("2d");
  const arrow = 20;
  const cut = (each) => {
    const style = getComputedStyle(each);
    if (each.tagName !== "SELECT") {
      return each.scrollWidth > each.clientWidth + 1;
    }
    canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const room = each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrow;
    return canvas.measureText(each.selectedOptions[0]?.text ?? "").width > room;
  };
  return [...document.querySelectorAll("select, button, .button")]
    .filter((each) => each.checkVisibility() && !each.closest(".hidden") && cut(each))
    .map((each) => each.id || each.name || each.textContent.trim());
}"""


def pages() -> list[AccessCase]:
    return [
        row for row in ROWS
        if row.method == "GET" and row.route not in NO_PAGES and not row.policy.value.startswith("api")
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, Own]]:
    """A web app in which Alice has one of everything, and life goes on."""
    with being_served(tmp_path_factory.mktemp("pages"), channels=("email", "apprise")) as services:
        own = Own.of(services)
        populate(services)
        yield services, own


@pytest.fixture(scope="module")
def windows(browser: Browser, site: tuple[Services, Own]) -> Iterator[Mapping[str, Page]]:
    """A window of Alice's, one of Root's, one of Mallory's, who has just come, and one of nobody's."""
    base_url = site[0].settings.web.base_url
    opened = {}
    for nick in ("alice", "root", "mallory", ""):
        window = browser.new_context(base_url=base_url, reduced_motion="reduce").new_page()
        if nick:
            sign_in(window, nick)
        opened[nick] = window
    yield opened
    for window in opened.values():
        window.context.close()


def visitors(row: AccessCase) -> list[str]:
    """Who sees it; what is everybody's looks another way to those who are signed in."""
    nobody = [""] if row.policy is Policy.PUBLIC else []
    newcomer = ["mallory"] if row.route in EMPTY else []
    return [*nobody, "root" if row.policy is Policy.ADMINISTRATORS else "alice", *newcomer]


@pytest.mark.parametrize("row", pages(), ids=lambda row: row.route)
def test_can_be_used_by_everyone(
    windows: Mapping[str, Page], site: tuple[Services, Own], row: AccessCase,
) -> None:
    for who in visitors(row):
        window = windows[who]
        show(window, "light", DESK)
        window.goto(row.path(site[1]))
        expect(window.locator(ADDED.get(row.route, "body"))).to_be_visible()
        take_pictures(window, f"{row.route}-{who or 'nobody'}")

        # Nothing is hidden from what looks closer.
        window.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        show(window, "light", NARROWEST)
        assert window.evaluate("document.documentElement.scrollWidth") <= NARROWEST
        assert window.evaluate(CUT_OFF) == []
        show(window, "dark", DESK)
        assert axe_violations(window, COLOURS) == []
        show(window, "light", DESK)
        assert axe_violations(window) == []


@pytest.fixture(scope="module")
def german_windows(browser: Browser, site: tuple[Services, Own]) -> Iterator[Mapping[str, Page]]:
    """The same of people whose browsers ask for German, of which the words are long."""
    base_url = site[0].settings.web.base_url
    opened = {}
    for nick in ("alice", "root", "mallory", ""):
        window = browser.new_context(base_url=base_url, reduced_motion="reduce").new_page()
        if nick:
            sign_in(window, nick)
        window.context.set_extra_http_headers({"Accept-Language": "de"})
        opened[nick] = window
    yield opened
    for window in opened.values():
        window.context.close()


@pytest.mark.parametrize("row", pages(), ids=lambda row: row.route)
def test_can_be_used_in_german(
    german_windows: Mapping[str, Page], site: tuple[Services, Own], row: AccessCase,
) -> None:
    for who in visitors(row):
        window = german_windows[who]
        show(window, "light", NARROWEST)
        window.goto(row.path(site[1]))
        expect(window.locator("html")).to_have_attribute("lang", "de")
        take_picture(window, f"{row.route}-{who or 'nobody'}-german")
        window.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert window.evaluate("document.documentElement.scrollWidth") <= NARROWEST
        assert window.evaluate(CUT_OFF) == []
        if who in MAIN:
            assert axe_violations(window, but=ENGLISH) == []
            show(window, "dark", DESK)
            assert axe_violations(window, COLOURS, but=ENGLISH) == []
