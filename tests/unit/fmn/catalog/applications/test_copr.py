from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Severity
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

BUILD: dict[str, Any] = {
    "build": 4711, "chroot": "fedora-44-x86_64", "copr": "garden", "owner": "mary", "user": "mary",
    "pkg": "moss", "version": "1:2.4-1.fc44", "status": 0, "who": "backend.worker-7", "what": "build end",
}


def test_a_build_is_told_with_its_project_and_chroot() -> None:
    known = facts("copr.build.end", BUILD)
    told = described("copr.build.end", BUILD)

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert told.summary == "mary's build of moss-1:2.4-1.fc44 in mary/garden failed (fedora-44-x86_64)"
    assert told.link == "https://copr.fedoraproject.org/coprs/mary/garden/build/4711/"
    assert told.secondary_icon == avatar("mary")
    assert (
        "Results: https://copr-be.cloud.fedoraproject.org/results/mary/garden/fedora-44-x86_64/00004711-moss/"
        in told.long)


def test_packages_built_there_aren_t_the_distribution_s() -> None:
    assert facts("copr.build.end", BUILD).packages == frozenset()


def test_a_group_s_project_has_its_own_address() -> None:
    body = {**BUILD, "owner": "@forest"}

    assert facts("copr.build.end", body).usernames == {"mary", "@forest"}
    assert described("copr.build.end", body).link == (
        "https://copr.fedoraproject.org/coprs/g/forest/garden/build/4711/")
    assert described("copr.chroot.start", body).link == (
        "https://copr-be.cloud.fedoraproject.org/results/@forest/garden/fedora-44-x86_64/")


def test_a_build_that_nobody_started_belongs_to_the_owner_of_the_project() -> None:
    body = {**BUILD, "user": None}

    assert facts("copr.build.start", body).agent == "mary"
    told = described("copr.build.start", body)
    assert told.summary.startswith("An automatic build of moss")
    assert told.secondary_icon == ""


def test_the_first_messages_named_no_owner_and_the_version_twice() -> None:
    body = {"build": 7, "copr": "garden", "user": "sam", "pkg": "moss-2.4-1", "version": "2.4-1", "status": 1}

    assert described("copr.build.end", body).summary == "sam's build of moss-2.4-1 in sam/garden succeeded"
    assert described("copr.build.end", body).link == (
        "https://copr.fedoraproject.org/coprs/sam/garden/build/7/")


@pytest.mark.parametrize(("status", "rule", "severity", "became"), [
    (0, "copr_build_failed", Severity.ERROR, "failed"),
    (1, "copr_build_success", Severity.INFO, "succeeded"),
    (2, "copr_build_cancelled", Severity.WARNING, "was cancelled"),
    (5, "copr_build_skipped", Severity.INFO, "was skipped"),
    (8, "copr_build_ended_otherwise", Severity.INFO, "was copied from another project"),
    (1000, "copr_build_ended_otherwise", Severity.INFO, "ended"),
    ("0", "copr_build_ended_otherwise", Severity.INFO, "ended"),
    (None, "copr_build_ended_otherwise", Severity.INFO, "ended"),
])
def test_each_end_of_a_build_is_an_event_type(
    status: Any, rule: str, severity: Severity, became: str,
) -> None:
    event = facts("copr.build.end", {**BUILD, "status": status}).event

    assert (event.name, event.severity) == (rule, severity)
    assert f"mary/garden {became} (" in described("copr.build.end", {**BUILD, "status": status}).summary


def test_what_is_missing_leads_to_the_front_page() -> None:
    assert described("copr.build.start", {"user": "mary"}).link == "https://copr.fedoraproject.org"
    assert described("copr.build.start", {"user": "mary"}).summary == "mary's build in a project started"
    assert "Results" not in described("copr.build.end", {**BUILD, "pkg": None}).long


def test_a_group_s_project_concerns_the_group() -> None:
    known = facts("copr.build.end", {"user": "github.com:mary", "owner": "@forest", "copr": "garden"})

    assert known.groups == {"forest"}
    # Nobody here is called like that.
    assert known.agent is None
    assert known.usernames == {"@forest"}
