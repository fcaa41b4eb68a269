from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package, Severity, catalog
from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.applications.bodhi import concerns_critpath
from tests.messages import described, facts

BODHI = "https://bodhi.fedoraproject.org"

#: An update as the three generations of Bodhi wrote it.
FIRST = {
    "title": "moss-2.4-1.fc18,lichen-data-1.0-2.fc18",
    "builds": [
        {"nvr": "moss-2.4-1.fc18", "package": {"name": "moss", "committers": ["tom"]}},
        {"nvr": "lichen-data-1.0-2.fc18", "package": {"name": "lichen-data"}},
    ],
    "submitter": "mary", "critpath": True, "notes": "Grows.",
    "release": {"name": "F18", "long_name": "Fedora 18"},
}
SECOND = {
    **FIRST, "title": "moss-2.4-1.fc18 lichen-data-1.0-2.fc18", "submitter": {"name": "mary"}, "builds": None,
}
THIRD = {
    "alias": "FEDORA-2026-3f0c2a51d7", "title": "A nicer title",
    "builds": [
        {"nvr": "moss-2.4-1.fc44", "type": "module"},
        {"nvr": "lichen-data-1.0-2.fc44", "type": "rpm"},
    ],
    "user": {"name": "mary"}, "submitter": "an-old-field",
}


class TestUpdates:
    @pytest.mark.parametrize("update", [FIRST, SECOND])
    def test_an_update_is_found_by_its_title_before_updates_had_aliases(self, update: Any) -> None:
        known = facts("bodhi.update.request.testing", {"agent": "tom", "update": update})
        told = described("bodhi.update.request.testing", {"agent": "tom", "update": update})

        assert known.agent == "tom"
        assert known.usernames == {"tom", "mary"}
        assert known.packages == {Package("", "moss"), Package("", "lichen-data")}
        assert told.summary == (
            "tom submitted the update moss-2.4-1.fc18 and lichen-data-1.0-2.fc18 to testing")
        assert told.link == f"{BODHI}/updates/{update['title'].replace(' ', '%20')}"
        assert told.secondary_icon == avatar("mary")

    def test_an_update_has_an_alias_and_packages_of_several_kinds_today(self) -> None:
        known = facts("bodhi.update.complete.stable", {"update": THIRD})
        told = described("bodhi.update.complete.stable", {"update": THIRD})

        assert known.agent == "mary"
        assert known.usernames == {"mary"}
        assert known.packages == {Package("modules", "moss"), Package("rpms", "lichen-data")}
        assert told.summary == "mary's update moss-2.4-1.fc44 and lichen-data-1.0-2.fc44 was pushed to stable"
        assert told.link == f"{BODHI}/updates/FEDORA-2026-3f0c2a51d7"

    def test_the_long_text_tells_what_an_update_is(self) -> None:
        update = {**FIRST, "type": "bugfix", "severity": "unspecified", "bugs": [{"bug_id": 4711}, 4712]}

        assert described("bodhi.update.complete.testing", {"update": update}).long == (
            "Release: Fedora 18\nType: bugfix\nBugs: 4711, 4712\n\n"
            "- moss-2.4-1.fc18\n- lichen-data-1.0-2.fc18\n\nGrows."
        )

    def test_an_edit_tells_what_changed(self) -> None:
        body = {"agent": "mary", "update": {}, "new_bugs": [1, 2], "new_builds": ["a-1-1"]}

        assert described("bodhi.update.edit", body).long == "New bugs: 1, 2\nNew builds: a-1-1"

    def test_an_ejected_update_tells_why(self) -> None:
        body = {"repo": "f44-updates", "reason": "No tag", "update": THIRD}

        assert described("bodhi.update.eject", body).summary.endswith(
            'was ejected from the push to f44-updates: "No tag"')
        assert facts("bodhi.update.eject", body).event.severity is Severity.WARNING

    def test_requirements_are_met_for_what_the_topic_says(self) -> None:
        told = described("bodhi.update.requirements_met.batched", {"update": THIRD})

        assert told.summary.endswith("met the requirements for batched")

    def test_updates_to_be_tested_had_no_update_in_them_at_first(self) -> None:
        body = {"artifact": {"builds": [{"component": "moss", "nvr": "moss-2.4-1.fc44"}]}, "agent": "mary"}

        assert facts("bodhi.update.status.testing", body).packages == {Package("rpms", "moss")}
        assert facts("bodhi.update.status.testing", body).usernames == {"mary"}
        assert described("bodhi.update.status.testing", body).summary == (
            "moss-2.4-1.fc44 can be tested automatically")

    def test_updates_can_be_tested_again_and_concern_who_built_them(self) -> None:
        title = "bodhi.update.status.testing.koji-build-group.build.complete"
        artifact = {"type": "koji-build-group", "builds": [{"nvr": "moss-2.4-1.fc44", "issuer": "sam"}]}
        body = {"agent": "bodhi", "re-trigger": True, "artifact": artifact, "update": THIRD}

        assert facts(title, body).event.name == "bodhi_update_status_testing"
        assert facts(title, body).usernames == {"bodhi", "mary", "sam"}
        assert facts(title, body).package_names == {"moss", "lichen-data"}
        assert described(title, body).summary == "moss-2.4-1.fc44 can be tested automatically again"

    def test_an_announcement_is_the_mail_that_was_sent(self) -> None:
        body = {"subject": "New moss", "body": "It grows.", "update": THIRD}
        told = described("bodhi.errata.publish", body)

        assert told.summary.endswith('was announced: "New moss"')
        assert told.long == "It grows."


class TestComments:
    def test_a_comment_concerns_its_author_whom_it_mentions_and_whose_update_it_is(self) -> None:
        body = {"agent": "tom", "comment": {
            "author": "tom", "user": {"name": "tom"}, "karma": -1,
            "text": "@sam: see tom@example.org", "update": THIRD,
        }}
        known = facts("bodhi.update.comment", body)
        told = described("bodhi.update.comment", body)

        assert known.usernames == {"tom", "sam", "mary"}
        assert known.package_names == {"moss", "lichen-data"}
        assert told.summary.startswith("tom commented on the update moss-2.4-1.fc44")
        assert told.summary.endswith("and gave it -1 karma")
        assert told.long == "@sam: see tom@example.org"
        assert told.link.endswith("/updates/FEDORA-2026-3f0c2a51d7")
        assert told.secondary_icon == avatar("tom")

    def test_feedback_is_another_name_for_karma(self) -> None:
        body = {"comment": {"user": {"name": "tom"}, "text": "Works.", "feedback": 1, "update": THIRD}}

        assert described("bodhi.update.comment", body).summary.endswith("and gave it +1 karma")

    def test_a_comment_used_to_name_its_update_only(self) -> None:
        body = {"comment": {"author": "tom", "text": "Works.", "karma": 0, "update_title": "moss-2.4-1.fc18"}}
        known = facts("bodhi.update.comment", body)
        told = described("bodhi.update.comment", body)

        assert known.agent == "tom"
        assert known.packages == {Package("", "moss")}
        assert told.summary == "tom commented on the update moss-2.4-1.fc18"
        assert told.link == f"{BODHI}/updates/moss-2.4-1.fc18"


class TestOverrides:
    @pytest.mark.parametrize("override", [
        {"build": "moss-2.4-1.fc18", "submitter": "mary"},
        {"build": {"nvr": "moss-2.4-1.fc18"}, "submitter": {"name": "mary"}},
        {"nvr": "moss-2.4-1.fc18", "submitter": {"name": "mary"}},
    ])
    def test_an_override_is_for_one_build(self, override: Any) -> None:
        known = facts("bodhi.buildroot_override.tag", {"override": override})
        told = described("bodhi.buildroot_override.tag", {"override": override})

        assert known.agent == "mary"
        assert known.package_names == {"moss"}
        assert told.summary == "mary made a buildroot override for moss-2.4-1.fc18"
        assert told.link == f"{BODHI}/overrides/moss-2.4-1.fc18"


class TestPushes:
    def test_a_compose_that_failed_is_an_event_of_its_own(self) -> None:
        body = {"agent": "releng", "repo": "f44-updates", "ctype": "rpm", "success": False}

        failed = facts("bodhi.compose.complete", body)
        complete = facts("bodhi.compose.complete", {**body, "success": True})

        assert failed.event.name == "bodhi_compose_failed"
        assert failed.event.severity is Severity.ERROR
        assert complete.event.name == "bodhi_compose_complete"
        assert described("bodhi.compose.complete", body).summary == (
            "Bodhi failed to compose f44-updates (rpms)")

    def test_a_push_used_to_list_its_updates(self) -> None:
        body = {"agent": "releng", "updates": ["a-1-1.fc23,b-c-2-2.fc23", "a-1-1.fc22"]}

        assert facts("bodhi.masher.start", body).package_names == {"a", "b-c"}
        assert described("bodhi.masher.start", body).summary == "releng requested a push of 2 updates"
        assert described("bodhi.masher.start", body).long == "- a-1-1.fc23,b-c-2-2.fc23\n- a-1-1.fc22"

    def test_a_push_lists_its_repositories_since(self) -> None:
        compose = {"content_type": "rpm", "request": "stable", "security": True}
        body = {"agent": "releng", "composes": [compose]}

        assert described("bodhi.masher.start", body).summary == "releng requested a push of 1 repository"
        assert described("bodhi.masher.start", body).long == "- rpm updates to stable, security"

    def test_without_a_person_the_picture_is_bodhi_s(self) -> None:
        told = described("bodhi.mashtask.mashing", {"repo": "f23-updates"})

        assert told.secondary_icon == told.icon == catalog().applications["bodhi"].icon
        assert told.link == BODHI


class TestMirrors:
    @pytest.mark.parametrize(("product", "repo", "release", "folder"), [
        ("fedora", "updates", "20", "fedora/linux/updates/20/"),
        ("fedora", "updates", "44", "fedora/linux/updates/44/Everything/"),
        ("fedora", "updates-testing", "29m", "fedora/linux/updates/testing/29/Modular/"),
        ("fedora", "atomic", "24", "fedora/linux/atomic/24/"),
        ("epel", "epel-testing", "7", "epel/testing/7/"),
        ("epel", "epel", "9", "epel/9/Everything/"),
        ("epel", "epel", "10.0", "epel/10.0/"),
    ])
    def test_synced_updates_are_in_a_folder(
        self, product: str, repo: str, release: str, folder: str,
    ) -> None:
        told = described(f"bodhi.updates.{product}.sync", {"repo": repo, "release": release})

        assert told.link == f"https://download.fedoraproject.org/pub/{folder}"

    def test_a_release_of_any_number_of_digits_is_read(self) -> None:
        release = "9" * 5000

        assert described("bodhi.updates.epel.sync", {"repo": "epel", "release": release}).link.endswith("9/")

    def test_without_a_release_there_is_no_folder(self) -> None:
        told = described("bodhi.updates.epel.sync", {"repo": "epel"})

        assert told.link == "https://download.fedoraproject.org/pub"
        assert told.summary == "New EPEL epel content reached the mirrors"

    def test_a_sync_tells_how_much_came(self) -> None:
        body = {"repo": "updates", "release": "29m", "bytes": "1 GiB", "deleted": "12"}

        assert described("bodhi.updates.fedora.sync", body).summary == (
            "New Fedora 29 updates modular content reached the mirrors (1 GiB changed and 12 files deleted)")


def test_a_stack_has_packages() -> None:
    stack = {"name": "forest", "packages": [{"name": "moss"}], "users": [{"name": "tom"}]}
    body = {"agent": "mary", "stack": stack}

    assert facts("bodhi.stack.save", body).package_names == {"moss"}
    assert facts("bodhi.stack.save", body).usernames == {"mary"}
    assert described("bodhi.stack.save", body).link == f"{BODHI}/stacks/forest"


def test_the_critical_path_is_what_the_update_says() -> None:
    assert concerns_critpath(facts("bodhi.update.eject", {"update": FIRST}), {})
    assert concerns_critpath(facts("bodhi.update.comment", {"comment": {"update": FIRST}}), {})
    assert not concerns_critpath(facts("bodhi.update.eject", {"update": THIRD}), {})
    assert not concerns_critpath(facts("fas.user.create", {"update": FIRST}), {})


def test_what_bodhi_says_some_day_is_still_read() -> None:
    told = described("bodhi.update.frobnicated", {"agent": "mary"})

    assert told.summary == "Message bodhi.update.frobnicated from Bodhi"
    assert told.secondary_icon == avatar("mary")
    assert told.link == BODHI
