from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar
from fmn.catalog.applications.anitya import concerns_distro, concerns_upstream_project, is_unmapped_version
from tests.messages import described, facts

PROJECT = {"id": 42, "name": "moss", "homepage": "https://moss.example.org", "version": "2.4"}
FEDORA = {"distro": "Fedora", "package_name": "moss"}
DEBIAN = {"distro": "Debian", "package_name": "libmoss"}


def version(*packages: dict[str, str], **more: Any) -> dict[str, Any]:
    happened = {"agent": "anitya", "old_version": "2.3", "upstream_version": "2.4"}
    return {"project": PROJECT, "message": {**happened, "packages": list(packages), **more}}


class TestPeople:
    @pytest.mark.parametrize("agent", ["mary", "mary@fedoraproject.org", "http://mary.id.fedoraproject.org/"])
    def test_they_are_known_in_the_ways_that_anitya_ever_knew_them(self, agent: str) -> None:
        body = {"project": PROJECT, "message": {"agent": agent, "project": "moss"}}

        assert facts("anitya.project.add", body).usernames == {"mary"}
        assert described("anitya.project.add", body).secondary_icon == avatar("mary")
        assert described("anitya.project.add", body).summary == "mary added the project moss"
        assert described("anitya.project.add", body).link == "https://release-monitoring.org/project/42/"

    def test_an_address_that_nobody_has_is_nobody(self) -> None:
        body = {"project": PROJECT, "message": {"agent": "mary@example.org"}}

        assert facts("anitya.project.add", body).agent is None
        assert described("anitya.project.add", body).summary == "Somebody added the project moss"


class TestVersions:
    def test_a_new_version_concerns_our_packages_alone(self) -> None:
        body = version(FEDORA, DEBIAN)

        assert facts("anitya.project.version.update", body).package_names == {"moss"}
        assert facts("anitya.project.version.update", body).agent == "anitya"
        assert described("anitya.project.version.update", body).summary == (
            "Anitya found a new version of the project moss: 2.4 (after 2.3)")
        assert described("anitya.project.version.update", body).long == (
            "Homepage: https://moss.example.org\nLatest version: 2.4\n"
            "Packages: moss (Fedora), libmoss (Debian)")

    def test_the_oldest_messages_told_it_without_a_frame(self) -> None:
        body = {"project": PROJECT, "old_version": "", "upstream_version": "2.4", "packages": [FEDORA]}

        assert facts("anitya.project.version.update", body).package_names == {"moss"}
        assert facts("anitya.project.version.update", body).agent == "anitya"
        assert described("anitya.project.version.update", body).summary == (
            "Anitya found a new version of the project moss: 2.4")

    def test_several_versions_may_be_found_at_once(self) -> None:
        body = version(FEDORA, upstream_versions=["2.3.1", "2.4"])

        assert described("anitya.project.version.update.v2", body).summary == (
            "Anitya found new versions of the project moss: 2.3.1 and 2.4 (after 2.3)")

    def test_versions_may_go_backwards(self) -> None:
        body = version(FEDORA, old_version="2.4", upstream_version="2.3", odd_change=True)

        assert described("anitya.project.version.update", body).summary == (
            "Anitya found an odd version of the project moss: 2.3 (after 2.4)")


@pytest.mark.parametrize(("title", "happened", "summary"), [
    ("project.edit", {"fields": ["version_url", "regex"]},
     "mary changed the version url and the regex of the project moss"),
    ("project.flag", {"reason": "It moved."}, 'mary flagged the project moss: "It moved."'),
    ("project.flag.set", {"flag": 12, "state": "closed"}, "mary set the flag 12 to closed"),
    ("project.map.new", {"distro": "Fedora", "new": "moss"},
     "mary mapped the project moss to moss in Fedora"),
    ("project.map.update", {"distro": "Fedora", "new": "moss", "prev": "mosses"},
     "mary changed the mapping of the project moss in Fedora from mosses to moss"),
    ("project.map.update", {"distro": "Fedora", "new": "moss", "prev": "moss"},
     "mary changed the mapping of the project moss in Fedora"),
    ("project.map.remove", {"distro": "Fedora"}, "mary removed the mapping of the project moss in Fedora"),
    ("project.version.remove", {"version": "2.5"}, "mary removed the version 2.5 of the project moss"),
    ("project.version.remove.v2", {"versions": ["2.5", "2.6"]},
     "mary removed the versions 2.5 and 2.6 of the project moss"),
    ("distro.add", {"distro": "Mossora"}, "mary added the distribution Mossora"),
    ("distro.edit", {"old": "Mosora", "new": "Mossora"}, "mary renamed the distribution Mosora to Mossora"),
])
def test_what_people_do_to_projects_is_told(title: str, happened: dict[str, Any], summary: str) -> None:
    body = {"project": PROJECT, "message": {"agent": "mary", **happened}}

    assert described(f"anitya.{title}", body).summary == summary


class TestRules:
    @pytest.mark.parametrize(("packages", "unmapped"), [
        ([FEDORA, DEBIAN], False), ([DEBIAN], True), ([], True)])
    def test_a_version_of_what_is_no_package_of_ours(
        self, packages: list[dict[str, str]], unmapped: bool,
    ) -> None:
        assert is_unmapped_version(facts("anitya.project.version.update", version(*packages)), {}) is unmapped
        assert not is_unmapped_version(facts("anitya.project.add", version(*packages)), {})

    @pytest.mark.parametrize(("distro", "holds"), [
        ("Fedora", True), ("fedora", True), ("Gentoo, debian", True), ("Gentoo", False), ("", False)])
    def test_a_distribution_by_name(self, distro: str, holds: bool) -> None:
        known = facts("anitya.project.version.update", version(FEDORA, DEBIAN))
        new = facts("anitya.distro.add", {"distro": {"name": "Fedora"}})

        assert concerns_distro(known, {"distro": distro}) is holds
        assert concerns_distro(new, {"distro": "Fedora"})
        assert not concerns_distro(facts("hotness.update.drop", version(FEDORA)), {"distro": "Fedora"})

    @pytest.mark.parametrize(("projects", "holds"), [
        ("moss", True), ("fern, moss", True), ("mos", False), ("Moss", False), ("", False)])
    def test_an_upstream_project_by_name(self, projects: str, holds: bool) -> None:
        known = facts("anitya.project.add", {"project": PROJECT})

        assert concerns_upstream_project(known, {"projects": projects}) is holds
        assert not concerns_upstream_project(facts("anitya.distro.add", {}), {"projects": projects})
