"""Where somebody is led who signed in: never to another site, whatever an address says."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.redirects import MAX_PATH_LENGTH, safe_redirect

SITE = "https://fmn.example.org/sign-in"


def as_browsers_read_it(address: str) -> str:
    """The host that an address leads to from our sign-in page, by what of WHATWG's URL standard matters."""
    stripped = re.sub("[\t\r\n]", "", address.strip("".join(map(chr, range(0x21)))))
    return urlsplit(urljoin(SITE, stripped.replace("\\", "/"))).netloc


#: What addresses are made of, and what some programs take for it.
PARTS = [*"/\\.:@?#%a\t\n \0", "evil.example", "\u00a0", "\uff0f"]


@given(st.lists(st.sampled_from(PARTS)).map("".join))
@example("//evil.example")
@example("/\\evil.example")
@example("\\\\evil.example")
@example("/\t/evil.example")
@example("/\n/evil.example")
@example(" //evil.example")
@example("https:evil.example")
@example("javascript:alert(1)")
@example("///evil.example")
@example("/%09/evil.example")
def test_nobody_is_led_to_another_site(wanted: str) -> None:
    place = safe_redirect(wanted)
    if place is not None:
        assert place == wanted
        assert as_browsers_read_it(place) == "fmn.example.org"


@pytest.mark.parametrize("ours", [
    "/", "/inbox", "/inbox?q=a%20b&x=%C3%A9", "/preferences/email#feed", "/filters/7/", "/a//b", "/a:b@c"])
def test_what_is_ours_is_kept(ours: str) -> None:
    assert safe_redirect(ours) == ours


@pytest.mark.parametrize("nonsense", [
    "", "inbox", "é", "/é", "/a b", "/a\\b", "/a\r\nSet-Cookie: x", "//"])
def test_what_no_page_of_ours_is_called_is_left_aside(nonsense: str) -> None:
    assert safe_redirect(nonsense) is None


def test_what_a_cookie_has_no_room_for_is_left_aside() -> None:
    assert safe_redirect("/" + "a" * (MAX_PATH_LENGTH - 1)) is not None
    assert safe_redirect("/" + "a" * MAX_PATH_LENGTH) is None
