"""The catalogue and the help, which anybody may read."""

from __future__ import annotations

import pytest
from webtest import TestApp

from fmn.catalog import catalog
from fmn.filters.expression_syntax import parse_expression
from fmn.filters.rule_types import rule_types
from fmn.matching.linter import lint
from fmn.settings import Settings, WebSettings
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import app_of
from webapp.views.help import EXAMPLES


@pytest.fixture
def web() -> TestApp:
    """The web app as somebody meets it who isn't signed in; these pages ask no database anything."""
    return TestApp(app_of(Services(Settings(web=WebSettings(secret="of the tests")))))


def test_all_applications_are_there(web: TestApp) -> None:
    page = web.get("/catalogue")

    outline(page)
    page.mustcontain("Bodhi", "Package database", f"{len(list(catalog().event_types()))} event types")
    shown = {link["href"].rpartition("/")[2] for link in page.html.select("#found h3 a")}
    assert shown == set(catalog().applications)


def test_the_catalogue_can_be_searched(web: TestApp) -> None:
    form = web.get("/catalogue").forms[0]
    form["q"] = "karma UPDATE"

    page = form.submit()

    outline(page)
    page.mustcontain("matching “karma UPDATE”", "/catalogue/bodhi#bodhi_update_comment", no="Koji")
    assert page.forms[0]["q"].value == "karma UPDATE"


def test_what_is_not_found_is_said_so(web: TestApp) -> None:
    page = web.get("/catalogue", {"q": "<b>no such thing</b>"})

    outline(page)
    page.mustcontain("No matches for “&lt;b&gt;no such thing&lt;/b&gt;”", "by topic")


def test_an_application_shows_each_kind_as_people_get_it(web: TestApp) -> None:
    page = web.get("/catalogue/bodhi")

    outline(page)
    page.mustcontain(
        "Comment on an update", "bodhi_update_comment", "bodhi.update.comment",
        "tom commented on the update moss-2.4-1.fc44", "bodhi_critpath", "retired")


def test_every_application_has_a_page(web: TestApp) -> None:
    for each in catalog().applications.values():
        page = web.get(f"/catalogue/{each.category}")
        outline(page)
        page.mustcontain(f"<h1>{each.title}</h1>", *(event.name for event in each.event_types))


def test_an_application_that_there_is_not_has_none(web: TestApp) -> None:
    web.get("/catalogue/nothing", status=404)


def test_help_explains_filters_with_examples_that_can_be_used(web: TestApp) -> None:
    page = web.get("/help")

    outline(page)
    page.mustcontain("Quiet hours", "user_package_filter(fasnick)", "maintains(@me) and not actor(@me)")
    for text in EXAMPLES:
        assert lint(parse_expression(text, rule_types()), rule_types(), catalog()) == [], text


def test_pages_to_read_link_to_what_is_there(web: TestApp) -> None:
    for where in ("/help", "/catalogue/buildsys"):
        for attributes in outline(web.get(where)).all("a"):
            if (link := attributes["href"]) and not link.startswith("#"):
                web.get(link)
