from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.applications.trac import concerns_project
from tests.messages import described, facts

MOSS = {"base_url": "https://fedorahosted.org/moss/", "project_name": "Moss project"}
TICKET = {"id": 4, "summary": "Too dry", "owner": "mary", "reporter": "sam", "cc": ""}


def ticket(**more: Any) -> dict[str, Any]:
    return {"agent": "sam", "instance": MOSS, "ticket": {**TICKET, **more}}


class TestTickets:
    def test_owner_reporter_and_watchers_are_concerned(self) -> None:
        body = ticket(cc="tom, ann@fedoraproject.org;li@example.org")

        assert facts("trac.ticket.update", body).usernames == {"sam", "mary", "tom", "ann"}

    def test_nobody_in_particular_is_nobody(self) -> None:
        body = {**ticket(reporter="anonymous", owner=""), "agent": "anonymous"}

        assert facts("trac.ticket.new", body).agent is None
        assert facts("trac.ticket.new", body).usernames == frozenset()
        assert described("trac.ticket.new", body).summary == (
            'Somebody opened the ticket Moss project#4 "Too dry"')

    @pytest.mark.parametrize(("status", "old", "did"), [
        ("closed", {"status": "new", "resolution": ""}, "closed"),
        ("reopened", {"status": "closed"}, "reopened"),
        ("new", {"owner": "tom", "priority": "minor"}, "changed the owner and the priority of"),
        ("new", {}, "commented on"),
    ])
    def test_changes_are_told(self, status: str, old: dict[str, str], did: str) -> None:
        body = {**ticket(status=status), "old_values": old, "comment": "Watered."}
        told = described("trac.ticket.update", body)

        assert told.summary == f'sam {did} the ticket Moss project#4 "Too dry"'
        assert told.link == "https://fedorahosted.org/moss/ticket/4"
        assert told.long.startswith("Watered.")


@pytest.mark.parametrize(("title", "more", "summary"), [
    ("new", {}, "mary made the page Water in the wiki of Moss project"),
    ("update", {"version": 2}, "mary changed the page Water in the wiki of Moss project"),
    ("rename", {"old_name": "Wet"}, "mary renamed the page Water in the wiki of Moss project (before: Wet)"),
    ("delete", {}, "mary deleted the page Water from the wiki of Moss project"),
    ("version.delete", {}, "mary deleted the version 3 of the page Water in the wiki of Moss project"),
])
def test_what_happens_to_wiki_pages_is_told(title: str, more: dict[str, Any], summary: str) -> None:
    body = {"agent": "mary", "instance": MOSS, "page": {"name": "Water", "version": 3}, **more}

    assert described(f"trac.wiki.page.{title}", body).summary == summary
    assert described(f"trac.wiki.page.{title}", body).link == "https://fedorahosted.org/moss/wiki/Water"


@pytest.mark.parametrize(("path", "link"), [
    ("/srv/git/docs/moss.git", "docs/moss.git"), ("/git/moss.git", "moss.git"), (None, "moss.git")])
def test_a_commit_is_in_the_folder_that_its_path_tells(path: str | None, link: str) -> None:
    body = {"commit": {"repo": "moss", "path": path, "rev": "1f2e", "username": "mary", "branch": "main",
                       "summary": "Grow"}}
    told = described("trac.git.receive", body)

    assert facts("trac.git.receive", body).agent == "mary"
    assert told.link == f"https://git.fedorahosted.org/cgit/{link}/commit/?id=1f2e"
    assert told.summary == 'mary pushed to moss (main): "Grow"'


@pytest.mark.parametrize(("project", "holds"), [
    ("moss", True), ("Moss project", True), ("fern,moss", True), ("mos", False), ("", False)])
def test_a_project_has_a_name_and_an_address(project: str, holds: bool) -> None:
    assert concerns_project(facts("trac.ticket.new", ticket()), {"project": project}) is holds
    assert not concerns_project(facts("trac.git.receive", {"commit": {"repo": "moss"}}), {"project": project})
    assert not concerns_project(facts("pagure.issue.new", ticket()), {"project": project})
