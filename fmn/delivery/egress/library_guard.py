"""Connection guard for libraries that open connections themselves and have no hook for it.

Python tells audit hooks (PEP 578) of each connection before it's made, with the address that it goes to, and
a hook may refuse. So it makes no difference which name, redirect or library led there. The hook is there for
good once it's installed. It judges what happens within :func:`guarded`, in the thread that's in there and in
all that were started from there, also after it ended. Of libraries that :func:`require_guard` was told, it
refuses every connection elsewhere: in a thread that was there before, or when an object is deleted.
"""

from __future__ import annotations

import _thread
import contextlib
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import cache
from types import FrameType
from typing import Any, Final
from weakref import WeakKeyDictionary

from fmn.delivery.egress.network_policy import EgressError

_CONNECT: Final = "socket.connect"
#: Raised for each part of a request by HTTP, right before it's sent.
_SEND: Final = "http.client.send"
_THREAD: Final = "_thread.start_new_thread"
#: What nothing that sends a message by HTTP has to do.
_NEVER: Final = frozenset({
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "socket.sendmsg", "socket.sendto",
    "subprocess.Popen",
})
_EVENTS: Final = _NEVER | {_CONNECT, _SEND, _THREAD}
#: Guards of the threads that were started from within them.
_inherited: Final[WeakKeyDictionary[threading.Thread, ConnectionGuard]] = WeakKeyDictionary()
#: Top-level packages whose code may connect within a guard only.
_guarded_packages: Final[set[str]] = set()


#: Raises :class:`OSError` for a numeric address and a port that may not be connected to.
Check = Callable[[str, int], None]


class ConnectionGuard:
    """State of one :func:`guarded` block: the policy, the deadline, and the first refusal."""

    def __init__(self, check: Check, deadline: float) -> None:
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

    def enforce(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise :class:`OSError` for what may not be."""
        try:
            self._enforce(event, arguments)
        except OSError as error:
            self.refusal = self.refusal or error
            raise

    def close_all(self) -> None:
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

    def _enforce(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _NEVER:
            raise EgressError(f"a library tried to use {event}")
        if event == _THREAD:
            self._enforce_thread(arguments[0])
            return
        if self.is_late or self._is_over:
            raise TimeoutError("the time is up")
        if event == _CONNECT:
            self._enforce_connection(*arguments)

    def _enforce_thread(self, begin: object) -> None:
        thread = getattr(begin, "__self__", None)
        if not isinstance(thread, threading.Thread):
            # Nobody could tell later where such a thread comes from.
            raise EgressError("a library tried to start a thread without a name")
        _inherited[thread] = self

    def _enforce_connection(self, connection: socket.socket, address: Any) -> None:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            raise EgressError(f"{address!r} isn't an Internet address")
        try:
            self._check(*address[:2])
        except ValueError as error:
            # A name, which only now would be resolved, out of our sight.
            raise EgressError(f"{address[0]!r} isn't a numeric address") from error
        with self._lock:
            if self._is_over:
                raise TimeoutError("the time is up")
            # The library's own object may be taken over by one that encrypts; the connection is the same.
            self._connections.append(connection.dup())


_guard: ContextVar[ConnectionGuard | None] = ContextVar("guard", default=None)


@contextlib.contextmanager
def guarded(check: Check, deadline: float) -> Iterator[ConnectionGuard]:
    """Guard connections of this thread, and of threads it starts, by ``check`` and ``deadline``.

    After the deadline, in seconds of the monotonic clock, there
    are no connections: none is made, and those made in here are cut. What is refused raises
    :class:`OSError` where it was tried.
    """
    _install()
    guard = ConnectionGuard(check, deadline)
    watch = threading.Timer(max(0.0, deadline - time.monotonic()), guard.close_all)
    watch.daemon = True
    watch.start()
    token = _guard.set(guard)
    try:
        yield guard
    finally:
        watch.cancel()
        _guard.reset(token)
        guard.release()


def is_guarded() -> bool:
    """Whether this is within :func:`guarded`, or in a thread that was started from there."""
    return _current() is not None


def require_guard(package: str) -> None:
    """Refuse connections that the code of this top-level package makes outside of a guard, from now on."""
    _install()
    _guarded_packages.add(package)


@cache
def _install() -> None:
    sys.addaudithook(_audit_hook)
    if sys.version_info < (3, 12):
        # Before that nobody is told of threads, and no thread knows who started it.
        threading._start_new_thread = _audit_and_start  # type: ignore[attr-defined]  # noqa: SLF001


def _audit_and_start(begin: Callable[..., object], *arguments: Any) -> int:
    _audit_hook(_THREAD, (begin, *arguments))
    return _thread.start_new_thread(begin, *arguments)


def _audit_hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    guard = _current()
    if guard is not None:
        guard.enforce(event, arguments)
    elif event == _CONNECT and (package := _guarded_caller()) is not None:
        raise EgressError(f"{package} tried to connect outside of a delivery")


def _current() -> ConnectionGuard | None:
    guard = _guard.get()
    return _inherited.get(threading.current_thread()) if guard is None and _inherited else guard


def _guarded_caller() -> str | None:
    """The package whose code is never to be unguarded, if this is called from there, however far."""
    frame: FrameType | None = sys._getframe(1) if _guarded_packages else None  # noqa: SLF001 - there's no other
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package in _guarded_packages:
            return package
        frame = frame.f_back
    return None
