"""Asking a server that is slow, busy, broken or gone for JSON."""

from __future__ import annotations

import gzip
from contextlib import closing
from types import SimpleNamespace

import pytest

from fmn.directory import DirectoryUnavailableError
from fmn.directory.json_client import DirectoryPageMissingError, JsonClient
from fmn.infra import http
from tests.integration.directory.web_server import Answer, WebServer, page
from tests.servers.ports import free_port

BUSY = Answer(503)


def ask(web: WebServer, *, timeout: float = 10.0, token: str = "") -> tuple[object, list[float]]:
    """The value of the page ``/people``, and how long was paused."""
    pauses: list[float] = []
    with closing(JsonClient(web.url, timeout, token=token, pause=pauses.append)) as client:
        return client.get("people"), pauses


def refusal(web: WebServer, timeout: float = 10.0) -> str:
    with pytest.raises(DirectoryUnavailableError) as error:
        ask(web, timeout=timeout)
    return str(error.value).replace(web.url, "WEB")


def test_a_page_is_read(web: WebServer) -> None:
    web.pages["/people"] = page({"alice": 1})

    assert ask(web) == ({"alice": 1}, [])


def test_a_compressed_page_is_read(web: WebServer) -> None:
    web.pages["/people"] = Answer(body=gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"})

    assert ask(web)[0] == [1]


@pytest.mark.parametrize("trouble", [
    BUSY, Answer(500, b"<h1>oops</h1>"), Answer(429), Answer(body=b'["alice", "bob"]', is_cut=True),
    Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
])
def test_trouble_that_passes_is_waited_for(web: WebServer, trouble: Answer) -> None:
    # Given a server that fails twice
    web.pages["/people"] = page(["alice"])
    web.trouble("/people", trouble, trouble)

    # When it's asked, then the third attempt succeeds, and there was a longer pause before it
    value, pauses = ask(web)
    assert value == ["alice"]
    assert 1 <= pauses[0] <= 1.5
    assert 2 <= pauses[1] <= 3


def test_trouble_that_stays_is_told_after_three_attempts(web: WebServer) -> None:
    web.pages["/people"] = BUSY

    assert refusal(web) == "WEB/people: answered 503 Service Unavailable, 3 times in a row"
    assert len(web.requests) == 3


def test_a_refusal_is_told_at_once(web: WebServer) -> None:
    web.pages["/people"] = Answer(403)

    assert refusal(web) == "WEB/people: answered 403 Forbidden"
    assert len(web.requests) == 1


def test_a_missing_page_has_an_error_of_its_own(web: WebServer) -> None:
    with pytest.raises(DirectoryPageMissingError, match="/people: answered 404 Not Found"):
        ask(web)


def test_an_answer_that_never_ends_is_not_waited_for(web: WebServer) -> None:
    web.pages["/people"] = Answer(body=b'["alice", "bob"]', hangs=True)

    assert refusal(web, timeout=0.1) == "WEB/people: took longer than 0.1 seconds, 3 times in a row"


def test_an_answer_that_drips_is_not_waited_for(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an answer whose every chunk comes in time, while the whole takes ever longer
    web.pages["/people"] = page(["alice"] * 100_000)
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 6
        return now

    monkeypatch.setattr(http, "time", SimpleNamespace(monotonic=clock))

    # When it's asked for, then it's given up
    assert refusal(web) == "WEB/people: took longer than 10 seconds, 3 times in a row"


def test_garbage_is_told_with_its_place(web: WebServer) -> None:
    web.pages["/people"] = Answer(body=b"<html>Down for maintenance</html>")

    assert refusal(web) == "WEB/people: isn't JSON: line 1, column 1: Expecting value"


def test_nobody_at_home_is_told(web: WebServer) -> None:
    with (
        closing(JsonClient(f"http://127.0.0.1:{free_port()}", 10, pause=lambda _: None)) as client,
        pytest.raises(DirectoryUnavailableError, match=r"can't be reached: .*refused.*, 3 times in a row"),
    ):
        client.get("people")


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "people.example.org", ""])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with (
        closing(JsonClient(url, 10, pause=lambda _: None)) as client,
        pytest.raises(DirectoryUnavailableError, match=r"isn't a usable address|can't be reached"),
    ):
        client.get("people")


def test_a_token_goes_to_its_server_only(web: WebServer) -> None:
    # Given a server that sends us elsewhere
    with WebServer() as elsewhere:
        elsewhere.pages["/people"] = page(["mallory"])
        web.pages["/people"] = Answer(302, headers={"Location": f"{elsewhere.url}/people"})

        # When it's asked with a token
        assert ask(web, token="secret")[0] == ["mallory"]

        # Then only that server was told the token
        assert web.requests[0].headers["Authorization"] == "Bearer secret"
        assert "Authorization" not in elsewhere.requests[0].headers
