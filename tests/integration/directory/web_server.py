"""A web server on loopback whose pages a test writes, and whose manners it spoils."""

from __future__ import annotations

import json
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

#: Seconds after which a page that hangs gives up, should a test forget to end the server.
LONGEST_HANG = 30.0


@dataclass(frozen=True)
class Request:
    """What was asked for. ``path`` is as it was sent, without the query."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What to say: a status, a body and headers. One that ``hangs`` stops in the middle of its body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    is_cut: bool = False


def page(value: object) -> Answer:
    return Answer(body=json.dumps(value).encode(), headers={"Content-Type": "application/json"})


class Quiet(ThreadingHTTPServer):
    """A server that doesn't complain about clients who hang up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class WebServer:
    """Answers what ``pages`` says for a path, after the answers in ``planned`` are used up."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[Request], Answer]] = {}
        self.planned: dict[str, deque[Answer]] = {}
        self.requests: list[Request] = []
        self._ends = threading.Event()
        self._server = Quiet(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def trouble(self, path: str, *answers: Answer) -> None:
        """Answer so before the path answers as it should."""
        self.planned[path] = deque(answers)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if self.planned.get(request.path):
            return self.planned[request.path].popleft()
        known = self.pages.get(request.path, Answer(404, b'{"error": "nothing here"}'))
        return known if isinstance(known, Answer) else known(request)

    def hang(self) -> None:
        self._ends.wait(LONGEST_HANG)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet, or the kernel waits between them

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                answer = server.answer(Request(parts.path, dict(parse_qsl(parts.query)), dict(self.headers)))
                unsent = len(answer.body) // 2 if answer.hangs or answer.is_cut else 0
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[:len(answer.body) - unsent])
                self.wfile.flush()
                if answer.hangs:
                    server.hang()
                self.close_connection = bool(unsent)

            def log_message(self, *_arguments: Any) -> None:
                """Nobody reads it."""

        return Handler
