from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

PAGE = "https://admin.fedoraproject.org/pkgdb/package"
F24 = {"name": "Fedora", "version": "24", "branchname": "f24"}
MOSS = {"name": "moss", "namespace": "rpms", "summary": "Green", "upstream_url": "https://moss.example.org"}
LISTING = {"package": MOSS, "collection": F24, "point_of_contact": "ann"}
OLD_LISTING = {"package": {"name": "moss"}, "collection": {"branchname": "EL-6"}, "owner": "orphan"}


class TestPackages:
    @pytest.mark.parametrize(("title", "body"), [
        ("package.new", {"package_listing": LISTING}),
        ("package.update", {"package": MOSS}),
        ("package.update", {"package": "moss"}),
        ("acl.user.remove", {"package_listings": [OLD_LISTING]}),
        ("acl.delete", {"acl": {"packagelist": LISTING}}),
        ("admin.action.status.update", {"action": {"package": MOSS}}),
        ("admin.action.status.update", {"action": {"package": None, "info": {"pkg_name": "moss"}}}),
        ("package.new.request", {"info": {"pkg_name": "moss"}}),
    ])
    def test_a_package_is_found_in_every_shape(self, title: str, body: dict[str, Any]) -> None:
        assert facts(f"pkgdb.{title}", body).packages == {Package("rpms", "moss")}

    def test_other_namespaces_than_the_first_are_told(self) -> None:
        body = {"agent": "mary", "package": {**MOSS, "namespace": "docker"}}

        assert facts("pkgdb.package.update", body).packages == {Package("docker", "moss")}
        assert described("pkgdb.package.update", body).link == f"{PAGE}/docker/moss/"
        assert described("pkgdb.package.update", body).long == (
            "Summary: Green\nUpstream: https://moss.example.org")

    @pytest.mark.parametrize("title", ["package.delete", "package.koschei.update", "package.monitor.update"])
    def test_some_messages_are_about_no_page(self, title: str) -> None:
        assert described(f"pkgdb.{title}", {"package": MOSS}).link == ""


class TestPeople:
    def test_an_agent_was_a_list_once(self) -> None:
        assert facts("pkgdb.branch.start", {"agent": ["mary"]}).agent == "mary"
        assert described("pkgdb.branch.start", {"agent": ["mary"]}).secondary_icon == avatar("mary")

    @pytest.mark.parametrize(("body", "people"), [
        ({"agent": "mary", "username": "sam"}, {"mary", "sam"}),
        ({"agent": "mary", "username": "orphan", "previous_owner": "sam"}, {"mary", "sam"}),
        ({"agent": "mary", "username": "group::moss-sig"}, {"mary"}),
        ({"agent": "mary", "acl": {"fas_name": "sam"}}, {"mary", "sam"}),
        ({"agent": "mary", "action": {"user": "sam"}}, {"mary", "sam"}),
    ])
    def test_everybody_whom_it_concerns_is_known(self, body: dict[str, Any], people: set[str]) -> None:
        assert facts("pkgdb.owner.update", body).usernames == people


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("package.new", {"package_listing": LISTING}, "mary added the package rpms/moss (f24)"),
    ("package.update.status", {"package_listing": LISTING, "prev_status": "Approved", "status": "Retired"},
     "mary changed the status of rpms/moss (f24) from Approved to Retired"),
    ("package.retire", {"package_listing": OLD_LISTING, "retirement": "unretired"},
     "mary unretired rpms/moss (EL-6)"),
    ("owner.update", {"package_listing": LISTING, "username": "sam", "previous_owner": "ann"},
     "mary gave rpms/moss (f24) to sam (before: ann)"),
    ("owner.update", {"package_listing": LISTING, "username": "orphan"}, "mary orphaned rpms/moss (f24)"),
    ("owner.update", {"package_listing": OLD_LISTING}, "mary orphaned rpms/moss (EL-6)"),
    ("acl.update", {"package_listing": LISTING, "username": "mary", "acl": "commit", "status": "Denied"},
     "mary changed their own commit permission for rpms/moss (f24) to Denied"),
    ("acl.request.toggle", {"package_listing": LISTING, "acl": "commit", "acl_action": "requested"},
     "mary requested the commit permission for rpms/moss (f24)"),
    ("acl.user.remove", {"package_listings": [LISTING, OLD_LISTING], "username": "sam"},
     "mary removed sam from rpms/moss (f24 and EL-6)"),
    ("package.branch.request", {"package": MOSS, "collection_to": F24},
     "mary asked for the branch f24 of rpms/moss"),
    ("package.monitor.update", {"package": MOSS, "status": False},
     "mary set the upstream monitoring of rpms/moss to off"),
    ("package.monitor.update", {"package": MOSS, "status": "nobuild"},
     "mary set the upstream monitoring of rpms/moss to nobuild"),
    ("package.critpath.update", {"package": MOSS, "critpath": True, "branches": ["f24"]},
     "mary turned the critical path flag of rpms/moss (f24) on"),
    ("branch.start", {"collection_from": {"name": "Fedora", "version": "devel"}, "collection_to": F24},
     "mary started to branch all packages from Fedora devel to Fedora 24"),
    ("admin.action.status.update",
     {"old_status": "New", "new_status": "Approved",
      "action": {"action": "request.package", "user": "sam", "info": {"pkg_name": "moss"}}},
     "mary changed the request of sam for the new package rpms/moss from New to Approved"),
])
def test_what_people_did_is_told(title: str, body: dict[str, Any], summary: str) -> None:
    assert described(f"pkgdb.{title}", {"agent": "mary", **body}).summary == summary
