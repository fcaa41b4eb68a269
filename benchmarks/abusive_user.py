"""Somebody with an account who asks for as much as they get, by every door at once, in a process of its own.

What is allowed isn't known here: everything is asked for until it's refused. The process has the lowest
priority, for a real adversary has a machine of their own.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

NICK: Final = "mallory"
#: Where they are; others have other addresses.
ADDRESS: Final = "127.0.0.2"
API: Final = "/api/v1"
#: Repetitions of a pattern and rules of a filter that are tried, the most costly first.
REPETITIONS: Final = (1000, 500, 200, 100, 50, 20, 10)
RULES: Final = (500, 400, 200, 100, 50, 20, 10, 5, 2, 1)
#: Connections that are held to the live feed, and such that send a request byte by byte.
STREAMS: Final = 200
SLOW: Final = 200
#: Threads at each door.
AT_ONCE: Final = 3
#: Seconds that an answer may take, and between two bytes or two looks.
PATIENCE: Final = 120.0
PAUSE: Final = 1.0
#: Seconds after a refusal, so that its own processor time isn't all that is measured.
BREATH: Final = 0.02
#: Bytes of a file of preferences.
LARGEST_FILE: Final = 499_000


@dataclass(frozen=True)
class Means:
    """What an adversary has: where FMN is, a token and a session, and for how many filters they try."""

    base_url: str
    token: str
    cookies: Mapping[str, str] = field(repr=False)
    filters: int

    def client(self) -> httpx.Client:
        """A client with the token."""
        return httpx.Client(
            base_url=self.base_url, timeout=PATIENCE, headers={"Authorization": f"Bearer {self.token}"},
            transport=httpx.HTTPTransport(local_address=ADDRESS))

    def browser(self) -> httpx.Client:
        """A browser with the session."""
        return httpx.Client(
            base_url=self.base_url, timeout=PATIENCE, cookies=dict(self.cookies),
            transport=httpx.HTTPTransport(local_address=ADDRESS))


def costly(repetitions: int, number: int = 0) -> str:
    """A rule whose pattern is large, and fits nothing that happens."""
    return f'regex_filter("[a-z0-9]{{1,{repetitions}}}[a-z .]{{1,{repetitions}}}QZ{number}")'


def costly_filter(repetitions: int, rules: int, number: int = 0) -> str:
    """So many of them, each another one."""
    return " or ".join(costly(repetitions, number * rules + each) for each in range(rules))


def fill_up(means: Means) -> tuple[str, int]:
    """Have as many filters as there may be, of the most costly kind; returns the kind and how many."""
    with means.client() as client:
        repetitions = next((each for each in REPETITIONS if _saved(client, costly(each))), 1)
        rules = next(
            (each for each in RULES if _saved(client, costly_filter(repetitions, each, number=1))), 1)
        added = 2
        while added < means.filters and _saved(client, costly_filter(repetitions, rules, number=added)):
            added += 1
    return costly_filter(repetitions, rules), added


def _saved(client: httpx.Client, expression: str) -> bool:
    """Whether a filter could be added, once that is allowed."""
    while True:
        answer = client.post(
            f"{API}/contexts/email/filters", json={"name": f"x {hash(expression)}", "expression": expression})
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return answer.is_success
        time.sleep(float(answer.headers.get("Retry-After", PAUSE)))


def attack(means: Means, expression: str, begun: Event, stop: Event) -> Counter[str]:
    """Use everything up until told to stop; returns how many requests came to what, by door and status.

    Sets ``begun`` once each door has answered.
    """
    os.nice(19)
    outcomes: Counter[str] = Counter()
    doors = _doors(means, expression)
    with ThreadPoolExecutor(AT_ONCE * len(doors) + 2) as threads:
        at_work = [
            threads.submit(_insist, means, door, ask, stop, outcomes)
            for door, ask in doors.items() for _ in range(AT_ONCE)]
        at_work += [threads.submit(work, means, stop, outcomes) for work in (_listen, _be_slow)]
        while not doors.keys() <= {outcome.partition(":")[0] for outcome in list(outcomes)}:
            if stop.wait(BREATH):
                break
        begun.set()
        for each in at_work:
            each.result()
    return outcomes


Ask = Callable[[httpx.Client], httpx.Response]


def _doors(means: Means, expression: str) -> Mapping[str, Ask]:
    browser = means.browser()
    text = _large_file()
    return {
        "preview": lambda client: client.post(f"{API}/preview", json={"expression": expression}),
        "lint": lambda client: client.post(
            f"{API}/lint", json={"expression": expression, "context": "email"}),
        "search": lambda client: client.get(f"{API}/inbox", params={"text": "a b c d e f g h"}),
        "read": lambda client: client.get(f"{API}/me"),
        "write": _switch,
        "undo": lambda client: client.post(f"{API}/contexts/sse/filters/reset"),
        "delete all": lambda client: client.delete(f"{API}/contexts/sse/filters"),
        "import": lambda client: client.put(
            f"{API}/preferences", content=text, headers={"Content-Type": "application/json"}),
        "export": lambda client: client.get(f"{API}/preferences"),
        "page": lambda _client: browser.get("/preferences/email/filters"),
        "stranger": lambda client: client.get("/catalogue", headers={"Authorization": "Bearer none"}),
    }


def _switch(client: httpx.Client) -> httpx.Response:
    on = time.monotonic_ns() % 2 == 0
    return client.patch(f"{API}/contexts/sse", json={"enabled": on})


def _large_file() -> str:
    """The largest file, which says nothing that is to be done."""
    mute = '{"kind":"package","value":"%s"}'
    values = [mute % f"package{number:06}".ljust(400, "x") for number in range(1000)]
    return ('{"version":1,"mutes":[' + ",".join(values) + "]}")[:LARGEST_FILE]


def _insist(means: Means, door: str, ask: Ask, stop: Event, outcomes: Counter[str]) -> None:
    """Ask for the same again and again."""
    with means.client() as client:
        while not stop.is_set():
            try:
                status = ask(client).status_code
            except httpx.HTTPError as error:
                outcomes[f"{door}: {type(error).__name__}"] += 1
                continue
            outcomes[f"{door}: {status}"] += 1
            if status == httpx.codes.TOO_MANY_REQUESTS:
                stop.wait(BREATH)


def _listen(means: Means, stop: Event, outcomes: Counter[str]) -> None:
    """Hold as many streams as there may be, and try for more."""
    with ExitStack() as held:
        streams: list[socket.socket] = []
        request = (f"GET /user/{NICK} HTTP/1.1\r\nHost: {urlsplit(means.base_url).netloc}\r\n"
                   f"Authorization: Bearer {means.token}\r\n\r\n").encode()
        while not stop.is_set():
            for opened in _connections(means, held, STREAMS - len(streams), stop):
                opened.sendall(request)
                with suppress(OSError):
                    line = opened.recv(1000).partition(b"\r\n")[0].decode("latin-1")
                    outcomes[f"stream: {line[9:12]}"] += 1
                    if line[9:12] == "200":
                        streams.append(opened)
                        continue
                opened.close()
                stop.wait(BREATH)
            stop.wait(PAUSE)


def _be_slow(means: Means, stop: Event, outcomes: Counter[str]) -> None:
    """Send requests byte by byte, on as many connections as there may be."""
    with ExitStack() as held:
        slow: list[socket.socket] = []
        while not stop.is_set():
            slow += _connections(means, held, SLOW - len(slow), stop)
            for each in list(slow):
                try:
                    each.sendall(b"X")
                except OSError:
                    outcomes["slow: sent away"] += 1
                    slow.remove(each)
            stop.wait(PAUSE)


def _connections(means: Means, held: ExitStack, count: int, stop: Event) -> Iterator[socket.socket]:
    where = urlsplit(means.base_url)
    assert where.hostname is not None
    assert where.port is not None
    for _ in range(count):
        if stop.is_set():
            return
        with suppress(OSError):
            yield held.enter_context(socket.create_connection(
                (where.hostname, where.port), PATIENCE, source_address=(ADDRESS, 0)))


def run(means: Means, expression: str, begun: Event, stop: Event, told: Any) -> None:
    """The process: attacks until ``stop``, and sends what came of it through the pipe ``told``."""
    told.send(attack(means, expression, begun, stop))
