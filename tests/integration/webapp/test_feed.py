"""The private feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from xml.etree.ElementTree import fromstring

from sqlalchemy import delete, update
from webtest import TestApp, TestResponse

from fmn.infra.db import Database
from fmn.ledger.models import Notification
from fmn.people.models import User
from fmn.wiring import Services
from tests.factories.statements import statements_on
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World, path
from webapp.views.atom_feed import MOST

NAMES = {"a": "http://www.w3.org/2005/Atom"}


def texts(answer: TestResponse, where: str) -> Sequence[str]:
    root = fromstring(answer.body)  # noqa: S314 (it's ours)
    return [each.text or "" for each in root.findall(where, NAMES)]


def change(database: Database, **values: object) -> None:
    with database.transaction() as session:
        session.execute(update(User).where(User.nick == "alice").values(**values))


def where_it_is(browser: TestApp) -> str:
    """The feed's address as readers find it on the page."""
    (link,) = (link for link in outline(browser.get("/inbox")).all("link") if link["rel"] == "alternate")
    assert link["type"] == "application/atom+xml"
    return path(link["href"] or "")


def test_tells_a_reader_without_login_what_concerns_alice(alice: TestApp, web: TestApp, world: World) -> None:
    why = world.why
    world.receive_comment(author="<zoe>")
    answer = web.get(where_it_is(alice))

    assert (answer.content_type, answer.charset) == ("application/atom+xml", "utf-8")
    assert texts(answer, "a:title") == ["Notifications for alice"]
    assert [title.partition(" ")[0] for title in texts(answer, "a:entry/a:title")] == ["<zoe>", "tom"]
    assert texts(answer, "a:entry/a:content")[1] == "Works here.\n\nMatched filter “My packages”"
    links = fromstring(answer.body).findall("a:entry/a:link", NAMES)  # noqa: S314 (it's ours)
    assert f"http://localhost{why}" in [link.get("href") for link in links]


def test_calls_the_same_the_same_and_each_else_something_else(
    alice: TestApp, web: TestApp, world: World,
) -> None:
    where = where_it_is(alice)
    world.receive_comment()
    (first,) = texts(web.get(where), "a:entry/a:id")
    world.receive_comment()
    keys = texts(web.get(where), "a:entry/a:id")
    assert keys[1] == first
    assert len(set(keys)) == 2


def test_sends_nothing_to_who_has_it_already(alice: TestApp, web: TestApp, world: World) -> None:
    where = where_it_is(alice)
    world.receive_comment()
    answer = web.get(where)
    known = {"If-None-Match": answer.headers["ETag"], "If-Modified-Since": answer.headers["Last-Modified"]}
    assert answer.headers["Cache-Control"] == "private, no-cache"
    for name, value in known.items():
        assert web.get(where, headers={name: value}, status=304).body == b""

    with world.services.database.transaction() as session:
        session.execute(update(Notification).values(created_at=answer.last_modified - timedelta(seconds=9)))
    world.receive_comment()
    web.get(where, headers=known, status=200)


def test_is_designed_for_when_it_is_empty_and_short_when_there_is_a_lot(
    alice: TestApp, web: TestApp, world: World,
) -> None:
    where = where_it_is(alice)
    assert texts(web.get(where), "a:entry/a:id") == []
    with statements_on(world.services.database) as few:
        web.get(where)
    for _ in range(MOST + 2):
        world.receive_comment()
    with statements_on(world.services.database) as many:
        assert len(texts(web.get(where), "a:entry/a:id")) == MOST
    assert len(many) <= len(few) + 2  # the messages and the deliveries


def test_breaks_when_its_owner_wants_another_address(
    alice: TestApp, web: TestApp, world: World, services: Services,
) -> None:
    world.receive_comment()
    old = where_it_is(alice)
    change(services.database, feed_version=User.feed_version + 1)
    page = web.get(old, status=410)
    outline(page)
    page.mustcontain("This feed has moved", no=["alice", "moss"])
    web.get(where_it_is(alice)).mustcontain("moss")


def test_is_nobody_elses(web: TestApp, mallory: TestApp, world: World, services: Services) -> None:
    # Given Alice's feed, and addresses that aren't its
    world.receive_comment()
    own = where_it_is(mallory)
    with services.database.reading() as session:
        alice = session.query(User.id).filter(User.nick == "alice").scalar()
    _, _, signature = own.partition(".")
    for forged in (f"/feed/{alice}-0.{signature}", f"/feed/{alice}-0", world.why.replace("why", "feed")):
        outline(web.get(forged, status=404))
    web.get(own).mustcontain(no=["moss"])

    # When an account is deleted, then its feed is gone
    with services.database.transaction() as session:
        session.execute(delete(User).where(User.nick == "mallory"))
    web.get(own, status=410)
