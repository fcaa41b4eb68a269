from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import catalog
from fmn.catalog.accounts_in_messages import avatar, avatar_by_email
from tests.messages import described, facts, message

BUG = {
    "id": 42, "summary": "moss is too dry", "component": "moss", "assigned_to": "mary@fedoraproject.org",
    "creator": "sam@example.org", "cc": ["ann@fedoraproject.org", "moss-sig@lists.fedoraproject.org"],
    "qa_contact": "extras-qa@fedoraproject.org", "status": "NEW", "version": "44", "severity": "unspecified",
}
#: The same in Bugzilla 5's own shape.
BUG_5 = {
    **BUG, "component": {"id": 1, "name": "moss"}, "assigned_to": {"login": "mary@fedoraproject.org"},
    "creator": None, "reporter": {"login": "sam@example.org"}, "status": {"id": 1, "name": "NEW"},
}


def update(*changes: dict[str, str], bug: Any = BUG, **event: Any) -> dict[str, Any]:
    return {"bug": bug, "event": {"who": "tom@fedoraproject.org", "changes": list(changes), **event}}


class TestPeople:
    @pytest.mark.parametrize("bug", [BUG, BUG_5])
    def test_whoever_has_to_do_with_the_bug_is_concerned(self, bug: dict[str, Any]) -> None:
        known = catalog().facts(
            message("bugzilla.bug.update", update(bug=bug)), {"sam@example.org": "sam"}.get)

        assert known.agent == "tom"
        assert known.usernames == {"tom", "mary", "sam", "ann"}
        assert known.package_names == {"moss"}

    @pytest.mark.parametrize(("field", "added"), [
        ("cc", "jo@fedoraproject.org, li@example.org"),
        ("flag.needinfo", "? (jo@fedoraproject.org)"),
        ("assigned_to", "jo@fedoraproject.org"),
    ])
    def test_people_whom_a_change_names_are_concerned(self, field: str, added: str) -> None:
        assert "jo" in facts("bugzilla.bug.update", update({"field": field, "added": added})).usernames

    def test_strangers_have_a_picture_by_their_address(self) -> None:
        body = update(who="li@example.org", user={"login": "li@example.org", "real_name": "Li Made-up"})

        assert facts("bugzilla.bug.update", body).agent is None
        assert described("bugzilla.bug.update", body).secondary_icon == avatar_by_email("li@example.org")
        assert described("bugzilla.bug.update", body).summary == (
            'Li Made-up changed something in the bug #42 "moss is too dry" (moss)')
        assert described("bugzilla.bug.update", update()).secondary_icon == avatar("tom")


@pytest.mark.parametrize("component", ["Package Review", "distribution"])
def test_some_components_are_no_packages(component: str) -> None:
    assert facts("bugzilla.bug.update", update(bug={**BUG, "component": component})).packages == frozenset()


class TestChanges:
    def test_what_changed_is_told(self) -> None:
        told = described("bugzilla.bug.update", update(
            {"field_name": "status", "removed": "NEW", "added": "CLOSED"},
            {"field_name": "cf_last_closed", "removed": "", "added": "2016-03-28 21:33:07"},
            {"field_name": "whiteboard", "removed": "", "added": "dry"},
        ))

        assert told.summary == (
            'tom changed the status to CLOSED and the whiteboard in the bug #42 "moss is too dry" (moss)')
        assert told.link == "https://bugzilla.redhat.com/show_bug.cgi?id=42"
        assert told.long == (
            "- status: NEW -> CLOSED\n- last closed: (none) -> 2016-03-28 21:33:07\n"
            "- whiteboard: (none) -> dry\n\nComponent: moss\nVersion: 44\nStatus: NEW")

    @pytest.mark.parametrize(("more", "did"), [
        ({"comment": {"author": "ann@fedoraproject.org", "text": "So it is."}}, "ann commented on"),
        ({"attachment": {"description": "A picture"}}, "tom changed an attachment of"),
        ({}, "tom changed something in"),
    ])
    def test_comments_and_attachments_are_told(self, more: dict[str, Any], did: str) -> None:
        told = described("bugzilla.bug.update", {**update(action="modify"), **more})

        assert told.summary == f'{did} the bug #42 "moss is too dry" (moss)'

    @pytest.mark.parametrize("title", ["bugzilla.bug.new", "bugzilla.bug.update"])
    def test_a_new_bug_was_filed_whatever_the_topic(self, title: str) -> None:
        told = described(title, update(target="bug", action="create"))

        assert told.summary == 'tom filed the bug #42 "moss is too dry" (moss)'

    @pytest.mark.parametrize(("comment", "text"), [
        ({"text": "It's dry.", "is_private": False}, "It's dry."),
        ({"body": "It's dry."}, "It's dry."),
        ({"body": "Secret.", "is_private": True}, "Component: moss"),
    ])
    def test_a_comment_is_told_unless_it_is_private(self, comment: dict[str, Any], text: str) -> None:
        told = described("bugzilla.bug.update", {**update(), "comment": comment})

        assert told.long.startswith(text)
        assert "Secret" not in told.long


def test_the_account_that_newer_messages_name_did_it() -> None:
    body = update(action="modify")

    assert facts("bugzilla.bug.update", {**body, "agent_name": "mary"}).agent == "mary"
    assert "mary" in facts("bugzilla.bug.update", {**body, "agent_name": "mary"}).usernames
    named = {**body, "usernames": ["ann", "sam@example.org"]}
    assert facts("bugzilla.bug.update", named).usernames >= {"ann", "tom"}
    assert "sam@example.org" not in facts("bugzilla.bug.update", named).usernames
    # Whoever has no account is named by address.
    assert facts("bugzilla.bug.update", {**body, "agent_name": "mary@example.org"}).agent == "tom"


def test_bugs_without_an_assignee_concern_nobody_of_that_name() -> None:
    body = {**update(), "bug": {"id": 42, "assigned_to": "nobody@fedoraproject.org"}}

    assert facts("bugzilla.bug.update", body).usernames == {"tom"}
