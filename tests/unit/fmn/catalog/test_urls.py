from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog.urls import package_icon, page, safe_link

ROOT = "https://forge.example.org"


def test_a_page_is_below_its_root() -> None:
    assert page(ROOT, "rpms", "moss", "c", "1f2e", branch="f44") == f"{ROOT}/rpms/moss/c/1f2e?branch=f44"
    assert page(ROOT, "moss", "issue", "4", anchor="comment-7") == f"{ROOT}/moss/issue/4#comment-7"
    assert page(ROOT) == ROOT


def test_a_page_that_cannot_be_named_in_full_is_its_root() -> None:
    assert page(ROOT, "moss", "issue", "", anchor="comment-7") == ROOT
    assert page(ROOT, "buildinfo", buildID="") == ROOT


@pytest.mark.parametrize(("part", "expected"), [
    ("a-1-1.fc44,b-2-2.fc44", "a-1-1.fc44,b-2-2.fc44"),
    ("feature/south", "feature/south"),
    ("gtk+", "gtk+"),
    ("what?", "what%3F"),
    ("c#", "c%23"),
    ("100%", "100%25"),
    ("a b\n", "a%20b%0A"),
    ("\ud800", "%3F"),
])
def test_parts_cannot_end_the_path_they_are_in(part: str, expected: str) -> None:
    assert page(ROOT, part) == f"{ROOT}/{expected}"


@given(st.lists(st.text(min_size=1), max_size=3), st.text(), st.text())
def test_every_page_is_a_safe_link(parts: list[str], anchor: str, value: str) -> None:
    link = page(ROOT, *parts, anchor=anchor, q=value)

    assert safe_link(link) == link
    assert link.startswith(ROOT)


def test_a_package_has_a_picture() -> None:
    assert package_icon("moss") == "https://apps.fedoraproject.org/packages/images/icons/moss.png"
    assert package_icon("") == ""


@pytest.mark.parametrize("link", ["https://example.org/a?b=c#d", "http://example.org"])
def test_web_pages_are_safe(link: str) -> None:
    assert safe_link(link) == link


@pytest.mark.parametrize("link", [
    "", "javascript:alert(1)", "data:text/html,x", "//example.org", "https://example.org/a b",
    "https://example.org/\nBcc: mallory@example.org", "https://example.org/\x00", "http://[",
    "mailto:mary@example.org",
])
def test_anything_else_is_no_link(link: str) -> None:
    assert safe_link(link) == ""
