"""What programs of members, editors and administrators do with groups' filters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from fmn.administration import group_editing
from fmn.administration.models import AuditEntry
from fmn.directory import DirectoryUnavailableError
from fmn.filters import group_filters
from fmn.filters.expressions import Rule
from fmn.filters.group_filters import add_editor
from fmn.wiring import Services
from tests.factories.groups import give_group
from tests.integration.webapp.api.client import Program
from tests.integration.webapp.world import World

GROUP = "/groups/infra"
FILTERS = f"{GROUP}/filters"
MOSS = Rule.of("package_filter", {"package": "moss"})
TAGS = {"name": "Tags", "expression": "koji_tag"}


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """A directory in which Alice and Bob are in the group infra."""
    (tmp_path / "directory.json").write_text(json.dumps({"groups": {"infra": ["alice", "bob"]}}))
    return services


@pytest.fixture
def editors(services: Services) -> Program:
    """Alice's program; an administrator named her."""
    program = Program(services, "alice")
    with services.database.transaction() as session:
        add_editor(session, "infra", "alice", ["alice"])
    return program


def actions(services: Services) -> list[tuple[str, str]]:
    with services.database.reading() as session:
        return [(each.actor, each.action) for each in session.scalars(
            select(AuditEntry).where(AuditEntry.subject == "@infra").order_by(AuditEntry.id))]


def test_a_member_reads_them_opts_out_and_can_change_nothing(services: Services) -> None:
    filter_id, = give_group(services.database, "infra", Grown=MOSS)
    bob = Program(services, "bob")

    group = {"name": "infra", "filters": 1, "gets_filters": True, "may_edit": False}
    assert bob.get("/groups") == {"groups": [group]}
    assert bob.get(GROUP) == {**group, "members": 2, "editors": []}
    (shown,) = bob.get(FILTERS)["filters"]
    assert shown == bob.get(f"{FILTERS}/{filter_id}")
    assert (shown["group"], shown["name"], shown["text"]) == ("infra", "Grown", "package_filter(moss)")
    for _ in range(2):
        bob.send("PUT", f"{GROUP}/opt-out", status=204)
        assert bob.get(GROUP)["gets_filters"] is False
    for _ in range(2):
        bob.send("DELETE", f"{GROUP}/opt-out", status=204)
        assert bob.get(GROUP)["gets_filters"] is True
    for method, path, body in (
        ("POST", FILTERS, TAGS), ("PUT", f"{FILTERS}/{filter_id}", TAGS),
        ("PATCH", f"{FILTERS}/{filter_id}", {"enabled": False}), ("DELETE", f"{FILTERS}/{filter_id}", None),
        ("POST", f"{FILTERS}/{filter_id}/move", {"position": 0}), ("POST", f"{GROUP}/undo/1", None),
    ):
        assert bob.problem(method, path, body, status=403) == (
            "Only its editors and administrators can change the filters of a group.")
    assert bob.get(FILTERS) == {"filters": [shown]}


def test_a_member_is_told_whose_filter_let_a_message_through(services: Services, world: World) -> None:
    filter_id, = give_group(services.database, "infra", Grown=MOSS)
    program = Program(services, "alice")
    program.send("DELETE", f"/filters/{world.filter_id}")
    world.receive_comment()
    (entry,) = program.get("/inbox")["entries"]
    assert entry["filter"] == {"id": filter_id, "name": "Grown (@infra)", "group": "infra"}
    (context,) = program.get(f"/messages/{entry['message']['msg_id']}")["verdicts"]
    assert [(each["filter_id"], each["group"]) for each in context["filters"]] == [(filter_id, "infra")]


def test_to_others_it_is_not_there(services: Services, mallorys: Program) -> None:
    filter_id, = give_group(services.database, "infra", Grown=MOSS)
    assert mallorys.get("/groups") == {"groups": []}
    for where in (GROUP, FILTERS, f"{FILTERS}/{filter_id}", f"/filters/{filter_id}", "/groups/none/filters"):
        mallorys.problem("GET", where, status=404)
    mallorys.problem("PUT", f"{GROUP}/opt-out", status=404)


def test_an_editor_makes_changes_switches_moves_and_deletes(services: Services, editors: Program) -> None:
    # Given two filters; the editor's own name isn't "me", for that is each member
    made = editors.ask("POST", FILTERS, {"name": "Alice", "expression": "user_filter(alice)"}, status=201)
    where = f"{FILTERS}/{made.json['id']}"
    assert made.headers["Location"].endswith(where)
    assert made.json["text"] == "user_filter(alice)"
    assert editors.send("POST", FILTERS, TAGS, status=201)["position"] == 1
    assert editors.get(GROUP)["editors"] == ["alice"]

    # When they're changed in every way
    changed = editors.send("PUT", where, {"name": "Us", "expression": "user_filter(@me)", "owner_note": "!"})
    assert (changed["name"], changed["text"], changed["owner_note"]) == ("Us", "user_filter(@me)", "!")
    assert Program(services, "bob").get(where)["owner_note"] is None
    off = editors.ask("PATCH", where, {"enabled": False}, If_Match=f'"{changed["version"]}"', status=200)
    assert off.json["enabled"] is False
    assert editors.get(GROUP)["filters"] == 1
    editors.problem("PATCH", where, {"name": "x"}, status=412, If_Match='"0"')
    assert editors.send("POST", f"{where}/move", {"position": 1})["position"] == 1
    undo = editors.send("DELETE", where)["undo"]
    assert [each["name"] for each in editors.get(FILTERS)["filters"]] == ["Tags"]
    assert editors.send("POST", f"{GROUP}/undo/{undo}") == {"restored": ["Us"]}

    # Then the audit log has each change, and what is sent again isn't one
    log = [group_editing.SAVED] * 3 + [
        group_editing.SWITCHED, group_editing.MOVED, group_editing.DELETED, group_editing.RESTORED]
    assert actions(services) == [("alice", each) for each in log]
    editors.send("POST", FILTERS, TAGS, status=201)
    editors.send("PATCH", where, {"enabled": False})
    editors.send("POST", f"{GROUP}/undo/{undo}")
    assert [each["name"] for each in editors.get(FILTERS)["filters"]] == ["Tags", "Us"]
    assert len(actions(services)) == len(log)


def test_an_administrator_edits_a_group_without_being_in_it(services: Services) -> None:
    roots = Program(services, "root")
    made = roots.send("POST", FILTERS, TAGS, status=201)
    group = {"name": "infra", "filters": 1, "gets_filters": None, "may_edit": True}
    assert roots.get("/groups") == {"groups": [group]}
    roots.problem("PUT", f"{GROUP}/opt-out", status=404)
    assert Program(services, "bob").get(FILTERS)["filters"] == [made]


def test_it_is_bounded_as_on_the_pages(editors: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    made = editors.send("POST", FILTERS, TAGS, status=201)
    for body, sentence in (
        ({"name": "x", "expression": "not koji_tag"}, "This filter only excludes"),
        ({**TAGS, "name": "x", "oneshot": True}, "A group’s filter can’t switch itself off"),
    ):
        assert editors.problem("POST", FILTERS, body, status=422).startswith(sentence)
    with monkeypatch.context() as patched:
        patched.setattr(group_filters, "MAX_GROUP_FILTERS", 1)
        assert "1 filters at most" in editors.problem("POST", FILTERS, {**TAGS, "name": "b"}, status=422)
    monkeypatch.setattr(group_editing, "MAX_CHANGES", 1)
    answer = editors.ask("PATCH", f"{FILTERS}/{made['id']}", {"enabled": False}, status=429)
    assert 3_500 < int(answer.headers["Retry-After"]) <= 3_600
    assert editors.get(FILTERS) == {"filters": [made]}


def test_without_a_directory_they_are_unavailable(
    services: Services, editors: Program, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> None:
        raise DirectoryUnavailableError

    monkeypatch.setattr(services.directory, "current", away)
    answer = editors.ask("GET", FILTERS, status=503)
    assert answer.json["detail"].startswith("Groups aren’t available")
    assert answer.headers["Retry-After"] == "60"
