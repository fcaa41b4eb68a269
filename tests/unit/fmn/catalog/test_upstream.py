from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import JsonNode
from fmn.catalog.upstream import ANITYA, PROJECT, packages_of, project_name, project_page

OURS = {"distro": "Fedora", "package_name": "moss"}
EPEL = {"distro": "EPEL", "package_name": "epel-moss"}
OTHERS = {"distro": "Debian", "package_name": "libmoss"}


@pytest.mark.parametrize(("body", "packages"), [
    ({"message": {"packages": [OURS, EPEL, OTHERS]}}, {"moss", "epel-moss"}),
    ({"packages": [OURS, OTHERS], "message": {"agent": "mary"}}, {"moss"}),
    ({"packages": [OURS], "old_version": "2.3"}, {"moss"}),
    ({"message": {"distro": "Fedora", "new": "moss", "prev": "mosses"}}, {"moss", "mosses"}),
    ({"message": {"distro": "Debian", "new": "libmoss"}}, set()),
    ({"message": {"packages": [{"package_name": "moss"}]}}, {"moss"}),
    (None, set()),
])
def test_only_packages_of_our_distributions_are_ours(body: Any, packages: set[str]) -> None:
    assert {package.name for package in packages_of(JsonNode(body))} - {""} == packages


@pytest.mark.parametrize("body", [
    {"project": PROJECT},
    {"message": {"project": "moss"}, "project": None},
    {"message": {"project": PROJECT}},
])
def test_a_project_has_a_name(body: Any) -> None:
    assert project_name(JsonNode(body)) == "moss"


def test_a_project_has_a_page_by_its_number() -> None:
    assert project_page(JsonNode(PROJECT)) == f"{ANITYA}/project/4711/"
    assert project_page(JsonNode(None)) == ANITYA
