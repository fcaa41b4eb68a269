from __future__ import annotations

import pytest

from fmn.catalog import Package
from fmn.catalog.accounts_in_messages import avatar, avatar_by_email
from fmn.catalog.applications.git import is_new_repository
from tests.messages import described, facts

SOURCES = "https://src.fedoraproject.org"
COMMIT = {
    "repo": "moss", "branch": "f44", "rev": "1f2e3d",
    "username": "mary", "name": "Mary", "email": "mary@example.org",
    "summary": "Grow faster", "message": "Grow faster\n\nIt was too slow.", "seen": True,
    "stats": {"files": {"moss.spec": {"additions": 1, "deletions": 0}}},
}


class TestPushes:
    @pytest.mark.parametrize("namespace", ["rpms", "modules", "container", "flatpaks"])
    def test_a_package_is_in_the_namespace_that_the_message_names(self, namespace: str) -> None:
        body = {"commit": {**COMMIT, "namespace": namespace}}
        known = facts("git.receive", body)
        told = described("git.receive", body)

        assert known.packages == {Package(namespace, "moss")}
        assert known.usernames == {"mary"}
        assert told.link == f"{SOURCES}/{namespace}/moss/c/1f2e3d?branch=f44"
        assert told.summary == f'mary pushed to {namespace}/moss (f44): "Grow faster"'
        assert told.secondary_icon == avatar("mary")
        assert told.long == (
            "Grow faster\n\nIt was too slow.\n\n- moss.spec (+1, -0)\n\n"
            "This commit was in another branch before.")

    def test_a_package_without_namespace_is_an_rpm(self) -> None:
        assert facts("git.receive", {"commit": COMMIT}).packages == {Package("rpms", "moss")}

    @pytest.mark.parametrize(("title", "package", "branch"), [
        ("git.receive.moss.f44", "moss", "f44"),
        ("git.receive.python3.6.f44", "python3.6", "f44"),
        ("git.receive.moss.stabilization.2.4", "moss", "stabilization.2.4"),
    ])
    def test_package_and_branch_were_in_the_topic_once(self, title: str, package: str, branch: str) -> None:
        body = {"commit": {**COMMIT, "repo": None, "branch": branch}}

        assert facts(title, body).packages == {Package("rpms", package)}
        assert described(title, body).link == f"{SOURCES}/rpms/{package}/c/1f2e3d?branch={branch}"

    def test_an_author_without_account_is_told_of_by_name(self) -> None:
        body = {"commit": {**COMMIT, "username": None}}
        known = facts("git.receive", body)
        told = described("git.receive", body)

        assert known.agent is None
        assert known.usernames == frozenset()
        assert told.summary.startswith("Mary pushed to")
        assert told.secondary_icon == avatar_by_email("mary@example.org")

    def test_a_commit_without_branch_still_has_a_page(self) -> None:
        told = described("git.receive", {"commit": {**COMMIT, "branch": None}})

        assert told.link == f"{SOURCES}/rpms/moss/c/1f2e3d"
        assert told.summary == 'mary pushed to rpms/moss: "Grow faster"'


class TestBranches:
    @pytest.mark.parametrize(("title", "body"), [
        ("git.branch", {"agent": "mary", "name": "moss", "branch": "epel10"}),
        ("git.branch", {"agent": "mary", "name": "moss", "branch": "epel10", "namespace": "rpms"}),
        ("git.branch.moss.epel10", {"agent": "mary"}),
    ])
    def test_a_branch_is_for_a_package(self, title: str, body: dict[str, str]) -> None:
        assert facts(title, body).packages == {Package("rpms", "moss")}
        assert described(title, body).summary == "mary made the branch epel10 for rpms/moss"
        assert described(title, body).link == f"{SOURCES}/rpms/moss/commits/epel10"

    def test_a_run_of_pkgdb2branch_tells_what_went_wrong(self) -> None:
        body = {"agent": "mary", "branchedPackages": ["moss"], "unbranchedPackages": ["fern", "oak"]}

        assert facts("git.pkgdb2branch.complete", body).package_names == {"moss", "fern", "oak"}
        assert described("git.pkgdb2branch.complete", body).summary == (
            "The run of pkgdb2branch that mary started is complete with 2 errors")


FILE = {"agent": "mary", "name": "moss", "filename": "moss-2.4.tar.xz", "md5sum": "0f34"}


class TestUploads:
    @pytest.mark.parametrize("title", ["git.lookaside.new", "git.lookaside.moss.new"])
    def test_a_file_is_for_a_package(self, title: str) -> None:
        told = described(title, FILE)

        assert facts(title, FILE).packages == {Package("rpms", "moss")}
        assert told.summary == "mary uploaded moss-2.4.tar.xz for moss"
        assert told.link == f"{SOURCES}/lookaside/pkgs/moss/moss-2.4.tar.xz/0f34/moss-2.4.tar.xz"

    def test_newer_messages_name_the_path(self) -> None:
        path = "moss/moss-2.4.tar.xz/sha512/1f2e/moss-2.4.tar.xz"

        told = described("git.lookaside.new", {**FILE, "path": path})

        assert told.link == f"{SOURCES}/lookaside/pkgs/{path}"


def test_a_new_repository_is_a_new_project_on_dist_git_s_pagure() -> None:
    project = {"project": {"name": "moss", "namespace": "rpms"}}

    assert is_new_repository(facts("pagure.project.new", project), {})
    assert not is_new_repository(facts("pagure.project.new", project, prefix="io.pagure"), {})
    assert not is_new_repository(facts("pagure.project.edit", project), {})
