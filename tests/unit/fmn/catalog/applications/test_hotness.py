from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

ICONS = "https://apps.fedoraproject.org/packages/images/icons"
VERSION = {"msg": {
    "project": {"id": 42, "name": "moss"},
    "message": {"agent": "anitya", "old_version": "2.3", "upstream_version": "2.4",
                "packages": [{"distro": "Fedora", "package_name": "moss"},
                             {"distro": "Debian", "package_name": "libmoss"}]},
}}
BUILD = {"msg": {"name": "moss", "version": "2.4", "release": "1.fc45", "owner": "mary", "new": 1}}


class TestBugs:
    @pytest.mark.parametrize(("environment", "host"), [
        ("prod", "bugzilla.redhat.com"), ("stg", "partner-bugzilla.redhat.com")])
    def test_a_bug_is_filed_for_our_package(self, environment: str, host: str) -> None:
        body = {"bug": {"bug_id": 12}, "trigger": VERSION}
        known = facts("hotness.update.bug.file", body)
        told = described("hotness.update.bug.file", body, environment=environment)

        assert known.package_names == {"moss"}
        assert known.usernames == frozenset()
        assert told.summary == "The new hotness filed the bug #12 on moss: 2.4 is available"
        assert told.link == f"https://{host}/show_bug.cgi?id=12"
        assert told.secondary_icon == f"{ICONS}/moss.png"

    def test_newer_messages_name_the_package_themselves(self) -> None:
        body = {"bug": {"bug_id": 12}, "package": "python-moss", "trigger": VERSION}

        assert facts("hotness.update.bug.file", body).package_names == {"python-moss"}

    def test_a_build_is_followed_up_on(self) -> None:
        body = {"bug": {"bug_id": 12}, "trigger": BUILD}
        known = facts("hotness.update.bug.followup", body)

        assert known.package_names == {"moss"}
        assert known.agent == "mary"
        assert described("hotness.update.bug.followup", body).summary == (
            "The new hotness followed up on the bug #12: moss-2.4-1.fc45 was built")

    @pytest.mark.parametrize(("owner", "agent"), [("hotness", None), ("sam", "sam")])
    def test_its_own_scratch_builds_are_nobodys(self, owner: str, agent: str | None) -> None:
        task = {"srpm": "cli-build/moss-2.4-1.fc45.src.rpm", "owner": owner, "new": "CLOSED", "old": "OPEN"}
        body = {"bug": {"bug_id": 12}, "trigger": {"msg": task}}
        told = described("hotness.update.bug.followup", body)

        assert facts("hotness.update.bug.followup", body).agent == agent
        assert facts("hotness.update.bug.followup", body).packages == frozenset()
        assert told.summary == (
            "The new hotness followed up on the bug #12: the scratch build of moss-2.4-1.fc45 completed")
        assert told.secondary_icon == f"{ICONS}/package_128x128.png"
        assert told.secondary_icon != avatar(owner)


@pytest.mark.parametrize(("reason", "why"), [
    ("anitya", "no Fedora package is mapped to it"),
    ("pkgdb", "its maintainers don't want to be told"),
    ("Too hot.", 'dropped it: "Too hot."'),
    (None, "dropped it"),
])
def test_a_version_that_led_nowhere_says_why(reason: str | None, why: str) -> None:
    told = described("hotness.update.drop", {"reason": reason, "trigger": VERSION})

    assert told.summary == f"The new hotness saw 2.4 of moss, but {why}"
    assert told.link == "https://release-monitoring.org/project/42/"


PACKAGE = {"name": "moss", "review_url": "https://bugzilla.redhat.com/7", "upstream_url": "https://moss.org"}
NEW = {"msg": {"agent": "mary", "package_listing": {"package": PACKAGE}}}
MONITORED = {"msg": {"agent": "mary", "package": PACKAGE, "status": True}}


class TestMappings:
    @pytest.mark.parametrize(("body", "link"), [
        ({"trigger": NEW, "project": {"id": 42}}, "https://release-monitoring.org/project/42/"),
        ({"trigger": NEW}, "https://bugzilla.redhat.com/7"),
        ({"trigger": MONITORED}, "https://moss.org"),
        ({}, ""),
    ])
    def test_the_page_that_helps_most_is_linked(self, body: dict[str, Any], link: str) -> None:
        assert described("hotness.project.map", body).link == link

    @pytest.mark.parametrize(("body", "summary"), [
        ({"success": True}, "The new hotness mapped moss to its upstream project"),
        ({"success": False, "total": 3},
         "The new hotness couldn't map moss to its upstream project: 3 projects look like it"),
        ({"success": False, "reason": "No backend"},
         'The new hotness couldn\'t map moss to its upstream project: "No backend"'),
    ])
    def test_success_and_failure_are_told(self, body: dict[str, Any], summary: str) -> None:
        told = described("hotness.project.map", {**body, "trigger": NEW})

        assert told.summary == summary
        assert facts("hotness.project.map", {**body, "trigger": NEW}).package_names == {"moss"}
        assert facts("hotness.project.map", {**body, "trigger": NEW}).usernames == frozenset()
