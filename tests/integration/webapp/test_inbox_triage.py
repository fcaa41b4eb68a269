"""Working through the inbox by the forms of its page, and undoing that."""

from __future__ import annotations

from typing import Any

import pytest
from webtest import TestApp, TestResponse

from fmn.infra.public_ids import LARGEST_ID
from fmn.ledger.saved_searches import MAX_SAVED
from tests.integration.webapp.pages import outline
from tests.integration.webapp.test_inbox import count_in_navigation, ids, undo
from tests.integration.webapp.world import World


@pytest.fixture
def there(world: World) -> list[int]:
    """Three notifications, the oldest first, the last one about something that Zoe did."""
    return [world.notification(world.receive_comment(author=author)) for author in ("tom", "tom", "zoe")]


def press(page: TestResponse, name: str, value: str, **fields: Any) -> TestResponse:
    """Press a button of the list; returns the page after it."""
    form = page.forms["triage"]
    for field, chosen in fields.items():
        form[field] = chosen
    found = form.submit(name, value=value).follow()
    outline(found)
    return found


def tick(page: TestResponse, *wanted: int) -> TestResponse:
    """The page with these notifications ticked."""
    for number, each in enumerate(ids(page)):
        page.forms["triage"].set("ids", each in wanted, index=number)
    return page


def snooze(alice: TestApp, there: int, value: str, query: str = "", **moment: str) -> TestResponse:
    """Choose until when to snooze a notification on the page that asks that."""
    page = alice.get(f"/inbox/snooze/{there}{query}")
    outline(page)
    form = page.forms[0]
    for name, chosen in moment.items():
        form[name] = chosen
    return form.submit("row", value=f"{value}:{there}").follow()


@pytest.mark.parametrize(("action", "sentence", "place"), [
    ("done", "1 notification is done.", "is:done"),
    ("snooze-later", "1 notification is snoozed until", "is:snoozed"),
    ("snooze-tomorrow", "1 notification is snoozed until tomorrow at 09:00.", "is:snoozed"),
    ("snooze-monday", "1 notification is snoozed until", "is:snoozed"),
    ("snooze-week", "1 notification is snoozed until", "is:snoozed"),
])
def test_puts_one_away_and_back(
    alice: TestApp, there: list[int], action: str, sentence: str, place: str,
) -> None:
    page = press(alice.get("/inbox"), "row", f"done:{there[1]}") if action == "done" else snooze(
        alice, there[1], action)
    page.mustcontain(sentence, "Undo")
    assert ids(page) == [there[2], there[0]]
    assert count_in_navigation(page) == "2"

    away = alice.get("/inbox", {"q": place})
    outline(away)
    assert ids(away) == [there[1]]
    page = press(away, "row", f"open:{there[1]}")
    page.mustcontain("1 notification is back in your inbox.", 'value="' + place)
    assert ids(page) == []
    # An undo leads back to where one was
    assert ids(undo(page)) == [there[1]]
    assert ids(alice.get("/inbox")) == [there[2], there[0]]


def test_snoozes_until_a_day_and_time_of_ones_own_and_goes_back(
    alice: TestApp, mallory: TestApp, there: list[int],
) -> None:
    query = "?q=from%3Atom&group=package"
    page = snooze(alice, there[0], "snooze", query, day="2999-12-31", clock="17:45")
    page.mustcontain("1 notification is snoozed until 31 December 2999 at 17:45.")
    assert ids(page) == [there[1]]
    assert page.request.query_string == "q=from%3Atom&group=package"
    snooze(alice, there[1], "snooze").mustcontain("Choose the day on which they come back.")
    snooze(alice, there[1], "snooze", day="2000-01-01").mustcontain("That time has passed.")
    alice.get(f"/inbox/snooze/{there[1]}?group=colour", status=400).mustcontain("The address is incomplete.")
    mallory.get(f"/inbox/snooze/{there[1]}", status=404)


def test_undoes_what_was_done_once(alice: TestApp, mallory: TestApp, there: list[int]) -> None:
    page = press(alice.get("/inbox"), "row", f"done:{there[0]}")
    form = next(each for each in page.forms.values() if "/inbox/undo/" in each.action)
    token = mallory.get("/inbox").forms["triage"]["csrf_token"].value
    mallory.post(form.action, {"csrf_token": token}, status=404)
    page = form.submit().follow()
    page.mustcontain("1 notification is as before.")
    assert ids(page) == there[::-1]
    form.submit().follow().mustcontain("This was already undone.")


def test_marks_as_read_and_unread(alice: TestApp, there: list[int]) -> None:
    page = press(alice.get("/inbox"), "row", f"read:{there[0]}")
    assert (ids(page), count_in_navigation(page)) == (there[::-1], "2")
    page = press(page, "row", f"unread:{there[0]}")
    page.mustcontain("1 notification is marked as unread.")
    assert count_in_navigation(page) == "3"


def test_works_on_those_that_are_ticked(alice: TestApp, there: list[int]) -> None:
    page = press(alice.get("/inbox"), "selected", "done")
    page.mustcontain("Tick the notifications first.")
    page = press(tick(page, *there[:2]), "selected", "done")
    page.mustcontain("2 notifications are done.")
    assert ids(page) == there[2:]
    page = undo(page)
    page = press(tick(page, *there[:2]), "selected", "snooze", day="2999-12-31")
    page.mustcontain("2 notifications are snoozed until 31 December 2999 at 09:00.")
    page = press(tick(page, there[2]), "selected", "snooze", day="2000-01-01")
    page.mustcontain("That time has passed. Choose a later one.")
    assert ids(page) == there[2:]


def test_works_on_all_that_was_shown_of_what_is_looked_for(
    alice: TestApp, world: World, there: list[int],
) -> None:
    page = alice.get("/inbox?q=from:tom")
    later = world.notification(world.receive_comment(author="tom"))
    page = press(page, "all", "done")
    page.mustcontain("2 notifications are done.")
    assert ids(page) == [later]
    page = press(alice.get("/inbox"), "all", "read")
    page.mustcontain("2 notifications are marked as read.")
    assert count_in_navigation(page) == ""
    page = undo(page)
    assert count_in_navigation(page) == "2"
    page = press(page, "all", "snooze-tomorrow")
    assert ids(page) == []
    page.mustcontain("All done", "See what’s snoozed")
    assert ids(undo(page)) == [later, there[2]]
    press(alice.get("/inbox?q=zebra"), "all", "read").mustcontain("Nothing to change.")


def test_mutes_a_thread_or_package_and_undoes_it(alice: TestApp, world: World, there: list[int]) -> None:
    page = press(alice.get("/inbox"), "row", f"mute-package:{there[0]}")
    page.mustcontain("Muted forever: the package rpms/moss.")
    world.receive_comment()
    assert world.notifications == len(there)
    undo(page).mustcontain("Your mutes are as before.")
    world.receive_comment()
    assert world.notifications == len(there) + 1
    page = press(alice.get("/inbox"), "all", "mute-thread")
    page.mustcontain("Muted forever: the thread bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7.")


def test_tells_a_script_in_json(alice: TestApp, there: list[int]) -> None:
    form = alice.get("/inbox").forms["triage"]
    fields = {"csrf_token": form["csrf_token"].value, "row": f"done:{there[0]}"}
    answer = alice.post("/inbox/triage", fields, headers={"Accept": "application/json"}).json
    assert (answer["sentence"], answer["error"], answer["unread"]) == ("1 notification is done.", False, 2)
    assert alice.post(
        answer["undo"], {"csrf_token": fields["csrf_token"]}, headers={"Accept": "application/json"},
    ).json == {"sentence": "1 notification is as before.", "undo": None, "error": False, "unread": 3}


def test_says_what_it_cannot_do(alice: TestApp, there: list[int]) -> None:
    token = alice.get("/inbox").forms["triage"]["csrf_token"].value
    for fields in ({"row": "done"}, {"row": "done:x"}, {"row": "done:1.2"}, {"whole": "done:planet:x"},
                   {"whole": "done:day:"}, {"ids": "x", "selected": "done"},
                   {"all": "done", "newest": "-1"}, {"selected": "snooze", "day": "soon"}):
        outline(alice.post("/inbox/triage", {"csrf_token": token, **fields}, status=400))
    for action in ("", "eat", "done-later", "snooze-never", "mute-event"):
        alice.post("/inbox/triage", {
            "csrf_token": token, "selected": action, "ids": str(there[0]),
        }).follow().mustcontain("The form was incomplete.")
    for whole in ("done:day:soon", "done:day:9999-12-31", "done:day:0001-01-01", "done:thread:x",
                  "done:thread:-", "done:ids:1.x", "eat:package:rpms/moss", f"done:ids:{2**63}"):
        alice.post("/inbox/triage", {
            "csrf_token": token, "whole": whole}).follow().mustcontain("The form was incomplete.")
    assert ids(alice.get("/inbox")) == there[::-1]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("command", ["done", "mute-thread"])
@pytest.mark.usefixtures("there")
def test_takes_the_largest_number_for_all(alice: TestApp, command: str) -> None:
    token = alice.get("/inbox").forms["triage"]["csrf_token"].value
    fields = {"csrf_token": token, "all": command, "newest": str(LARGEST_ID)}
    alice.post("/inbox/triage", fields, status=303)
    alice.post("/inbox/triage", {**fields, "newest": str(LARGEST_ID + 1)}, status=400)


def test_searches_are_saved_shared_and_deleted(alice: TestApp, mallory: TestApp, there: list[int]) -> None:
    # Given a search
    page = alice.get("/inbox", {"q": "from:zoe  is:unread"})
    form = next(each for each in page.forms.values() if each.action.endswith("/inbox/searches"))
    form["name"] = "Zoe’s"

    # When it's saved, then it's a view like the others
    page = form.submit().follow()
    outline(page)
    page.mustcontain("Saved the search “Zoe’s”.")
    page = alice.get("/inbox").click("Zoe’s")
    assert (page.request.params["q"], ids(page)) == ("from:zoe is:unread", there[2:])
    # and its address names nobody
    assert ids(mallory.get(page.request.path_qs)) == []
    mallory.get("/inbox").mustcontain(no=["Zoe’s"])

    # and can be deleted, and be there again
    deletion = next(each for each in page.forms.values() if each.action.endswith("/delete"))
    page = deletion.submit().follow()
    page.mustcontain("Deleted the saved search “Zoe’s”.")
    page = undo(page)
    page.mustcontain("Restored the saved search “Zoe’s”.")
    assert ids(page.click("Zoe’s", index=0)) == there[2:]


def test_says_which_searches_cannot_be_saved(alice: TestApp) -> None:
    token = alice.get("/inbox").forms["triage"]["csrf_token"].value

    def save(name: str, query: str) -> TestResponse:
        fields = {"csrf_token": token, "name": name, "q": query}
        return alice.post("/inbox/searches", fields, expect_errors=True)

    for name, query, words in (
            ("", "moss", "Give the search a name of at most 40 characters."),
            ("x" * 41, "moss", "Give the search a name"), ("x", "", "Search for something first"),
            ("x", "pakage:moss", "Did you mean “package:”?")):
        save(name, query).follow(expect_errors=True).mustcontain(words)
    assert save("x", "x" * 401).status_code == 400
    for number in range(MAX_SAVED):
        save(f"n{number}", "moss")
    save("one more", "moss").follow().mustcontain(f"You have {MAX_SAVED} saved searches.")
    save("n0", "fern").follow().mustcontain("Saved the search “n0”.")


def test_the_palette_leads_to_pages_and_searches(alice: TestApp) -> None:
    token = alice.get("/inbox").forms["triage"]["csrf_token"].value
    alice.post("/inbox/searches", {"csrf_token": token, "name": "Ferns", "q": "package:fern"})
    page = alice.get("/commands")
    page.mustcontain("Inbox: Ferns", "Inbox: Snoozed", "Mutes", "Filters: E-mail", no=["Administration"])
