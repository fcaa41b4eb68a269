"""What programs do with the inbox; every answer is held against the document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fmn.wiring import Services
from tests.factories.inboxes import make_inbox_owner
from tests.integration.webapp.api.client import PREFIX, Program
from tests.integration.webapp.world import World


def test_the_inbox_is_read_in_pages(program: Program, mallorys: Program, world: World) -> None:
    # Given five notifications
    for number in range(5):
        world.receive_comment(f"number {number}")
    first = program.get("/inbox?limit=2&context=email")
    assert (len(first["entries"]), first["unread"], first["newer"]) == (2, 5, None)
    entry = first["entries"][0]
    assert entry["filter"] == {"id": world.filter_id, "name": "My packages", "group": None}
    assert [each["state"] for each in entry["deliveries"]] == ["waiting"]
    assert program.get(f"/inbox/{entry['id']}") == entry

    # When one goes from page to page, and back
    second = program.get(first["older"].removeprefix(PREFIX))
    third = program.get(second["older"].removeprefix(PREFIX))
    ids = [each["id"] for page in (first, second, third) for each in page["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 5
    assert third["older"] is None
    back = program.get(second["newer"].removeprefix(PREFIX))
    assert [each["id"] for each in back["entries"]] == ids[:2]

    # and marks some as read, and all; Mallory can't
    assert mallorys.send("POST", "/inbox/read", {"ids": ids, "up_to": ids[0]}) == {"unread": 0}
    assert program.send("POST", "/inbox/read", {"ids": ids[:2]}) == {"unread": 3}
    assert [each["id"] for each in program.get("/inbox?unread=true")["entries"]] == ids[2:]
    assert program.send("POST", "/inbox/read", {"up_to": ids[0]}) == {"unread": 0}

    # and finds what one looks for
    for query, count in (("text=moss", 5), ("text=tar", 0), ("state=waiting", 5), ("state=failed", 0),
                         ("application=bodhi", 5), (f"filter_id={world.filter_id}", 5), ("filter_id=999", 0)):
        assert len(program.get(f"/inbox?{query}")["entries"]) == count


def test_the_inbox_is_searched_as_on_its_page(program: Program, world: World) -> None:
    world.receive_comment(author="tom")
    world.receive_comment(author="zoe")
    for query, count in (("", 2), ("from:tom", 1), ("-from:tom package:moss app:bodhi", 1), ("is:done", 0),
                         ("from:tom&unread=true&application=bodhi&context=email", 1)):
        assert len(program.get(f"/inbox?q={query}")["entries"]) == count
    problem = program.problem("GET", "/inbox?q=pakage:moss", status=422)
    assert "Did you mean “package:”?" in str(problem)


def test_the_inbox_is_triaged_and_that_is_undone(
    program: Program, mallorys: Program, world: World,
) -> None:
    # Given three notifications
    ids = [world.notification(world.receive_comment(author=author)) for author in ("tom", "tom", "zoe")]
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    def listed(query: str = "") -> list[int]:
        return [each["id"] for each in program.get(f"/inbox?q={query}")["entries"]]

    # When one is snoozed, and what tom did is done
    asked = {"action": "snooze", "ids": ids[:1], "until": until}
    assert mallorys.send("POST", "/inbox/triage", asked) == {
        "changed": 0, "undo": None, "more": False, "unread": 0}
    snoozed = program.send("POST", "/inbox/triage", asked)
    assert (snoozed["changed"], snoozed["unread"]) == (1, 2)
    done = program.send("POST", "/inbox/triage", {"action": "done", "q": "from:tom", "up_to": ids[-1]})
    assert (done["changed"], done["more"], done["unread"]) == (1, False, 1)
    assert (listed(), listed("is:done"), listed("is:snoozed")) == (ids[2:], ids[1:2], ids[:1])
    entry = program.get(f"/inbox/{ids[1]}")
    assert (entry["done_at"], entry["snoozed_until"]) == (entry["read_at"], None)
    assert program.get(f"/inbox/{ids[0]}")["snoozed_until"] is not None

    # Then each is undone, once, and by nobody else
    mallorys.problem("POST", f"/inbox/undo/{done['undo']}", status=404)
    assert program.send("POST", f"/inbox/undo/{done['undo']}") == {
        "restored": "1 notification is as before.", "unread": 2}
    assert program.send("POST", f"/inbox/undo/{done['undo']}")["restored"] == "This was already undone."
    assert listed() == ids[:0:-1]

    # and what can't be is said
    for body in ({"action": "done"}, {"action": "done", "ids": ids, "up_to": 1},
                 {"action": "eat", "ids": ids}, {"action": "snooze", "ids": ids},
                 {"action": "snooze", "ids": ids, "until": "2020-01-01T00:00Z"}):
        program.problem("POST", "/inbox/triage", body, status=422)


def test_what_is_kept_of_another_context_is_shown_too(services: Services) -> None:
    # Given Alice, who has something of a context in which nothing is sent here
    alice = make_inbox_owner(services.database, contexts=("pigeon",))
    notification = alice.receives(context="pigeon")
    program = Program(services, "alice")

    # Then it's answered wherever it's asked for by its id, or for all that there is
    assert program.get(f"/filters/{alice.filter_ids['pigeon']}")["context"] == "pigeon"
    (entry,) = program.get("/inbox")["entries"]
    assert (entry["id"], entry["context"]) == (notification, "pigeon")
    assert program.get(f"/inbox/{notification}") == entry
    undo = program.send("DELETE", f"/filters/{alice.filter_ids['pigeon']}")["undo"]
    assert program.send("POST", f"/undo/{undo}") == {"context": "pigeon", "restored": ["By pigeon"]}

    # and nothing can be sent there
    program.problem("GET", "/contexts/pigeon", status=404)
    program.problem("GET", "/inbox?context=pigeon", status=422)
