"""What programs do with the API; every answer is held against the document."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import NoReturn
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn.catalog import Message
from fmn.filters import budgets
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryKind, StoredMessage
from fmn.matching.deadlines import Deadline
from fmn.matching.preview import preview
from fmn.people.change_log import current_revision, lock_changes
from fmn.people.models import DetailValue, Preference
from fmn.wiring import Services
from tests.factories.deliveries import mark_confirmations_sent
from tests.factories.inboxes import make_inbox_owner
from tests.factories.messages import NOON
from tests.integration.webapp.api.client import PREFIX, Program
from tests.integration.webapp.world import World
from webapp.api import filter_preview, messages
from webapp.filters import preview_lock

MINE = "user_package_filter(@me) and not user_filter(@me) and not koji_tag"


def revision(database: Database) -> int:
    with database.reading() as session:
        return current_revision(session)


def test_an_account_says_who_one_is_and_keeps_a_time_zone_and_a_language(program: Program) -> None:
    assert program.get("/me")["nick"] == "alice"
    assert program.send("PATCH", "/me", {"time_zone": "Europe/Prague"})["time_zone"] == "Europe/Prague"
    assert program.problem("PATCH", "/me", {"time_zone": "Mars"}, status=422) == (
        "There is no such time zone. Choose one of the list.")
    # One field may be sent without the other, and a language may be given up
    assert program.send("PATCH", "/me", {"language": "de"})["time_zone"] == "Europe/Prague"
    assert program.get("/me")["language"] == "de"
    assert program.send("PATCH", "/me", {"language": None})["language"] is None
    assert program.problem("PATCH", "/me", {"language": "tlh"}, status=422) == (
        "FMN doesn’t speak this language. Choose one of the list.")


def test_an_account_is_paused_and_goes_on(program: Program) -> None:
    until = (utc_now() + timedelta(days=7)).replace(microsecond=0)
    assert program.get("/me")["paused_until"] is None
    answer = program.send("PATCH", "/me", {"paused_until": until.isoformat()})
    assert datetime.fromisoformat(answer["paused_until"]) == until
    assert program.send("PATCH", "/me", {"time_zone": "Asia/Tokyo"})["paused_until"] is not None
    assert program.problem("PATCH", "/me", {"paused_until": "2020-01-01T00:00:00Z"}, status=422) == (
        "Choose a time in the future.")
    assert program.send("PATCH", "/me", {"paused_until": None})["paused_until"] is None


def test_a_context_is_changed_in_parts(program: Program, database: Database) -> None:
    # Given what is set
    (context,) = program.get("/contexts")["contexts"]
    assert program.get("/contexts/email") == context
    assert (context["enabled"], context["reachable"], context["words"]) == (True, True, "immediately")

    # When some of it changes, the rest stays, within the groups as well
    before = revision(database)
    program.send("PATCH", "/contexts/email", {"frequency": {"digest_count": 5}})
    changed = program.send("PATCH", "/contexts/email", {
        "enabled": False,
        "frequency": {"clock_times": ["17:30", "08:00"], "clock_days": ["friday", "monday"]},
        "quiet_hours": {"quiet_from": "22:00", "quiet_until": "07:00"},
        "presentation": {"markup": False, "mime_digest": True}})
    assert changed == program.get("/contexts/email")
    assert changed["enabled"] is False
    assert changed["frequency"] == {
        "digest_count": 5, "digest_seconds": None, "clock_times": ["08:00", "17:30"],
        "clock_days": ["monday", "friday"]}
    assert changed["quiet_hours"] == {
        "quiet_from": "22:00", "quiet_until": "07:00", "quiet_lets_severe": True}
    assert changed["presentation"] == {
        **context["presentation"], "markup": False, "mime_digest": True}
    assert revision(database) > before

    # What makes no sense changes nothing, and says where it is
    answer = program.ask("PATCH", "/contexts/email", {
        "enabled": True, "quiet_hours": {"quiet_until": None}}, status=422)
    assert answer.json["errors"][0]["place"] == "/quiet_hours/quiet_until"
    assert program.get("/contexts/email")["enabled"] is False


def test_who_saw_an_older_version_changes_nothing(program: Program, world: World) -> None:
    for path, change in (
        ("/contexts/email", {"enabled": False}), (f"/filters/{world.filter_id}", {"name": "Other"}),
    ):
        # Given a version that somebody saw, and a change since
        seen = program.ask("GET", path, status=200)
        version = seen.json["version"]
        assert seen.headers["ETag"] == f'"{version}"'
        program.ask("PATCH", path, change, status=200, If_Match=seen.headers["ETag"])

        # When they change it, too, they hear of that, whichever way they said what they saw
        again = {"name": "Third"} if "name" in change else {"enabled": True}
        for body, headers, status in (
            ({**again, "version": version}, {}, 409), (again, {"If_Match": f'"{version}"'}, 412),
            (again, {"If_Match": 'W/"1"'}, 412), ({**again, "version": version}, {"If_Match": '"99"'}, 412),
        ):
            program.problem("PATCH", path, body, status=status, **headers)
        program.problem("PATCH", path, {"enabled": False, "version": version}, status=409)
        assert program.get(path).items() >= change.items()

        # and with the last version, or any, it's done
        program.ask("PATCH", path, again, status=200, If_Match=f'"{program.get(path)["version"]}"')
        program.ask("PATCH", path, change, status=200, If_Match="*")


def test_addresses_are_added_confirmed_tried_and_removed(program: Program, database: Database) -> None:
    added = program.ask("POST", "/contexts/email/addresses", {"address": "New@Example.org"}, status=201)
    where = urlsplit(added.headers["Location"]).path.removeprefix(PREFIX)
    assert program.get(where) == added.json
    assert (added.json["address"], added.json["standing"]) == ("New@example.org", "waiting")
    assert [each["standing"] for each in program.get("/contexts/email/addresses")["addresses"]] == [
        "confirmed", "waiting"]

    # It can be asked once more when that is sent, but not too often, and tried once it's confirmed
    assert "isn’t confirmed yet" in program.problem("POST", f"{where}/test", status=422)
    for _ in range(4):
        mark_confirmations_sent(database)
        for _ in range(2):
            program.send("POST", f"{where}/confirmation", status=202)
    mark_confirmations_sent(database)
    limited = program.ask("POST", f"{where}/confirmation", status=429)
    assert 86_000 < int(limited.headers["Retry-After"]) <= 86_400
    with database.transaction() as session:
        session.execute(update(DetailValue).values(confirmed_at=datetime.now(UTC)))
    program.send("POST", f"{where}/test", status=202)
    assert "is confirmed already" in program.problem("POST", f"{where}/confirmation", status=422)
    with database.reading() as session:
        kinds = session.scalars(
            select(Delivery.kind).where(Delivery.destination == "New@example.org")).all()
    assert sorted(kinds) == [DeliveryKind.CONFIRMATION] * 5 + [DeliveryKind.TEST]

    program.send("DELETE", where, status=204)
    program.problem("GET", where, status=404)
    answer = program.ask("POST", "/contexts/email/addresses", {"address": "nonsense"}, status=422)
    assert answer.json["errors"][0]["place"] == "/address"


class TestFilters:
    def test_are_shown_in_both_ways_of_writing_them(self, program: Program, world: World) -> None:
        (shown,) = program.get("/contexts/email/filters")["filters"]
        assert shown == program.get(f"/filters/{world.filter_id}")
        assert (shown["name"], shown["text"], shown["position"]) == ("My packages", MINE, 0)
        assert shown["expression"]["all"][0] == {"rule": "user_package_filter", "with": {"fasnick": "@me"}}

    def test_are_made_changed_moved_copied_and_deleted(self, program: Program, world: World) -> None:
        # Given one made of JSON; the owner's name in it is "me"
        added = program.ask("POST", "/contexts/email/filters", {
            "name": " Karma ", "oneshot": True, "hold_minutes": 15, "owner_note": "For\nBob ",
            "expression": {"any": [{"rule": "bodhi_update_comment"},
                                   {"rule": "user_filter", "with": {"fasnick": "alice"}}]}}, status=201)
        where = urlsplit(added.headers["Location"]).path.removeprefix(PREFIX)
        assert (added.json["name"], added.json["text"], added.json["oneshot"], added.json["position"]) == (
            "Karma", "bodhi_update_comment or user_filter(@me)", True, 1)

        assert added.json["hold_minutes"] == 15
        # Its owner's note isn't the reason why somebody else switched it off
        assert (added.json["owner_note"], added.json["note"]) == ("For Bob", None)

        # When it's changed, replaced, snoozed, moved, and copied to where it is
        assert program.send("PATCH", where, {"expression": "koji_tag"})["text"] == "koji_tag"
        for minutes in (30, None, 60):
            assert program.send("PATCH", where, {"hold_minutes": minutes})["hold_minutes"] == minutes
        assert program.send("PATCH", where, {"oneshot": True})["hold_minutes"] == 60
        program.problem("PATCH", where, {"hold_minutes": 1441}, status=422)
        program.problem("PATCH", where, {"owner_note": "x" * 501}, status=422)
        assert program.get(where)["owner_note"] == "For Bob"
        for note in (None, "For Ann"):
            assert program.send("PATCH", where, {"owner_note": note})["owner_note"] == note
        replaced = program.send("PUT", where, {"name": "Tags", "expression": "koji_tag or koji_untag"})
        assert (replaced["name"], replaced["oneshot"], replaced["enabled"]) == ("Tags", False, True)
        assert (replaced["hold_minutes"], replaced["owner_note"]) == (None, None)
        until = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
        asleep = program.send("PATCH", where, {"snoozed_until": until.isoformat()})
        assert (asleep["enabled"], datetime.fromisoformat(asleep["snoozed_until"])) == (False, until)
        assert program.send("PATCH", where, {"snoozed_until": None})["enabled"] is True
        assert program.send("POST", f"{where}/move", {"position": 0})["position"] == 0
        assert program.send("POST", f"{where}/copy", {"context": "email"})["id"] == added.json["id"]
        assert [each["name"] for each in program.get("/contexts/email/filters")["filters"]] == [
            "Tags", "My packages"]

        # and deleted and brought back, twice
        undo = program.send("DELETE", where)["undo"]
        program.problem("GET", where, status=404)
        assert program.send("POST", f"/undo/{undo}") == {"context": "email", "restored": ["Tags"]}
        assert program.send("POST", f"/undo/{undo}") == {"context": "email", "restored": []}
        assert program.get(where)["position"] == 0

    def test_are_reset_and_deleted_all_at_once(self, program: Program, world: World) -> None:
        undo = program.send("POST", "/contexts/email/filters/reset")["undo"]
        assert len(program.get("/contexts/email/filters")["filters"]) == 3
        assert program.send("POST", "/contexts/email/filters/reset") == {"undo": None}
        assert program.send("DELETE", "/contexts/email/filters")["undo"]
        assert program.send("DELETE", "/contexts/email/filters") == {"undo": None}
        program.send("POST", f"/undo/{undo}")
        assert [each["id"] for each in program.get("/contexts/email/filters")["filters"]] == [world.filter_id]

    @pytest.mark.parametrize("sent", [
        "application(Koji) && !koji_tag",
        {"all": [{"rule": "application", "with": {"application": "koji"}}, {"not": {"rule": "koji_tag"}}]}])
    def test_may_call_applications_by_their_names(self, program: Program, sent: object) -> None:
        made = program.send("POST", "/contexts/email/filters", {"name": "x", "expression": sent}, status=201)
        assert made["text"] == "application(buildsys) and not koji_tag"

    def test_warn_of_unknown_names(self, program: Program) -> None:
        found = program.send("POST", "/lint", {"expression": "package_filter(mos) AND actor(tmo)"})
        assert [each["sentence"] for each in found["findings"] if each["code"] == "unknown"] == [
            "“mos” is no package that FMN knows. Did you mean “moss”?",
            "“tmo” is no person that FMN knows. Check the spelling."]

    def test_that_would_do_harm_are_refused(self, program: Program, world: World) -> None:
        for expression, sentence in (
            ("not koji_tag", "This filter only excludes messages"),
            ("all()", "A filter or group without rules"),
            ("koji_tag and", "The text ends too early"), ({"rule": "nothing"}, "Unknown rule 'nothing'"),
            ({"rule": "user_filter"}, "The rule user_filter needs its argument 'fasnick'"),
            ({"no": "expression"}, "No expression"), (None, "No expression"), (3, "No expression"),
        ):
            for method, path in (("POST", "/contexts/email/filters"), ("PUT", f"/filters/{world.filter_id}")):
                answer = program.ask(method, path, {"name": "x", "expression": expression}, status=422)
                assert answer.json["detail"].startswith(sentence)
                assert answer.json["errors"][0]["place"] == "/expression"
        for name in ("\u202e", "\n", "x" * 201):
            program.problem("PATCH", f"/filters/{world.filter_id}", {"name": name}, status=422)
        for until in ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "2026-05-04T00:00:00", "soon"):
            program.problem("PATCH", f"/filters/{world.filter_id}", {"snoozed_until": until}, status=422)
        assert program.get(f"/filters/{world.filter_id}")["name"] == "My packages"

    def test_count_for_the_next_message(self, program: Program, world: World) -> None:
        program.send("PATCH", f"/filters/{world.filter_id}", {"enabled": False})
        world.receive_comment()
        assert program.get("/inbox")["entries"] == []
        program.send("PATCH", f"/filters/{world.filter_id}", {"enabled": True})
        world.receive_comment()
        assert len(program.get("/inbox")["entries"]) == 1


def test_rules_are_searched(program: Program) -> None:
    found = program.get("/rules?search=KARMA+comment")["rules"]
    assert [rule["name"] for rule in found] == ["bodhi_update_comment"]
    assert found[0] == program.get("/rules/bodhi_update_comment")
    assert "karma" in found[0]["example"]
    generic = program.get("/rules?application=generic")["rules"]
    assert {"maintains", "user_filter"} <= {rule["name"] for rule in generic}
    assert program.get("/rules/maintains")["arguments"][0]["name"] == "fasnick"
    assert len(program.get("/rules?retired=true")["rules"]) > len(program.get("/rules")["rules"]) > 300


def test_a_filter_is_tried_before_it_is_saved(program: Program, world: World) -> None:
    # Given messages, most of which concern Alice's package
    for text in ("one", "two"):
        world.receive_comment(text)
    world.receive_comment("three", package="tar")
    make_recent(world)

    found = program.send("POST", "/preview", {"expression": MINE, "days": 3, "messages": 1})
    assert (found["total"], found["peak"], found["complete"]) == (2, 2, True)
    assert [message["summary"] for message in found["newest"]] == [
        "tom commented on the update moss-2.4-1.fc44 and gave it +1 karma"]
    assert [day["messages"] for day in found["days"]] == [2]
    assert found["by_severity"] == found["days"][0]["by_severity"]
    assert sum(found["by_severity"].values()) == 2
    assert found["history_days"] <= 3

    linted = program.send("POST", "/lint", {"expression": f"{MINE} and koji_untag", "context": "email"})
    assert "shadowed" in [each["code"] for each in linted["findings"]]
    assert program.send("POST", "/lint", {"expression": "koji_tag"})["expression"] == {"rule": "koji_tag"}
    assert program.problem("POST", "/lint", {"expression": "koji_tag", "filter_id": 1}, status=422) == (
        "Give the context of the filter.")
    refused = program.send("POST", "/lint", {"expression": "not koji_tag"})["findings"]
    assert [each["severity"] for each in refused] == ["refuse"]


def make_recent(world: World) -> None:
    with world.services.database.transaction() as session:
        session.execute(update(StoredMessage).values(received_at=datetime.now(UTC)))


def test_the_inbox_is_read_in_pages(program: Program, mallorys: Program, world: World) -> None:
    # Given five notifications
    for number in range(5):
        world.receive_comment(f"number {number}")
    first = program.get("/inbox?limit=2&context=email")
    assert (len(first["entries"]), first["unread"], first["newer"]) == (2, 5, None)
    entry = first["entries"][0]
    assert entry["filter"] == {"id": world.filter_id, "name": "My packages"}
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


def test_what_is_muted_is_not_heard_of(program: Program, world: World) -> None:
    muted = program.send("POST", "/mutes", {"kind": "package", "value": "rpms/moss"})
    assert program.get("/mutes")["mutes"] == [muted]
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    again = program.send("POST", "/mutes", {"kind": "package", "value": "rpms/moss", "until": until})
    assert again["id"] == muted["id"]
    program.send("DELETE", f"/mutes/{muted['id']}", status=204)
    program.problem("DELETE", f"/mutes/{muted['id']}", status=404)
    for body in ({"kind": "everything", "value": "x"}, {"kind": "event", "value": ""},
                 {"kind": "event", "value": "a\nb"}, {"kind": "event", "value": "x" * 501},
                 {"kind": "event", "value": "x", "until": "2020-01-01T00:00:00Z"}):
        program.problem("POST", "/mutes", body, status=422)
    assert program.get("/mutes") == {"mutes": []}


def test_a_message_says_whom_and_what_it_concerns(program: Program, world: World) -> None:
    sent = Message("2026-groups", "org.fedoraproject.prod.koschei.package.state.change", NOON, {
        "name": "moss", "new": "failing", "groups": ["forest"]})
    with world.services.database.transaction() as session:
        store(session, [sent], NOON)
    shown = program.get(f"/messages/{sent.msg_id}")

    assert (shown["packages"], shown["groups"], shown["usernames"]) == (["rpms/moss"], ["forest"], [])


def test_a_message_says_why_one_hears_of_it(program: Program, mallorys: Program, world: World) -> None:
    with world.services.database.reading() as session:
        msg_id = message_id(session, world.receive_comment("Half a \ud83d character"))
    shown = program.get(f"/messages/{msg_id}")
    assert shown["body"]["comment"]["text"] == "Half a \ud83d character"
    (context,) = shown["verdicts"]
    assert (context["context"], context["hears"], context["muted"]) == ("email", True, None)
    (verdict,) = context["filters"]
    assert verdict["lets_through"]
    assert [part["holds"] for part in verdict["verdict"]["parts"]] == [True, True, True]
    assert mallorys.get(f"/messages/{msg_id}")["verdicts"][0]["hears"] is False

    program.send("POST", "/mutes", {"kind": "event", "value": "bodhi_update_comment"})
    (context,) = program.get(f"/messages/{msg_id}")["verdicts"]
    assert (context["hears"], context["muted"]) == (
        False, {"kind": "event", "value": "bodhi_update_comment", "until": None})


def message_id(session: Session, row: int) -> str:
    return session.get_one(StoredMessage, row).msg_id


def test_all_preferences_go_out_and_come_in_as_a_file(program: Program, database: Database) -> None:
    # Given a file in either way of writing it, importing it changes nothing
    file = program.get("/preferences")
    assert program.send("PUT", "/preferences", file) == {"changes": [], "notes": []}
    toml = program.ask("GET", "/preferences?format=toml", status=200)
    assert MINE in toml.text
    answer = program.ask("PUT", "/preferences", toml.body, status=200, Content_Type="application/toml")
    assert answer.json["changes"] == []

    # When one with changes is tried, nothing happens; when it's imported, it does
    file["contexts"]["email"]["enabled"] = False
    change = {"kind": "changed", "context": "email", "sentence": "The channel is switched off."}
    assert program.send("PUT", "/preferences?dry_run=true", file)["changes"] == [change]
    assert enabled(database)
    assert program.send("PUT", "/preferences", file)["changes"] == [change]
    assert not enabled(database)

    # What's wrong is told place by place, and changes nothing
    answer = program.ask("PUT", "/preferences", {
        "version": 1, "time_zone": "Mars", "contexts": {"email": {"enabled": True, "addresses": ["x"]}},
    }, status=422)
    assert [error["place"] for error in answer.json["errors"]] == ["time_zone", "contexts.email, address 1"]
    assert program.problem("PUT", "/preferences", b"{", status=400).startswith("The file isn’t JSON")
    assert not enabled(database)


def test_a_file_is_read_before_anybody_has_to_wait(program: Program, database: Database) -> None:
    program.get("/preferences")
    with database.transaction() as session:
        lock_changes(session)
        assert program.problem("PUT", "/preferences", b"{", status=400).startswith("The file isn’t JSON")


def enabled(database: Database) -> bool:
    with database.reading() as session:
        return session.scalars(select(Preference.enabled)).one()


SLOW = " or ".join(f'regex_filter("((a?){{30}}){{30}}a{{30}}#{number}")' for number in range(6))
TOO_LARGE = "instructions of regular expressions, and 10,000 is the most"


def test_what_is_over_a_filters_budget_is_neither_saved_nor_previewed(program: Program) -> None:
    many = {"any": [{"rule": "package_filter", "with": {"package": f"p{number}"}} for number in range(2_000)]}

    for expression, sentence in ((SLOW, TOO_LARGE), (many, "It has 2,000 rules, and 500 is the most")):
        assert sentence in program.problem("POST", "/preview", {"expression": expression}, status=422)
        assert sentence in program.problem(
            "POST", "/contexts/email/filters", {"name": "a", "expression": expression}, status=422)
        (finding,) = program.send("POST", "/lint", {"expression": expression})["findings"]
        assert finding["severity"] == "refuse"
        assert sentence in finding["sentence"]


def test_what_is_over_a_persons_budget_is_refused_at_every_door(
    program: Program, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budgets, "PER_PERSON", replace(budgets.PER_PERSON, patterns=1))
    one = program.send("POST", "/contexts/email/filters", {
        "name": "one", "expression": "package_regex_filter(a)"}, status=201)
    off = program.send("POST", "/contexts/email/filters", {
        "name": "off", "expression": "koji_tag", "enabled": False}, status=201)
    before = program.get("/contexts/email/filters")

    two = {"name": "two", "expression": "package_regex_filter(b)"}
    file = {"version": 1, "contexts": {"email": {"filters": [
        {"name": "one", "expression": "package_regex_filter(a)"}, two]}}}
    for method, path, body in (
        ("POST", "/contexts/email/filters", two), ("PUT", f"/filters/{off['id']}", two),
        ("PATCH", f"/filters/{off['id']}", {**two, "enabled": True}), ("PUT", "/preferences", file),
    ):
        assert "With it your filters have 2 regular expressions, and 1 is the most" in program.problem(
            method, path, body, status=422)
    assert program.get("/contexts/email/filters") == before
    assert program.send("PATCH", f"/filters/{one['id']}", {"name": "renamed"})["name"] == "renamed"


def test_a_new_preview_ends_the_older_one(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a preview of Alice's that goes on as long as somebody waits for it
    monkeypatch.setattr(preview_lock, "WAIT_SECONDS", 60)  # however busy the machine is
    begun = Event()

    def endless(*_given: object, deadline: Deadline, **_more: object) -> NoReturn:
        begun.set()
        while True:
            deadline.check()

    with monkeypatch.context() as patched, ThreadPoolExecutor(1) as pool:
        patched.setattr(filter_preview, "preview", endless)
        older = pool.submit(program.ask, "POST", "/preview", {"expression": MINE})
        assert begun.wait(30)
        patched.setattr(filter_preview, "preview", preview)
        # When she asks for another
        newer = program.send("POST", "/preview", {"expression": MINE})
        ended = older.result(30)

    # Then that is answered, and the older one says why it isn't
    assert newer["complete"] is True
    assert (ended.status_code, ended.headers["Retry-After"]) == (429, "5")
    assert ended.json["detail"] == "Another preview of yours is in progress. Try again in a few seconds."


def test_why_says_of_filters_that_take_too_long_that_they_do(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a filter that is off, so that it doesn't count in any budget, and no time
    program.send("POST", "/contexts/email/filters", {
        "name": "slow", "expression": "regex_filter(moss)", "enabled": False}, status=201)
    msg_id = world.receive_recent_comment()
    monkeypatch.setattr(messages, "EXPLANATION_CPU_SECONDS", -1.0)

    # Then the answer comes, and says so
    (context,) = program.get(f"/messages/{msg_id}")["verdicts"]
    mine, slow = context["filters"]
    assert mine["lets_through"] is True
    assert slow["verdict"]["problem"] == "asking this of the message takes too long"
