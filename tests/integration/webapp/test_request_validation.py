"""Requests that can't be read are refused in a sentence; none of them is a fault of ours."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs
from webtest import TestApp

from tests.integration.webapp.pages import outline

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FORM = "application/x-www-form-urlencoded"
PART = b'--x\r\nContent-Disposition: form-data; name="csrf_token"; filename="a"\r\n\r\nabc\r\n--x--\r\n'


@pytest.mark.parametrize("query", ["to=%ff", "to=%00", "%ff=1", "%00=1", "to=a&to=%c3%28"])
def test_an_address_that_says_nothing_readable(web: TestApp, query: str) -> None:
    page = web.get(f"/sign-in?{query}", status=400)
    outline(page)
    page.mustcontain("can’t read what your browser sent")


@pytest.mark.parametrize("path", ["/preferences/a%00b", "/%00", "/%ff", "/preferences/%ff", "/why/%c3%28"])
def test_an_address_that_there_cannot_be(web: TestApp, path: str) -> None:
    outline(web.get(path, status=404))


@pytest.mark.parametrize(("content_type", "body"), [
    (f"{FORM}; charset=nonsense", b"nick=a"), (f"{FORM}; charset=utf-16", b"nick=a"), (FORM, b"nick=a%00b"),
    ("multipart/form-data", PART), ("multipart/form-data; boundary=x", PART),
])
def test_a_form_that_says_nothing_readable(web: TestApp, content_type: str, body: bytes) -> None:
    web.get("/sign-in")
    headers = {"Content-Type": content_type, "X-CSRF-Token": web.cookies["csrf_token"]}
    with capture_logs() as logs:
        outline(web.post("/sign-in", body, headers=headers, status=400))
    assert logs == []


FILES = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(("content_type", "body"), [
    (FORM, b"&" * 10_001), (FORM, b"nick=" + b"%" * 100_000), (FORM, b"nick=%4"),
    (FILES, b"--x\r\n\r\n\r\n" * 101), (FILES, b"--x\r\nContent-Disposition: " + b"a;" * 400_000),
    (FILES, b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n" * 10_000),
    ("multipart/form-data", b""),
])
def test_a_form_that_takes_long_to_read_is_not_read(web: TestApp, content_type: str, body: bytes) -> None:
    web.get("/sign-in")
    headers = {"Content-Type": content_type, "X-CSRF-Token": web.cookies["csrf_token"]}
    with capture_logs() as logs:
        outline(web.post("/sign-in", body, headers=headers, status=400))
    assert logs == []


@pytest.mark.parametrize(("content_type", "body"), [
    (FORM, b"nick=%ff"), (FORM, b"nick=" + b"a" * 100_000), (FORM, b"&" * 10_000),
    ("text/plain", b"nick=bob"), ("application/json", b'{"nick": 1}'),
    ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
])
def test_a_form_that_says_something_else_is_answered_beside_its_field(
    web: TestApp, content_type: str, body: bytes,
) -> None:
    web.get("/sign-in")
    headers = {"Content-Type": content_type, "X-CSRF-Token": web.cookies["csrf_token"]}
    outline(web.post("/sign-in", body, headers=headers, status=422))
