from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package, Severity, catalog
from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.applications.buildsys import from_instance
from tests.messages import described, facts

KOJI = "https://koji.fedoraproject.org/koji"
BUILD: dict[str, Any] = {
    "name": "moss", "version": "2.4", "release": "1.fc44", "build_id": 2101, "task_id": 9201, "owner": "mary",
    "instance": "primary", "attribute": "state", "old": 0, "new": 3,
}
TASK: dict[str, Any] = {
    "id": 9301, "method": "build", "owner": "mary", "srpm": "moss-2.4-1.fc44.src.rpm",
    "old": "OPEN", "new": "FAILED",
    "info": {"request": ["cli-build/1/moss-2.4-1.fc44.src.rpm", "f44-candidate", {"scratch": True}]},
}


class TestBuilds:
    @pytest.mark.parametrize(("state", "name", "said"), [
        (0, "koji_build_started", "started"),
        (1, "koji_build_completed", "completed"),
        (2, "koji_build_deleted", "was deleted"),
        (3, "koji_build_failed", "failed"),
        (4, "koji_build_cancelled", "was cancelled"),
        (5, "buildsys_build_state_change", "changed its state"),
        (True, "buildsys_build_state_change", "changed its state"),
        (None, "buildsys_build_state_change", "changed its state"),
    ])
    def test_each_state_is_an_event_type(self, state: Any, name: str, said: str) -> None:
        body = {**BUILD, "new": state}
        told = described("buildsys.build.state.change", body)

        assert facts("buildsys.build.state.change", body).event.name == name
        assert told.summary == f"mary's build of moss-2.4-1.fc44 {said}"

    def test_a_build_concerns_its_owner_and_its_package(self) -> None:
        known = facts("buildsys.build.state.change", BUILD)
        told = described("buildsys.build.state.change", BUILD)

        assert known.agent == "mary"
        assert known.usernames == {"mary"}
        assert known.packages == {Package("", "moss")}
        assert known.event.severity is Severity.ERROR
        assert told.link == f"{KOJI}/buildinfo?buildID=2101"
        assert told.secondary_icon == avatar("mary")
        assert told.long == (
            "Package: moss\nVersion: 2.4\nRelease: 1.fc44\nBuilt by: mary\nBuild: 2101\n"
            f"Task: {KOJI}/taskinfo?taskID=9201")

    def test_a_build_may_have_no_owner(self) -> None:
        known = facts("buildsys.build.state.change", {**BUILD, "owner": None})
        told = described("buildsys.build.state.change", {**BUILD, "owner": None})

        assert known.agent is None
        assert known.usernames == frozenset()
        assert told.summary == "A build of moss-2.4-1.fc44 failed"
        assert told.secondary_icon == told.icon


class TestScratchBuilds:
    @pytest.mark.parametrize(("state", "name", "said"), [
        ("OPEN", "koji_scratch_build_started", "started"),
        ("CLOSED", "koji_scratch_build_completed", "completed"),
        ("FAILED", "koji_scratch_build_failed", "failed"),
        ("CANCELED", "koji_scratch_build_cancelled", "was cancelled"),
        ("ASSIGNED", "buildsys_task_state_change", "changed its state"),
    ])
    def test_each_state_is_an_event_type(self, state: str, name: str, said: str) -> None:
        body = {**TASK, "new": state}

        assert facts("buildsys.task.state.change", body).event.name == name
        assert described("buildsys.task.state.change", body).summary == (
            f"mary's scratch build of moss-2.4-1.fc44 for f44-candidate {said}")

    def test_a_scratch_build_concerns_its_owner_and_no_package(self) -> None:
        known = facts("buildsys.task.state.change", TASK)

        assert known.usernames == {"mary"}
        assert known.packages == frozenset()
        assert described("buildsys.task.state.change", TASK).link == f"{KOJI}/taskinfo?taskID=9301"

    def test_the_target_need_not_be_told(self) -> None:
        told = described("buildsys.task.state.change", {**TASK, "info": None})

        assert told.summary == "mary's scratch build of moss-2.4-1.fc44 failed"


class TestInstances:
    @pytest.mark.parametrize(("instance", "environment", "root"), [
        ("primary", "prod", KOJI),
        (None, "prod", KOJI),
        ("arm", "prod", "https://arm.koji.fedoraproject.org/koji"),
        ("primary", "stg", "https://koji.stg.fedoraproject.org/koji"),
    ])
    def test_pages_are_those_of_the_koji_that_sent_the_message(
        self, instance: str | None, environment: str, root: str,
    ) -> None:
        body = {**BUILD, "instance": instance}
        told = described("buildsys.build.state.change", body, environment=environment)

        assert told.link == f"{root}/buildinfo?buildID=2101"

    def test_an_instance_that_nobody_knows_has_no_pages(self) -> None:
        told = described("buildsys.build.state.change", {**BUILD, "instance": "mallory.example.org/"})

        assert told.link == ""
        assert told.summary.endswith("on the mallory.example.org/ Koji")

    def test_an_instance_that_nobody_knows_may_tell_its_pages(self) -> None:
        build = {**BUILD, "instance": "riscv", "url": "https://riscv-koji.example.org/buildinfo?buildID=1"}
        task = {**TASK, "instance": "riscv", "info": {"url": "https://riscv-koji.example.org/taskinfo?taskID=2"}}

        assert described("buildsys.build.state.change", build).link == build["url"]
        assert described("buildsys.task.state.change", task).link == task["info"]["url"]

    def test_the_rule_holds_for_messages_that_say_so(self) -> None:
        build = facts("buildsys.build.state.change", BUILD)

        assert from_instance(build, {"instance": "arm, primary"})
        assert not from_instance(build, {"instance": "arm"})
        assert not from_instance(build, {})
        assert not from_instance(facts("buildsys.untag", {}), {"instance": "primary"})
        assert not from_instance(facts("git.receive", {"instance": "primary"}), {"instance": "primary"})


TAGGED = {**BUILD, "tag": "f44-updates", "tag_id": 216, "user": "bodhi"}


class TestTags:
    def test_a_tag_concerns_who_set_it_and_who_owns_the_build(self) -> None:
        known = facts("buildsys.tag", TAGGED)
        told = described("buildsys.tag", TAGGED)

        assert known.agent == "bodhi"
        assert known.usernames == {"bodhi", "mary"}
        assert known.package_names == {"moss"}
        assert told.summary == "bodhi tagged moss-2.4-1.fc44 into f44-updates"
        assert told.link == f"{KOJI}/taginfo?tagID=216"
        assert told.secondary_icon == avatar("mary")

    def test_old_messages_had_no_tag_s_number(self) -> None:
        assert described("buildsys.untag", {**TAGGED, "tag_id": None}).link == KOJI


@pytest.mark.parametrize("body", [
    {"info": {"name": "moss-devel", "version": "2.4", "release": "1.fc44", "arch": "i686", "build_id": 7,
              "sigkey": "ab845621"}},
    {"rpm": {"name": "moss-devel", "version": "2.4", "release": "1.fc44", "arch": "i686", "build_id": 7},
     "build": {"id": 7}, "sigkey": "ab845621"},
])
def test_a_signed_package_is_read_in_both_shapes(body: Any) -> None:
    assert facts("buildsys.rpm.sign", body).package_names == {"moss-devel"}
    told = described("buildsys.rpm.sign", body)
    assert told.summary == "moss-devel-2.4-1.fc44.i686 was signed with the key ab845621"
    assert told.link == f"{KOJI}/buildinfo?buildID=7"


def test_a_signed_package_concerns_the_package_that_it_was_built_from_and_who_built_it() -> None:
    body = {"rpm": {"name": "moss-devel"}, "build": {"id": 7, "name": "moss", "owner_name": "mary"}}
    known = facts("buildsys.rpm.sign", body)

    assert known.package_names == {"moss"}
    assert known.agent == "mary"
    assert known.usernames == {"mary"}


def test_pages_are_those_of_the_koji_that_the_message_names() -> None:
    body = {**TAGGED, "base_url": "https://koji.example.org/"}

    assert described("buildsys.tag", body).link == "https://koji.example.org/koji/taginfo?tagID=216"


def test_a_build_repository_concerns_nobody() -> None:
    known = facts("buildsys.repo.done", {"tag": "f44-build", "tag_id": 31})

    assert known.usernames == frozenset()
    assert known.packages == frozenset()
    assert known.event.severity is Severity.DEBUG


def test_a_package_list_has_no_page() -> None:
    told = described("buildsys.package.list.change", {"package": "moss", "tag": "f44"})

    assert told.summary == "The list of packages in f44 changed: moss"
    blocked = {"package": "moss", "tag": "f44", "action": "block", "owner": "mary"}
    assert described("buildsys.package.list.change", blocked).summary == (
        "The list of packages in f44 changed: moss (block)")
    assert told.link == ""


def test_families_of_states_name_all_their_event_types() -> None:
    families = {rule.name: rule.any_of for rule in catalog().applications["buildsys"].rules}

    assert len(families["koji_build_state_change"]) == 6
    assert len(families["koji_scratch_build_state_change"]) == 5


def test_what_koji_says_some_day_is_still_read() -> None:
    told = described("buildsys.frobnicated", {"owner": "mary"})

    assert facts("buildsys.frobnicated", {"owner": "mary"}).usernames == {"mary"}
    assert told.summary == "Message buildsys.frobnicated from Koji"
    assert told.link == KOJI
