from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import JsonNode
from fmn.catalog.builds import build_name, build_of_file, package_name


@pytest.mark.parametrize(("build", "expected"), [
    ("moss-2.4-1.fc44", "moss"),
    ("python-requests-2.32.3-1.fc44", "python-requests"),
    ("moss", "moss"),
    ("moss-2.4", "moss"),
    ("", ""),
])
def test_a_build_is_of_a_package(build: str, expected: str) -> None:
    assert package_name(build) == expected


@pytest.mark.parametrize(("body", "expected"), [
    ({"name": "moss", "version": "2.4", "release": "1.fc44"}, "moss-2.4-1.fc44"),
    ({"name": "moss", "version": 2.4}, "moss-2.4"),
    ({}, ""),
    (None, ""),
])
def test_a_build_is_named_by_its_parts(body: Any, expected: str) -> None:
    assert build_name(JsonNode(body)) == expected


@pytest.mark.parametrize(("path", "expected"), [
    ("moss-2.4-1.fc44.src.rpm", "moss-2.4-1.fc44"),
    ("cli-build/1718.42.abc/moss-2.4-1.fc44.src.rpm", "moss-2.4-1.fc44"),
    ("git+https://src.example.org/rpms/moss.git#1f2e", "moss.git#1f2e"),
    ("", ""),
])
def test_a_source_package_s_file_is_named_after_its_build(path: str, expected: str) -> None:
    assert build_of_file(path) == expected
