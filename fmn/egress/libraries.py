"""Guarding libraries that make connections of their own and have no place to put a guard.

Python tells audit hooks (PEP 578) of each connection before it's made, with the address that it goes to, and
a hook may refuse. So it makes no difference which name, redirect or library led there. The hook is there for
good once it's installed, and does something only within :func:`guarded`.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

from fmn.egress.networks import EgressError

_CONNECT: Final = "socket.connect"
#: Raised for each part of a request by HTTP, right before it's sent.
_SEND: Final = "http.client.send"
#: What nothing that sends a message by HTTP has to do.
_NEVER: Final = frozenset({
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "socket.sendmsg", "socket.sendto",
    "subprocess.Popen",
})
_EVENTS: Final = _NEVER | {_CONNECT, _SEND}


class Guard:
    """What is allowed within one :func:`guarded`, and what was refused first, if anything was."""

    def __init__(self, check: Callable[[str], None], deadline: float) -> None:
        self.refusal: OSError | None = None
        self._check = check
        self._deadline = deadline
        self._is_over = False
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()

    @property
    def is_late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._deadline

    def pause(self, seconds: float) -> None:
        """Sleep for so long. Raises :class:`TimeoutError` at once if there isn't as much time."""
        if self._is_over or time.monotonic() + seconds >= self._deadline:
            self.refusal = self.refusal or TimeoutError(f"there's no time to wait {seconds:g} seconds")
            raise self.refusal
        time.sleep(seconds)

    def judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise :class:`OSError` for what may not be."""
        try:
            self._judge(event, arguments)
        except OSError as error:
            self.refusal = self.refusal or error
            raise

    def cut(self) -> None:
        """End all connections: whoever waits for something over one of them waits no more."""
        with self._lock:
            self._is_over = True
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Forget the connections. There'll be no more."""
        with self._lock:
            self._is_over = True
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    def _judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _NEVER:
            raise EgressError(f"a library tried to use {event}")
        if self.is_late:
            raise TimeoutError("the time is up")
        if event == _CONNECT:
            self._judge_connection(*arguments)

    def _judge_connection(self, connection: socket.socket, address: Any) -> None:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            raise EgressError(f"{address!r} isn't an Internet address")
        try:
            self._check(address[0])
        except ValueError as error:
            # A name, which only now would be resolved, out of our sight.
            raise EgressError(f"{address[0]!r} isn't a numeric address") from error
        with self._lock:
            if self._is_over:
                raise TimeoutError("the time is up")
            # The library's own object may be taken over by one that encrypts; the connection is the same.
            self._connections.append(connection.dup())


_guard: ContextVar[Guard | None] = ContextVar("guard", default=None)


@contextlib.contextmanager
def guarded(check: Callable[[str], None], deadline: float) -> Iterator[Guard]:
    """Let this thread connect only to numeric addresses that pass ``check``, until ``deadline``.

    ``check`` raises :class:`OSError` for others. After the deadline, in seconds of the monotonic clock, there
    are no connections: none is made, and those made in here are cut. What is refused raises
    :class:`OSError` where it was tried.
    """
    _install()
    guard = Guard(check, deadline)
    token = _guard.set(guard)
    watch = threading.Timer(max(0.0, deadline - time.monotonic()), guard.cut)
    watch.daemon = True
    watch.start()
    try:
        yield guard
    finally:
        watch.cancel()
        _guard.reset(token)
        guard.release()


def is_guarded() -> bool:
    """Whether this is within :func:`guarded`."""
    return _guard.get() is not None


@cache
def _install() -> None:
    sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS and (guard := _guard.get()) is not None:
        guard.judge(event, arguments)
