"""Previews and completion in the filter editor, with and without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update
from webtest import Form, TestApp, TestResponse

from fmn.filters.models import Filter
from fmn.infra.clock import utc_now
from fmn.ledger.models import StoredMessage
from fmn.people.models import Preference
from fmn.wiring import Services
from tests.integration.webapp.filter_forms import NEW, editor, press
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World
from webapp.filters import preview_lock


class TestAPreviewWhileAnotherIsMade:
    """Somebody has one at a time; here the other one doesn't end."""

    @pytest.fixture(autouse=True)
    def other(self, services: Services, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(preview_lock, "WAIT_SECONDS", 0.01)
        with services.database.reading() as session:
            user_id = session.get_one(Preference, world.preference_id).user_id
        assert services.cache.acquire(f"preview-running:{user_id}", 3600)

    def test_is_refused_to_the_script_which_may_ask_again(self, alice: TestApp) -> None:
        form = editor(press(editor(alice.get(NEW)), "add:user_filter"))

        refused = alice.post("/preview", [*form.submit_fields(), ("context", "email")], status=429)

        assert refused.headers["Retry-After"] == "5"
        refused.mustcontain("Another preview of yours is in progress")

    def test_is_said_on_the_page_which_keeps_what_was_typed(self, alice: TestApp) -> None:
        page = press(editor(alice.get(NEW)), "add:user_filter")

        page.mustcontain("Another preview of yours is in progress. Try again in a few seconds.")
        assert editor(page)["with-0-fasnick"].value == "@me"


class TestThePreview:
    def test_shows_what_got_through_lately_and_why(self, alice: TestApp, world: World) -> None:
        world.receive_recent_comment(author="tom")
        world.receive_recent_comment(author="alice")
        world.receive_recent_comment(package="fern")

        page = press(editor(alice.get(f"/filters/{world.filter_id}")), "look")
        page.mustcontain("1 message would have matched since",
                         "tom commented on the update moss-2.4-1.fc44", "Bodhi",
                         "https://bodhi.fedoraproject.org/", 'class="bar info"', ": 1 (info 1)",
                         no=['aria-expanded="true"'])

        (why,) = explained(page)
        page = press(editor(page), why)
        page.mustcontain('aria-expanded="true"', "About my packages", "2 exceptions, none of which")

    def test_says_on_how_much_data_its_average_stands(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        world.receive_recent_comment(author="tom")
        with services.database.transaction() as session:
            session.execute(update(StoredMessage).values(received_at=utc_now() - timedelta(days=3)))
        world.receive_recent_comment(author="mary")

        press(editor(alice.get(f"/filters/{world.filter_id}")), "look").mustcontain(
            ": about 5 a week, from 3 days of messages, at most 1 on one day")

    def test_says_of_one_message_whether_it_would_get_through(self, alice: TestApp, world: World) -> None:
        latest = world.receive_recent_comment(author="alice")
        page = alice.get(f"/filters/{world.filter_id}")
        form = editor(page)
        assert latest in [option["value"] for option in outline(page).all("option")]
        form["message"] = latest
        press(form, "look").mustcontain("This message doesn’t match.", "not: Mentioning me")
        form["message"] = "2026-nothing"
        press(form, "look").mustcontain("No message with this id is stored.")

    def test_offers_a_script_that_asks_for_the_rules_alone_no_messages(
        self, alice: TestApp, world: World,
    ) -> None:
        latest = world.receive_recent_comment()
        form = editor(alice.get(f"{NEW}?rule=koji_tag"))

        page = alice.post(form.action, [*form.submit_fields(), ("do", "add:koji_untag"), ("live", "true")])

        assert editor(page)["rule-1"].value == "koji_untag"
        assert latest not in [option["value"] for option in outline(page).all("option")]

    def test_comes_as_a_part_to_those_who_ask_while_they_type(self, alice: TestApp, world: World) -> None:
        world.receive_recent_comment()
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        part = alice.post("/preview", form.submit_fields())
        assert not part.text.strip().startswith("<!DOCTYPE")
        part.mustcontain('<p id="words">1 message would have matched since', 'id="findings"')
        (why,) = explained(press(form, "look"))
        alice.post("/preview", [*form.submit_fields(), ("do", why)]).mustcontain("About my packages")
        alice.post("/preview", {"csrf_token": alice.cookies["csrf_token"], "context": "x"}, status=404)

    def test_costs_as_many_statements_with_many_messages_as_with_few(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        alice.post("/preview", form.submit_fields())  # what's kept for a while costs statements once
        statements: list[int] = []
        for _ in range(2):
            world.receive_recent_comment()
            statements.append(_counted(services, alice, form))
            for _ in range(3):
                world.receive_recent_comment()
        assert statements[0] == statements[1]

    def test_waits_for_nobody_who_writes_and_keeps_nobody_waiting(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        form = editor(alice.get(f"/filters/{world.filter_id}"))
        with services.database.transaction() as session:
            session.execute(update(Filter).values(name="Locked"))
            alice.post("/preview", form.submit_fields())


class TestCompletion:
    def test_offers_names(self, alice: TestApp, world: World) -> None:
        world.receive_comment()
        assert alice.get("/completions/users?q=").json == {"names": ["@me", "alice", "bob", "tom"]}
        assert alice.get("/completions/packages?q=mo").json == {"names": ["moss"]}
        assert alice.get("/completions/events?q=bodhi_update_comment").json == {
            "names": ["bodhi_update_comment"]}
        alice.get("/completions/passwords?q=a", status=404)


def explained(page: TestResponse) -> list[str]:
    """What the buttons say that ask why a message matches."""
    pressed = [button["value"] or "" for button in outline(page).all("button")]
    return [what for what in pressed if what.startswith("why:")]


def _counted(services: Services, browser: TestApp, form: Form) -> int:
    count = 0

    def executed(*_: object) -> None:
        nonlocal count
        count += 1

    engine = services.database.engine
    event.listen(engine, "before_cursor_execute", executed)
    browser.post("/preview", form.submit_fields())
    event.remove(engine, "before_cursor_execute", executed)
    return count
