"""A real HTTP(S) server on loopback that keeps what it's sent and answers as told."""

from __future__ import annotations

import json
import ssl
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.certificates import make_certificate
from tests.servers.ports import free_port

#: Seconds after which what hangs gives up, should a test forget to end the server.
LONGEST_HANG = 30.0
#: Seconds between two bytes of an answer that trickles.
DROP = 0.05


@dataclass(frozen=True)
class Received:
    """A request as it came, over which ``connection``, counted from 1. Headers' names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @cached_property
    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to say. One that ``hangs`` never comes; one that ``trickles`` comes byte by byte, without end."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    trickles: bool = False


class Receiver:
    """Takes what it's sent. It answers what is in ``answers``, then always ``usual``.

    With ``directory`` it speaks TLS, and clients trust the ``certificate`` that lies there.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory
        self.port = free_port()
        self.answers: deque[Answer] = deque()
        self.usual = Answer()
        self.received: list[Received] = []
        #: How many connections were made.
        self.connections = 0
        self._ends = threading.Event()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http{'' if self.directory is None else 's'}://{self.host}"

    @cached_property
    def certificate(self) -> Path:
        """A PEM file with its self-signed certificate."""
        assert self.directory is not None
        return make_certificate(self.directory)

    def answer(self, _received: Received) -> Answer:
        """What to say to a request."""
        return self.answers.popleft() if self.answers else self.usual

    def __enter__(self) -> Self:
        self._ends.clear()
        self._server = _Server(("127.0.0.1", self.port), self._handler())
        if self.directory is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet, or the kernel waits between them

            def setup(self) -> None:
                super().setup()
                server.connections += 1
                self.connection_number = server.connections

            def respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.command, self.path, headers, body, self.connection_number)
                server.received.append(received)
                self._say(server.answer(received))

            do_GET = do_POST = do_PUT = respond  # noqa: N815 - the library's names

            def _say(self, answer: Answer) -> None:
                if answer.hangs:
                    server._ends.wait(LONGEST_HANG)
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                length = 1_000_000 if answer.trickles else len(answer.body)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(answer.body)
                self.wfile.flush()
                while answer.trickles and not server._ends.wait(DROP):
                    self.wfile.write(b".")
                    self.wfile.flush()

            def log_message(self, *_arguments: Any) -> None:
                """Nobody reads it."""

        return Handler


class _Server(ThreadingHTTPServer):
    """A server that doesn't complain about clients who hang up, or don't trust it."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
