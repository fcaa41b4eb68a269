"""The page that says why somebody was sent something."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, update
from webtest import TestApp

from fmn.filters.editing import remove_filter, set_filter_enabled
from fmn.filters.models import StoredExpression
from fmn.infra.cache import MemoryCache
from fmn.ledger.models import Delivery, Notification, StoredMessage
from fmn.people.models import Preference
from fmn.people.preferences import set_enabled
from fmn.settings import DirectorySettings
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import new_browser
from tests.integration.webapp.world import World, path


def test_shows_the_message_in_words(web: TestApp, world: World) -> None:
    page = web.get(world.why)

    outline(page)
    page.mustcontain("tom commented on the update moss-2.4-1.fc44", "Works here.", "2026-05-04 12:00 UTC",
                     "bodhi.<wbr>update.<wbr>comment", "Bodhi")
    page.mustcontain('href="https://bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7"',
                     "Open on bodhi.fedoraproject.org")


def test_links_what_is_a_page_in_the_text_and_escapes_the_rest(web: TestApp, world: World) -> None:
    text = "<b>See</b> https://example.org/?a=1&b=2, not javascript:alert(1)."
    message = world.receive_comment(text=text)
    page = web.get(path(world.services.links.why(world.named(Notification, world.notification(message)))))

    page.mustcontain(
        '&lt;b&gt;See&lt;/b&gt; <a href="https://example.org/?a=1&amp;b=2" rel="noreferrer">'
        "https://example.org/?a=1&amp;b=2</a>, not javascript:alert(1).")


def test_names_the_filter_and_says_rule_by_rule_what_held(web: TestApp, world: World) -> None:
    page = web.get(world.why)

    page.mustcontain("alice", "My packages", "e-mail", "About my packages")
    page.mustcontain("2 exceptions, none of which apply", "Mentioning me")
    page.mustcontain(no=["This message wouldn’t match now"])


def test_links_to_what_stops_it(web: TestApp, world: World) -> None:
    links = [attributes["href"] for attributes in outline(web.get(world.why)).all("a")]

    assert "http://localhost" + world.stop_filter in links
    assert "http://localhost" + world.stop_all in links


def test_says_when_the_filter_would_no_longer_let_it_through(
    web: TestApp, world: World, services: Services,
) -> None:
    # Given a filter that was changed after it let a message through
    where = world.why
    with services.database.transaction() as session:
        session.execute(update(StoredExpression).values(body={"any": [{"rule": "koji_tag"}]}))

    # Then the page tells of that, and what it asks now
    page = web.get(where)
    outline(page)
    page.mustcontain("This message wouldn’t match now", "any of:", "No")


def test_says_which_rule_cannot_be_asked(web: TestApp, services: Services) -> None:
    # Given a filter with a rule whose regular expression is none
    world = World.of(services)
    where = world.why
    with services.database.transaction() as session:
        session.execute(update(StoredExpression).values(
            body={"not": {"rule": "regex_filter", "with": {"pattern": "("}}}))

    page = web.get(where)
    outline(page)
    page.mustcontain("can&#39;t be used: missing )")


def test_says_that_a_filter_is_not_readable(web: TestApp, world: World, services: Services) -> None:
    where = world.why
    with services.database.transaction() as session:
        session.execute(update(StoredExpression).values(body="nonsense"))

    page = web.get(where)
    outline(page)
    page.mustcontain("FMN can&#39;t read this filter any more", "Works here.")


def test_goes_without_a_verdict_while_the_directory_is_away(
    web: TestApp, world: World, services: Services, tmp_path: Path,
) -> None:
    # Given another process that can't read the directory
    where = world.why
    settings = services.settings.model_copy(
        update={"directory": DirectorySettings(ownership="file", file=tmp_path / "missing.json")})
    elsewhere = Services(settings)
    elsewhere.cache = MemoryCache()

    # Then its pages show the message all the same
    page = new_browser(elsewhere).get(where)
    outline(page)
    page.mustcontain("FMN can&#39;t look up package owners right now", "Works here.", "My packages")
    elsewhere.database.close()


def test_says_that_the_filter_was_deleted_meanwhile(web: TestApp, world: World, services: Services) -> None:
    where = world.why
    with services.database.transaction() as session:
        remove_filter(session, world.filter_id)

    page = web.get(where)
    outline(page)
    page.mustcontain("was deleted since", "Works here.", no=["Stop this filter"])


def test_says_that_the_filter_or_the_channel_is_off_by_now(
    web: TestApp, world: World, services: Services,
) -> None:
    where = world.why
    with services.database.transaction() as session:
        set_enabled(session, session.get_one(Preference, world.preference_id), on=False)
    web.get(where).mustcontain("Notifications by e-mail were switched off since", "Switch e-mail on again")
    with services.database.transaction() as session:
        set_filter_enabled(session, world.filter_id, enabled=False)
    web.get(where).mustcontain("The filter was switched off since", "Switch this filter on again")


def test_says_that_a_message_is_not_kept_any_more(web: TestApp, world: World, services: Services) -> None:
    where = world.why
    with services.database.transaction() as session:
        for table in (Delivery, Notification, StoredMessage):
            session.execute(delete(table))

    page = web.get(where, status=410)
    outline(page)
    page.mustcontain("This message was deleted", "14 days")


@pytest.mark.parametrize("token", ["1", "1.forged", "%00", "%ff", "1." + "A" * 27, "x" * 5000])
def test_shows_mallory_nothing(web: TestApp, world: World, token: str) -> None:
    # Given a notification, and a token for it that we didn't sign
    forged = token.replace("1", str(world.notification(world.receive_comment())), 1)

    page = web.get(f"/why/{forged}", status=404)
    outline(page)
    page.mustcontain(no=["alice", "moss", "My packages"])


def test_takes_no_token_that_is_for_something_else(web: TestApp, world: World) -> None:
    token = world.stop_filter.rpartition("/")[2]
    web.get(f"/why/{token}", status=404)


def test_escapes_whatever_strangers_and_owners_write(web: TestApp, services: Services) -> None:
    # Given a comment, an author and a filter's name that try to be markup
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&${1/0}</textarea>"
    world = World.of(services, name=hostile)
    message_id = world.receive_comment(text=hostile, author=hostile)
    page = web.get(path(services.links.why(world.named(Notification, world.notification(message_id)))))

    # Then all of it is text
    outline(page)
    page.mustcontain("&lt;script&gt;alert(1)&lt;/script&gt;", no=["<script>", "<img src=x"])
    outline(web.get(world.stop_filter)).all("h1")
    web.get(world.stop_filter).mustcontain("&lt;script&gt;", no=["<script>"])


def test_is_kept_by_nobody_on_the_way(web: TestApp, world: World) -> None:
    assert "no-store" in web.get(world.why).headers["Cache-Control"]
