"""What programs do with shared filters; every answer is held against the document."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from webtest import TestApp

from fmn.filters import sharing
from fmn.wiring import Services
from tests.integration.webapp.api.client import MINE, PREFIX, Program
from tests.integration.webapp.world import World

TAGS = {"name": "Tags", "expression": "koji_tag", "oneshot": True, "hold_minutes": 5, "owner_note": "Mine"}


@pytest.fixture
def bobs(services: Services) -> Program:
    """Bob's program."""
    return Program(services, "bob")


@pytest.fixture
def token(program: Program, world: World) -> str:
    """The token of the link by which Alice shares both of her filters."""
    added = program.send("POST", "/contexts/email/filters", TAGS, status=201)
    ids = {"filter_ids": [added["id"], world.filter_id]}
    made = program.ask("POST", "/shares", ids, status=201)
    shared: str = made.json["token"]
    assert urlsplit(made.headers["Location"]).path == f"{PREFIX}/shares/{shared}"
    assert made.json["filters"] == ["My packages", "Tags"]
    # The same filters have the same link, and it's the page's
    assert program.send("POST", "/shares", {"filter_ids": ids["filter_ids"][::-1]}, status=201) == made.json
    assert program.get("/shares") == {"shares": [made.json]}
    return shared


def test_a_link_shows_the_filters_and_not_whose_they_are(token: str, bobs: Program, alice: TestApp) -> None:
    answer = bobs.ask("GET", f"/shares/{token}", status=200)
    mine, tags = answer.json["filters"]
    assert (mine["number"], mine["name"], mine["text"]) == (0, "My packages", MINE)
    assert tags == {
        "number": 1, "name": "Tags", "expression": {"rule": "koji_tag"}, "text": "koji_tag", "oneshot": True,
        "hold_minutes": 5}
    assert "alice" not in answer.text
    assert bobs.get("/shares") == {"shares": []}
    alice.get("/preferences/email/share").mustcontain(f"/shared/{token}")


def test_filters_are_taken_over_once_and_that_can_be_undone(token: str, bobs: Program) -> None:
    where = f"/shares/{token}/copy"
    some = bobs.send("POST", where, {"context": "email", "numbers": [1]})
    assert (some["context"], some["added"]) == ("email", ["Tags"])
    rest = bobs.send("POST", where, {"context": "email"})
    assert rest["added"] == ["My packages"]
    assert bobs.send("POST", where, {"context": "email"}) == {"context": "email", "added": [], "undo": None}
    assert [(each["name"], each["text"]) for each in bobs.get("/contexts/email/filters")["filters"]] == [
        ("Tags", "koji_tag"), ("My packages", MINE)]
    bobs.send("POST", f"/undo/{rest['undo']}")
    assert [each["name"] for each in bobs.get("/contexts/email/filters")["filters"]] == ["Tags"]


def test_a_link_works_until_its_owner_deletes_it(token: str, program: Program, bobs: Program) -> None:
    bobs.problem("DELETE", f"/shares/{token}", status=404)
    bobs.get(f"/shares/{token}")
    program.send("DELETE", f"/shares/{token}", status=204)
    for method, path, body in (
        ("GET", f"/shares/{token}", None), ("DELETE", f"/shares/{token}", None),
        ("POST", f"/shares/{token}/copy", {"context": "email"}), ("GET", "/shares/1_a.b", None),
    ):
        assert program.problem(method, path, body, status=404) == (
            "This link isn’t complete, or it was deleted.")
    assert program.get("/shares") == {"shares": []}


def test_what_makes_no_sense_is_refused_in_a_sentence(
    token: str, program: Program, bobs: Program, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    for sender, path, body, place, sentence in (
        (bobs, "/shares", {"filter_ids": [world.filter_id]}, "/filter_ids/0",
            f"You have no filter {world.filter_id}."),
        (program, "/shares", {"filter_ids": []}, "/filter_ids",
            "“filter_ids” must have at least 1 elements."),
        (bobs, f"/shares/{token}/copy", {"context": "email", "numbers": [0, 2]}, "/numbers/1",
            "The link has no filter 2."),
    ):
        answer = sender.ask("POST", path, body, status=422)
        assert answer.json["errors"] == [{"place": place, "detail": sentence}]
    monkeypatch.setattr(sharing, "MAX_CHARACTERS", 10)
    answer = program.ask("POST", "/shares", {"filter_ids": [world.filter_id]}, status=422)
    assert answer.json["errors"] == [
        {"place": "/filter_ids", "detail": "These filters are too long for one link. Choose fewer."}]
    assert bobs.get("/contexts/email/filters") == {"filters": []}
