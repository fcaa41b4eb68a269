"""The nginx that the playbooks set up, run as they write it, and clients that ask for too much."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.nginx import Nginx
from tests.servers.proxy import without_tls
from tests.servers.web_app import served

DOMAIN = "notifications.example.org"
#: Seconds that no test takes.
SOON = 60.0


def page(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What FMN would answer."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"a page\n"]


@pytest.fixture
def upstream() -> Iterator[int]:
    """The port of a web app behind the proxy."""
    with served(page) as (_host, port):
        yield port


@pytest.fixture
def proxy(rendered: Path, upstream: int, tmp_path: Path) -> Iterator[Nginx]:
    """The proxy as it's written, but for where it listens, without TLS, and with rates of one a minute."""
    written = (rendered / "fmn.conf").read_text(encoding="utf-8")

    def servers(port: int) -> str:
        here = without_tls(written, DOMAIN, port)
        here = re.sub(r"rate=\d+r/s", "rate=1r/m", here)
        return re.sub(r"server [\d.]+:\d+ .*;", f"server 127.0.0.1:{upstream};", here)

    with Nginx.serving(tmp_path / "nginx", servers) as running:
        yield running


@pytest.fixture
def client(proxy: Nginx) -> Iterator[httpx.Client]:
    headers = {"Host": DOMAIN}
    with httpx.Client(base_url=proxy.url, headers=headers, timeout=SOON) as connected:
        yield connected


def test_a_flood_from_one_address_is_held_off_in_a_sentence(client: httpx.Client) -> None:
    # Given more requests than an address may make at once
    answers = [client.get("/inbox") for _ in range(130)]

    # Then FMN gets the first ones, and hears nothing of the others
    assert {each.status_code for each in answers[:100]} == {200}
    refused = answers[105:]
    assert {(each.status_code, each.headers["Retry-After"]) for each in refused} == {(429, "1")}
    assert refused[0].text.startswith("Your network address has sent too many requests")


@pytest.mark.parametrize("where", ["/unsubscribe/abc", "/static/base.css", "/hooks/moss"])
def test_links_files_and_webhooks_can_still_be_asked_for(client: httpx.Client, where: str) -> None:
    while client.get("/").status_code == 200:
        pass

    assert {client.get(where).status_code for _ in range(150)} == {200}


def test_slow_clients_of_one_address_hold_so_many_connections_and_no_more(proxy: Nginx) -> None:
    with ExitStack() as running:
        # Given somebody who sends the most of a form, on as many connections as they like
        clients = []
        for _ in range(150):
            one = running.enter_context(socket.create_connection(("127.0.0.1", proxy.port), SOON))
            one.sendall(b"POST /unsubscribe/abc HTTP/1.1\r\nHost: notifications.example.org\r\n"
                        b"Content-Length: 1000\r\n\r\nx=")
            clients.append(one)

        # Then those beyond the limit are refused before all of it has come
        refused = [each.recv(100) for each in clients[100:]]
        assert {each.split(b"\r\n")[0] for each in refused} == {b"HTTP/1.1 429 Too Many Requests"}


def test_webhooks_have_a_limit_of_their_own(client: httpx.Client) -> None:
    statuses = [
        client.post("/hooks/moss", content=b"x" * size).status_code for size in (4_900_000, 5_100_000)]

    assert statuses == [200, 413]


def test_a_body_that_is_too_large_does_not_get_to_fmn(client: httpx.Client) -> None:
    assert client.post("/account/preferences", content=b"x" * 1_100_000).status_code == 413
