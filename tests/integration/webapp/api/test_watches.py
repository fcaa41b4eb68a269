"""What programs do with watches; every answer is held against the document."""

from __future__ import annotations

from tests.integration.webapp.api.client import Program
from tests.integration.webapp.world import World

WATCHES = "/contexts/email/watches"
MOSS = f"{WATCHES}/package/rpms%2Fmoss"


def test_something_is_watched_at_another_level_and_no_longer(program: Program, world: World) -> None:
    program.problem("GET", MOSS, status=404)
    made = program.send("PUT", MOSS, {})
    assert made == {
        "context": "email", "kind": "package", "name": "rpms/moss", "level": "everything", "enabled": True,
        "filter_id": made["filter_id"], "version": 0}
    assert program.get(f"/filters/{made['filter_id']}")["text"] == "package_filter(rpms/moss)"
    # Again, nothing changes; a level is the same filter
    assert program.send("PUT", MOSS, {}) == made
    changed = program.send("PUT", MOSS, {"level": "failures"})
    assert changed == {**made, "level": "failures", "version": 1}
    assert program.get(MOSS) == changed
    assert program.get(WATCHES) == {"watches": [changed]}
    # One that is off is switched on
    program.send("PATCH", f"/filters/{made['filter_id']}", {"enabled": False})
    assert program.get(MOSS)["enabled"] is False
    assert program.send("PUT", MOSS, {"level": "failures"})["enabled"] is True

    undo = program.send("DELETE", MOSS)["undo"]
    assert program.send("DELETE", MOSS) == {"undo": None}
    assert program.get(WATCHES) == {"watches": []}
    program.send("POST", f"/undo/{undo}")
    assert program.get(MOSS)["level"] == "failures"


def test_whatever_has_a_page_can_be_watched(program: Program, world: World) -> None:
    all_made = []
    for path, kind, name, level in (
        ("person/alice", "person", "alice", "actions"), ("group/infra", "group", "infra", "members"),
        ("group/ferns", "group", "ferns", "packages"),
        ("app/koji", "app", "buildsys", "notable"), ("app/zuul", "app", "zuul", "failures"),
    ):
        made = program.send("PUT", f"{WATCHES}/{path}", {"level": level})
        assert (made["kind"], made["name"], made["level"]) == (kind, name, level)
        assert program.get(f"{WATCHES}/{path}") == made
        all_made.append(made)
    assert program.get(WATCHES)["watches"] == all_made


def test_who_saw_an_older_version_changes_nothing(program: Program, world: World) -> None:
    program.problem("PUT", MOSS, {}, status=412, If_Match='"0"')
    program.send("PUT", MOSS, {})
    seen = program.ask("GET", MOSS).headers["ETag"]
    program.ask("PUT", MOSS, {"level": "releases"}, status=200, If_Match=seen)
    program.problem("PUT", MOSS, {"level": "failures"}, status=412, If_Match=seen)
    program.problem("PUT", MOSS, {"level": "failures", "version": 0}, status=409)
    assert program.get(MOSS)["level"] == "releases"


def test_what_makes_no_sense_is_refused_in_a_sentence(program: Program, world: World) -> None:
    answer = program.ask("PUT", MOSS, {"level": "members"}, status=422)
    assert answer.json["errors"] == [
        {"place": "/level", "detail": "“level” must be everything or failures or releases."}]
    assert program.problem("PUT", f"{WATCHES}/package/a%20b", {}, status=404) == (
        "“a b” can’t be a name: write one without spaces or commas.")
    program.problem("PUT", f"{WATCHES}/planet/mars", {}, status=404)
    program.problem("GET", "/contexts/irc/watches", status=404)
    assert program.get(WATCHES) == {"watches": []}
