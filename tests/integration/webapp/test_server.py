"""The web app's server, and clients that are slow on purpose."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterable
from configparser import ConfigParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.waiting import wait_until
from tests.servers.web_app import served
from webapp import server
from webapp.server import ADJUSTMENTS, THREAD_SWITCH_SECONDS, shorten_thread_switch_interval

PROJECT = Path(__file__).parents[3]
#: Seconds that no test takes.
SOON = 60.0


def page(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"done\n"]


def connected(running: ExitStack, address: tuple[str, int], begins: bytes) -> socket.socket:
    """A client that sends the beginning of a request and no more."""
    client = running.enter_context(socket.create_connection(address, SOON))
    client.sendall(begins)
    return client


@pytest.mark.parametrize("begins", [
    b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx="])
def test_a_page_answers_while_hundreds_of_slow_clients_hold_connections(begins: bytes) -> None:
    with served(page) as address, ExitStack() as running:
        for _ in range(300):
            connected(running, address, begins)

        answer = httpx.get(f"http://{address[0]}:{address[1]}/", timeout=SOON)

    assert (answer.status_code, answer.text) == (200, "done\n")


def test_a_client_that_says_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ADJUSTMENTS", {**ADJUSTMENTS, "channel_timeout": 1, "cleanup_interval": 1})
    with served(page) as address, ExitStack() as running:
        client = connected(running, address, b"GET / HT")

        client.settimeout(SOON)
        assert client.recv(1) == b""


def test_headers_without_end_are_refused() -> None:
    with served(page) as address, ExitStack() as running:
        client = connected(running, address, b"GET / HTTP/1.1\r\n")
        refused = b""

        def is_refused() -> bool:
            nonlocal refused
            try:
                client.sendall(b"X: " + b"x" * 8000 + b"\r\n")
                client.settimeout(0.01)
                refused += client.recv(100)
            except TimeoutError:
                return False
            except OSError:
                return True
            return b"431" in refused

        wait_until(is_refused, SOON, "headers are taken without end")


def test_a_page_waits_for_no_other_thread_longer_than_its_turn() -> None:
    # Given the interval that this process has from Python
    before = sys.getswitchinterval()
    try:
        shorten_thread_switch_interval()
        assert sys.getswitchinterval() == pytest.approx(THREAD_SWITCH_SECONDS)
    finally:
        sys.setswitchinterval(before)


def test_the_sample_bounds_it_in_the_same_way() -> None:
    # In production pserve runs it, by what the sample says
    sample = ConfigParser(interpolation=None)
    sample.read(PROJECT / "production.ini", encoding="utf-8")

    given = dict(sample["server:main"])
    assert {name: given[name] for name in ADJUSTMENTS} == {
        name: str(value).lower() for name, value in ADJUSTMENTS.items()}
