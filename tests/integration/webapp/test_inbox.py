"""The inbox's page and its live view."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import update
from webtest import TestApp, TestResponse

from fmn.filters.editing import remove_filter
from fmn.infra.clock import utc_now
from fmn.ledger.inbox import PAGE
from fmn.ledger.models import Delivery, DeliveryState, Notification
from fmn.people.models import Preference, User
from fmn.wiring import Services
from tests.factories.statements import statements_on
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World
from webapp.inbox.search_form import Grouping
from webapp.inbox.search_query import Operator


def ids(page: TestResponse) -> list[int]:
    """The notifications on a page, in its order."""
    return [int(each) for each in re.findall(r'id="notification-(\d+)"', page.text)]


def deliver(services: Services, **values: object) -> None:
    """Let something become of all deliveries."""
    with services.database.transaction() as session:
        session.execute(update(Delivery).values(**values))


def prefer(services: Services, world: World, **values: object) -> None:
    with services.database.transaction() as session:
        session.execute(update(Preference).where(Preference.id == world.preference_id).values(**values))


def count_in_navigation(page: TestResponse) -> str:
    found = re.search(r'class="count">([^<]*)<', page.text)
    return found[1] if found else ""


def counts(page: TestResponse) -> list[str]:
    """What headings say of their groups' numbers."""
    return re.findall(r'class="count still"[^>]*>([^<]*)<', page.text)


def submit(page: TestResponse, name: str, beginning: str) -> TestResponse:
    """Press the first button of the list whose value begins so; returns the page after it."""
    form = page.forms["triage"]
    values = [each.attrs["value"] for each in page.html.find_all("button", {"name": name})]
    found = form.submit(name, value=next(each for each in values if each.startswith(beginning))).follow()
    outline(found)
    return found


def undo(page: TestResponse) -> TestResponse:
    form = next(each for each in page.forms.values() if "/inbox/undo/" in each.action)
    return form.submit().follow()


class TestThePage:
    def test_is_designed_for_when_it_is_empty(self, alice: TestApp) -> None:
        page = alice.get("/inbox")
        outline(page)
        page.mustcontain("No notifications yet", "as soon as one of your filters matches")
        page = alice.get("/inbox?q=moss&before=5")
        outline(page)
        page.mustcontain("No matches", "Clear search")

    def test_says_what_it_is_and_why_and_where_it_went(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given a notification that was sent, in a zone where it's tomorrow already
        world.receive_comment()
        now = utc_now()
        deliver(services, state=DeliveryState.SENT, finished_at=now)
        with services.database.transaction() as session:
            session.execute(update(User).values(time_zone="Pacific/Kiritimati"))

        page = alice.get("/inbox")
        outline(page)
        local = now + timedelta(hours=14)
        page.mustcontain("tom commented on the update moss-2.4-1.fc44", "Bodhi, by e-mail, matched",
                         f'href="/filters/{world.filter_id}">My packages', "Today", "rpms/moss",
                         f"to alice@example.org today at {local:%H:%M}")
        # and its link leads to the page that says why
        page.click("tom commented").mustcontain("Why you got this")

    def test_says_what_became_of_it(self, alice: TestApp, world: World, services: Services) -> None:
        world.receive_comment()
        tomorrow = utc_now().replace(hour=9, minute=30) + timedelta(days=1)
        for became, words in (
            ({"state": DeliveryState.FAILED, "reason": "550 no such user"},
                "to alice@example.org: 550 no such user"),
            ({"state": DeliveryState.DROPPED, "reason": "no confirmed address"}, "no confirmed address"),
            ({"state": DeliveryState.WAITING}, "for alice@example.org, due within a minute"),
            ({"attempts": 2, "reason": "451 busy", "next_attempt_at": tomorrow},
             "for alice@example.org, next attempt tomorrow at 09:30 after 2 failed attempts: 451 busy"),
        ):
            deliver(services, **became)
            alice.get("/inbox").mustcontain(words)

    def test_says_what_it_waits_for(self, alice: TestApp, world: World, services: Services) -> None:
        prefer(services, world, digest_count=5)
        world.receive_comment()
        alice.get("/inbox").mustcontain(
            "Pending", "in a digest as soon as there are 5 notifications, 1 so far")
        prefer(services, world, digest_seconds=86400)
        alice.get("/inbox").mustcontain("in the digest ", " at the latest")

    def test_says_that_its_filter_was_deleted(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        world.receive_comment()
        with services.database.transaction() as session:
            remove_filter(session, world.filter_id)
        alice.get("/inbox").mustcontain("matched a filter that was deleted since")

    def test_escapes_what_strangers_write(self, alice: TestApp, world: World) -> None:
        world.receive_comment(author="<script>alert(1)</script>")
        page = alice.get('/inbox?q=""><script>alert(2)</script>')
        outline(page)
        for where in ("/inbox", "/inbox/live?since=0"):
            alice.get(where).mustcontain("&lt;script&gt;", no=["<script>alert"])
        page.mustcontain(no=["<script>alert"])

    def test_shows_nothing_to_mallory(self, mallory: TestApp, world: World) -> None:
        world.receive_comment()
        mallory.get("/inbox").mustcontain("No notifications yet", no=["moss-2.4", "by e-mail"])
        mallory.get("/inbox/live?since=0").mustcontain(no=["moss"])


class TestFinding:
    def test_finds_by_the_form(self, alice: TestApp, world: World, services: Services) -> None:
        moss = world.notification(world.receive_comment())
        with services.database.transaction() as session:
            session.execute(update(Delivery).values(state=DeliveryState.FAILED))
        later = world.notification(world.receive_comment(author="zoe"))

        form = alice.get("/inbox").forms["finder"]
        form["q"] = "ZOE moss"
        page = form.submit()
        outline(page)
        assert ids(page) == [later]
        page.mustcontain('value="ZOE moss"')

        # What is chosen in selects is written into the search
        form["q"] = "moss"
        form["state"], form["context"], form["application"] = "failed", "email", "bodhi"
        form["filter"], form["unread"] = str(world.filter_id), True
        page = form.submit().follow()
        assert ids(page) == [moss]
        assert page.forms["finder"]["q"].value == (
            f"moss channel:email status:failed filter:{world.filter_id} app:bodhi is:unread")
        assert ids(page.click("Clear search")) == [later, moss]

    def test_finds_by_operators(self, alice: TestApp, world: World) -> None:
        tom, zoe = (world.notification(world.receive_comment(author=author)) for author in ("tom", "zoe"))
        for query, found in (
                ("from:zoe", [zoe]), ("-from:zoe", [tom]), ("package:moss app:bodhi", [zoe, tom]),
                ("severity:error", []), ('"zoe commented"', []), ('filter:"my packages"', [zoe, tom]),
                ("after:today", [zoe, tom]), ("before:today", [])):
            assert ids(alice.get("/inbox", {"q": query})) == found, query

    def test_says_beside_the_search_what_is_odd_about_it(self, alice: TestApp, world: World) -> None:
        world.receive_comment()
        for query, words in (
                ("pakage:moss", "Did you mean “package:”?"), ("app:bhodi", "Did you mean “bodhi”?"),
                ('"moss', "Close the quotation marks")):
            page = alice.get("/inbox", {"q": query}, status=400)
            outline(page)
            page.mustcontain(words, "aria-invalid=true", no=["tom commented"])
            alice.get("/inbox/live", {"q": query, "since": "0"}, status=400).mustcontain(words)

    def test_groups_by_day_thread_and_package(self, alice: TestApp, world: World) -> None:
        world.receive_comment()
        alice.get("/inbox?group=package").mustcontain("rpms/moss")
        page = alice.get("/inbox?group=thread")
        page.mustcontain("Other notifications")
        world.receive_comment()
        page = alice.get("/inbox?group=thread")
        outline(page)
        page.mustcontain("tom commented", "bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7",
                         no=["Other notifications", "data-live"])
        # whose notifications are done at once
        page = page.forms["triage"].submit("whole", index=1).follow()
        page.mustcontain("2 notifications are done.", "All done")

    def test_counts_groups_beyond_the_page(self, alice: TestApp, world: World) -> None:
        # Given more of a day, a thread and a package than fits on a page
        there = [world.notification(world.receive_comment()) for _ in range(PAGE + 1)]
        for grouping, heading in (("day", "Today"), ("thread", "tom commented"), ("package", "rpms/moss")):
            first = alice.get("/inbox", {"group": grouping})
            outline(first)
            assert counts(first) == [f"{PAGE} of {PAGE + 1}"]
            first.mustcontain(heading, no=["continued"])
            second = first.click("Older")
            assert counts(second) == [f"1 of {PAGE + 1}"]
            second.mustcontain(heading, "continued")
            # When it's read as a whole, from where one sees the least of it
            page = submit(second, "whole", "read:")
            page.mustcontain(f"{PAGE + 1} notifications are marked as read.")
            assert count_in_navigation(page) == ""
            page = undo(page)
            assert count_in_navigation(page) == str(PAGE + 1)
        # and done with, as far as it's what is looked for
        new = world.notification(world.receive_comment(author="zoe"))
        page = submit(alice.get("/inbox?group=package&q=from:tom"), "whole", "done:")
        page.mustcontain(f"{len(there)} notifications are done.")
        assert ids(alice.get("/inbox")) == [new]

    def test_whole_groups_are_those_that_were_counted(self, alice: TestApp, world: World) -> None:
        there = world.notification(world.receive_comment())
        page = alice.get("/inbox?group=package")
        new = world.notification(world.receive_comment())
        page = submit(page, "whole", "done:")
        page.mustcontain("1 notification is done.")
        assert ids(page) == [new]
        page = submit(alice.get("/inbox?group=package&q=is:done"), "whole", "open:")
        page.mustcontain("1 notification is back in your inbox.")
        assert ids(alice.get("/inbox")) == [new, there]

    def test_completes_operators_and_values(self, alice: TestApp, world: World) -> None:
        world.receive_recent_comment()
        for typed, names in (
                ("pa", ["package:"]), ("-pa", ["-package:"]), ("app:ko", ["app:koji", "app:koschei"]),
                ("is:un", ["is:unread"]), ("-severity:e", ["-severity:error"]),
                ("channel:e", ["channel:email"]),
                ("filter:my", ['filter:"My packages"']), ("package:rpms/mo", ["package:rpms/moss"]),
                ("from:to", ["from:tom"]), ("before:y", ["before:yesterday"]), ("status:s", ["status:sent"]),
                ("status:n", ["status:not-sent"]),
                ("", []), ("pakage:x", [])):
            assert alice.get("/inbox/completions", {"q": typed}).json == {"names": names}, typed

    def test_completes_values_of_every_operator(self, alice: TestApp, world: World) -> None:
        world.receive_recent_comment()
        for operator in set(Operator) - {Operator.GROUP}:  # of which this directory has none
            assert alice.get("/inbox/completions", {"q": f"{operator}:"}).json["names"], operator
        days = alice.get("/inbox/completions", {"q": "after:20"}).json["names"]
        assert len(days) == 12
        assert alice.get("/inbox", {"q": days[0]}).status_code == 200

    def test_says_what_is_odd_about_an_address(self, alice: TestApp) -> None:
        for query in ("state=lost", "before=x", "after=-1", "before=99999999999999999999", "filter=x",
                      f"q={'x' * 401}", "unread=maybe", "group=colour"):
            page = alice.get(f"/inbox?{query}", status=400)
            page.mustcontain("Wrong value for", query.partition("=")[0])
        outline(page)

    def test_leads_from_page_to_page(self, alice: TestApp, world: World) -> None:
        there = [world.notification(world.receive_comment()) for _ in range(52)][::-1]
        first = alice.get("/inbox?q=moss")
        assert ids(first) == there[:50]
        second = first.click("Older")
        outline(second)
        second.mustcontain(no=["data-live"])
        assert ids(second) == there[50:]
        assert ids(second.click("Newer")) == there[:50]


class TestReading:
    def test_counts_what_is_unread_on_every_page_of_ones_own(self, alice: TestApp, world: World) -> None:
        assert count_in_navigation(alice.get("/inbox")) == ""
        for _ in range(3):
            world.receive_comment()
        assert count_in_navigation(alice.get("/inbox")) == "3"
        assert count_in_navigation(alice.get("/mutes")) == "3"
        page = submit(alice.get("/inbox?q=is:unread"), "all", "read")
        page.mustcontain("You’ve read everything", no=["Try fewer words"])
        undo(page)
        for public in ("/help", world.stop_filter):
            assert count_in_navigation(alice.get(public)) == ""

    def test_opening_the_page_that_says_why_is_reading(
        self, alice: TestApp, mallory: TestApp, web: TestApp, world: World,
    ) -> None:
        where = world.why
        for stranger in (mallory, web):
            stranger.get(where)
        assert count_in_navigation(alice.get("/inbox")) == "1"
        alice.get(where)
        assert count_in_navigation(alice.get("/inbox")) == ""


class TestLive:
    def where(self, page: TestResponse) -> str:
        found = re.search(r'data-live="([^"]*)"', page.text)
        assert found
        return found[1].replace("&amp;", "&")

    def test_tells_every_browser_what_arrives_once(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given two windows on the inbox
        before = world.notification(world.receive_comment())
        page = alice.get("/inbox")
        assert ids(page) == [before]
        windows = [self.where(page), self.where(alice.get("/inbox"))]

        # When something arrives, then both are told, as server-sent events, and when to ask again
        new = [world.notification(world.receive_comment()) for _ in range(2)]
        for where in windows:
            answer = alice.get(where)
            assert (answer.content_type, answer.charset) == ("text/event-stream", "utf-8")
            assert answer.text.startswith("retry: 5000\n\nevent: arrived\ndata: ")
            assert ids(answer) == new
            answer.mustcontain("tom commented", "event: unread\ndata: 3\n")
            seen = re.search(r"^id: ([\d.]+)\nevent: seen\ndata: \1\n\n\Z", answer.text, re.MULTILINE)
            assert seen
            again = alice.get(where, headers={"Last-Event-ID": seen[1]})
            assert ids(again) == []

    def test_tells_only_what_one_looks_for(self, alice: TestApp, world: World) -> None:
        where = self.where(alice.get("/inbox?q=zoe"))
        world.receive_comment()
        zoe = world.notification(world.receive_comment(author="zoe"))
        assert ids(alice.get(where)) == [zoe]

    def test_tells_what_is_back_from_its_snooze(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        # Given one that's back since a while, one that's just back, and one that isn't yet
        there = [world.notification(world.receive_comment()) for _ in range(3)]
        now = utc_now()
        for each, minutes in zip(there, (-5, -0.5, 5), strict=True):
            with services.database.transaction() as session:
                session.execute(update(Notification).where(Notification.id == each).values(
                    snoozed_until=now + timedelta(minutes=minutes)))
        page = alice.get("/inbox")
        outline(page)
        page.mustcontain("<h2>Back from snooze", no=["<h2>Today"])
        assert ids(page) == [there[1], there[0]]
        where = self.where(page)
        answer = alice.get(where)
        assert ids(answer) == there[1:2]
        answer.mustcontain("event: back")
        # Once it's read it's where it was, and nobody is told any more
        alice.get(f"/why/{world.services.links.why(world.named(Notification, there[1])).rpartition('/')[2]}")
        assert ids(alice.get(where)) == []
        assert ids(alice.get("/inbox")) == [there[0], there[1]]
        assert ids(alice.get("/inbox?q=is:snoozed")) == there[2:]

    def test_says_what_it_cannot_read(self, alice: TestApp) -> None:
        for since in ("", "x", "1.-2", "9" * 30):
            alice.get(f"/inbox/live?since={since}", status=400).mustcontain("Open your inbox again")


def test_takes_the_same_number_of_statements_however_much_there_is(
    alice: TestApp, world: World, services: Services,
) -> None:
    taken: list[list[int]] = []
    for number in (1, 30):
        for _ in range(number):
            world.receive_comment()
        taken.append([])
        for grouping in Grouping:
            with statements_on(services.database) as statements:
                alice.get("/inbox", {"group": grouping})
            taken[-1].append(len(statements))
    assert taken[0] == taken[1]
