"""What programs do with filters; every answer is held against the document."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import NoReturn
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from fmn.filters import budgets
from fmn.ledger.models import StoredMessage
from fmn.matching.deadlines import Deadline
from fmn.matching.preview import preview
from tests.integration.webapp.api.client import MINE, PREFIX, Program
from tests.integration.webapp.world import World
from webapp.api import filter_preview
from webapp.filters import preview_lock


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
    assert program.get("/rules/severity")["arguments"][0]["choices"] == ["info", "warning", "error"]
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
