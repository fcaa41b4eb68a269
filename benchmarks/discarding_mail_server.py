"""A mail server in a process of its own that throws everything away, and says what came when."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import re
import socket
import threading
import time
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import TracebackType
from typing import Final, NamedTuple, Self

from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from tests.system.events import TOKEN

END: Final = b"\r\n.\r\n"
#: What is said to each command; to all others it's fine.
ANSWERS: Final = {
    b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go ahead\r\n", b"QUIT": b"221 bye\r\n"}
FINE: Final = b"250 fine\r\n"
#: A line that quoted-printable broke to keep it short.
BROKEN: Final = b"=\r\n"
#: Seconds for which what came is gathered before it's told: whoever measures has other things to do.
GATHERED_FOR: Final = 0.02
#: Seconds: a new process imports what it needs first.
STARTED_WITHIN: Final = 30.0

_TOKEN = re.compile(TOKEN.pattern.encode())


class Arrival(NamedTuple):
    """A mail came: when, in seconds since 1970, and about which event."""

    at: float
    token: str


class Sink:
    """The server. ``host`` and ``port`` are as those of other mail servers.

    It takes each mail after so many seconds of ``thinking``: a real one writes it to a disk first.
    """

    host = "127.0.0.1"

    def __init__(self, thinking: float = 0.0) -> None:
        self.port = free_port()
        self._arrivals: SimpleQueue[Arrival] = SimpleQueue()
        # Without any of our threads' locks, which a forked process might find locked for ever.
        fresh = multiprocessing.get_context("spawn")
        self._pipe, theirs = fresh.Pipe(duplex=False)
        self._process = fresh.Process(target=_serve, args=(self.port, thinking, theirs), daemon=True)
        # The server mustn't ever wait until somebody hears of a mail, so it's heard of at once.
        self._ear = threading.Thread(target=self._listen, daemon=True)

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process.pid is not None
        return self._process.pid

    def take(self, count: int, timeout: float) -> list[Arrival]:
        """The next so many mails. Raises :class:`queue.Empty` if none comes for so many seconds."""
        return [self._arrivals.get(timeout=timeout) for _ in range(count)]

    def _answers(self) -> bool:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection((self.host, self.port)).close()
            return True
        return False

    def _listen(self) -> None:
        with contextlib.suppress(EOFError):
            while True:
                for arrival in self._pipe.recv():
                    self._arrivals.put(arrival)

    def __enter__(self) -> Self:
        self._process.start()
        self._ear.start()
        wait_until(self._answers, STARTED_WITHIN, "the mail server doesn't start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()


def _serve(port: int, thinking: float, arrivals: Connection) -> None:
    async def forever() -> None:
        loop = asyncio.get_running_loop()
        told = _Told(arrivals)
        server = await loop.create_server(lambda: _Dialogue(told, thinking), Sink.host, port)
        await server.serve_forever()

    asyncio.run(forever())


class _Told:
    """Tells what came, many at once."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._gathered: list[Arrival] = []

    def tell(self, arrival: Arrival) -> None:
        if not self._gathered:
            asyncio.get_running_loop().call_later(GATHERED_FOR, self._send)
        self._gathered.append(arrival)

    def _send(self) -> None:
        self._pipe.send(self._gathered)
        self._gathered = []


class _Dialogue(asyncio.Protocol):
    def __init__(self, told: _Told, thinking: float) -> None:
        self._told, self._thinking = told, thinking
        self._unread = b""
        self._in_mail = False
        self._is_thinking = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._unread += data
        # What comes behind a mail is answered after it (RFC 2920).
        if not self._is_thinking:
            self._answer_all([])

    def _answer_all(self, answers: list[bytes]) -> None:
        """Answer what was read, after these answers; all together, as a server with PIPELINING should."""
        while not self._is_thinking and (END if self._in_mail else b"\r\n") in self._unread:
            if self._in_mail:
                content, _, self._unread = self._unread.partition(END)
                answers += self._keep(content)
            else:
                line, _, self._unread = self._unread.partition(b"\r\n")
                answers.append(self._answer(line[:4].upper()))
        if answers:
            self._transport.write(b"".join(answers))

    def _answer(self, command: bytes) -> bytes:
        self._in_mail = command == b"DATA"
        return ANSWERS.get(command, FINE)

    def _keep(self, content: bytes) -> list[bytes]:
        """Tell of a mail; returns what is answered now."""
        self._in_mail = False
        found = _TOKEN.search(content.replace(BROKEN, b""))
        self._told.tell(Arrival(time.time(), found[0].decode() if found else ""))
        if not self._thinking:
            return [FINE]
        self._is_thinking = True
        asyncio.get_running_loop().call_later(self._thinking, self._keep_on)
        return []

    def _keep_on(self) -> None:
        self._is_thinking = False
        self._answer_all([FINE])
