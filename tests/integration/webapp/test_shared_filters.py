"""Sharing filters by a link, and taking over what somebody shares."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.filters.models import Filter, SharedFilters
from fmn.matching import several_previews
from fmn.people.models import Preference, User
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import World, path


@pytest.fixture(autouse=True)
def _there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else the machine does meanwhile."""
    monkeypatch.setattr(several_previews, "ALL_PREVIEWS_SECONDS", 600)


def filters(services: Services, nick: str) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(
            select(Filter.name).join(Preference, Preference.id == Filter.preference_id).join(User)
            .where(User.nick == nick).order_by(Filter.position)))


def link(services: Services) -> str:
    """The path of the only link."""
    with services.database.reading() as session:
        return path(services.links.shared(session.scalars(select(SharedFilters)).one().public_id))


@pytest.fixture
def shared(alice: TestApp, services: Services) -> str:
    """The path of the link by which Alice shares her filter."""
    page = alice.get("/preferences/email/filters").click("Share filters")
    form = page.forms[0]
    form["filter"] = True
    answer = form.submit(status=303).follow()
    outline(answer)
    answer.mustcontain("Here is your link.", link(services))
    return link(services)


def test_a_link_shows_what_the_filters_are_and_would_match(
    shared: str, world: World, services: Services,
) -> None:
    # Given somebody who maintains moss, too, and a comment on it
    world.receive_recent_comment()
    page = signed_in(services, "bob").get(shared)

    # Then they see the filter in words, what it means for them, and nothing about who shared it
    outline(page)
    page.mustcontain(
        "A filter for you", "My packages", "about 1 a day", "tom commented on the update", no="alice")


def test_whoever_takes_it_over_has_it_and_can_undo_that(shared: str, services: Services) -> None:
    bob = signed_in(services, "bob")
    page = bob.get(shared).forms[0].submit(status=303).follow()
    page.mustcontain("Added “My packages” by e-mail.", "E-mail is switched off.")
    assert filters(services, "bob") == ["My packages"]

    bob.get(shared).forms[0].submit(status=303).follow().mustcontain("You have these filters already")
    page.forms[0].submit(status=303).follow().mustcontain("Removed “My packages” again.")
    assert filters(services, "bob") == []


def test_nothing_is_taken_over_by_looking_or_without_a_choice(shared: str, services: Services) -> None:
    bob = signed_in(services, "bob")
    page = bob.get(shared)
    page.forms[0]["take"] = False
    answer = page.forms[0].submit(status=422)
    outline(answer)
    answer.mustcontain("Choose at least one filter.")
    assert filters(services, "bob") == []


def test_a_link_that_is_deleted_works_no_more(shared: str, alice: TestApp, services: Services) -> None:
    bob = signed_in(services, "bob")
    there = bob.get(shared)
    page = alice.get("/preferences/email/share")
    next(each for each in page.forms.values() if "Delete link" in each.text).submit(status=303).follow(
        ).mustcontain("The link doesn’t work any more.", no="Your links")

    outline(bob.get(shared, status=410)).all("h1")
    there.forms[0].submit(status=410)
    assert filters(services, "bob") == []


def test_others_cannot_delete_it(shared: str, services: Services) -> None:
    bob = signed_in(services, "bob")
    form = bob.get(shared).forms[0]
    form.action = "/shared-links/1/stop"
    form.submit(status=303)
    bob.get(shared, status=200)


def test_links_are_made_of_ones_own_filters_only(alice: TestApp, services: Services) -> None:
    page = alice.get("/preferences/email/share?filter=1&filter=x&filter=99999999999999999999999")
    outline(page)
    form = page.forms[0]
    form["filter"] = False
    answer = form.submit(status=422)
    answer.mustcontain("Choose at least one filter to share.")
    for strange in ("4711", "99999999999999999999", "-1", "x"):
        alice.post("/preferences/email/share", {
            "filter": strange, "csrf_token": form["csrf_token"].value}, status=422)


@pytest.mark.parametrize("token", ["1", "1_a.b", "%F0%9F%98%80"])
def test_a_link_that_nobody_made_leads_nowhere(alice: TestApp, token: str) -> None:
    alice.get(f"/shared/{token}", status=404)
