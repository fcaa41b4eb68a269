"""Connection to an IRC server, with the library ``irc``: sends lines, receives events.

The library parses, answers pings, and logs in with SASL. FMN runs its reactor: one thread reads, and any
thread writes, one at a time (:attr:`IrcConnection.lock`), since a TLS connection can't do both at once.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from irc.client import Reactor, ServerConnection, ServerConnectionError, ServerNotConnectedError
from jaraco.stream.buffer import LenientDecodingLineBuffer

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.irc import failures
from fmn.delivery.irc.irc_errors import error_text
from fmn.delivery.irc.settings import IrcSettings

log = structlog.get_logger()

#: Seconds that the reader sleeps at most before it looks whether the connection is still wanted.
_TICK: Final = 0.2
#: Bytes of a line from the server. With tags IRCv3 has 8,703 at most.
_LONGEST_LINE: Final = 16_384


@dataclass(frozen=True, slots=True)
class IrcEvent:
    """An event from the server.

    ``code`` is a numeric such as ``433``, a command such as ``pong``, or one of the library's own:
    ``privnotice`` is a ``NOTICE`` to us, ``ctcp`` a ``PRIVMSG`` that isn't text, ``login_failed`` a SASL
    login that didn't work, ``disconnect`` the end. ``source`` is whose it is, as ``nick!user@host`` or a
    server's name.
    """

    code: str
    source: str
    target: str
    arguments: Sequence[str]

    @property
    def nick(self) -> str:
        """Nick of the sender, or the server's name."""
        return self.source.partition("!")[0]

    @property
    def user_and_host(self) -> str:
        """User and host of the sender, ``""`` for a server."""
        return self.source.partition("!")[2]

    @property
    def text(self) -> str:
        """The last argument."""
        return self.arguments[-1] if self.arguments else self.target


class _Buffer(LenientDecodingLineBuffer):  # type: ignore[misc] # it's untyped
    """Line buffer for any encoding; the library's own disconnects if a line isn't UTF-8.

    A line that never ends isn't kept: :class:`ValueError`.
    """

    def feed(self, data: bytes) -> None:
        super().feed(data)
        if len(self.buffer) - self.buffer.rfind(b"\n") > _LONGEST_LINE:
            raise ValueError(f"the server's line has more than {_LONGEST_LINE} bytes")


class BlockingServerConnection(ServerConnection):  # type: ignore[misc] # it's untyped
    """The library's connection, with two fixes."""

    buffer_class = _Buffer

    def send_raw(self, string: str) -> None:
        # The library's own leaves out what there's no room for at once.
        if self.socket is None:
            raise ServerNotConnectedError("Not connected.")
        try:
            self.socket.sendall(self._prep_message(string))
        except OSError:
            self.disconnect("Connection reset by peer.")


class _Reactor(Reactor):  # type: ignore[misc] # it's untyped
    connection_class = BlockingServerConnection


class IrcConnection:
    """An IRC connection. ``on_event`` is called for each event, with the lock held."""

    def __init__(self, settings: IrcSettings, on_event: Callable[[IrcEvent], None]) -> None:
        self._settings = settings
        self._on_event = on_event
        self._reactor = _Reactor()
        self._connection = self._reactor.server()
        #: Whoever has it is the only one who talks and the only one who hears.
        self.lock: threading.RLock = self._reactor.mutex
        self._reactor.add_global_handler("all_events", self._convert_event)

    def open(self) -> None:
        """Connect and start logging in. Raises :class:`ChannelDownError` if the server can't be reached."""
        settings = self._settings
        try:
            self._connection.connect(
                settings.host, settings.port, settings.nick, username=settings.username,
                ircname=settings.realname, password=settings.sasl_password or None,
                sasl_login=settings.sasl_username or None, connect_factory=_opener(settings))
        except (ServerConnectionError, OSError) as error:
            reason = error_text(error.__cause__ or error)
            raise ChannelDownError(failures.UNREACHABLE.format(
                server=f"{settings.host}:{settings.port}", reason=reason)) from error
        threading.Thread(target=self._read, name="irc", daemon=True).start()

    @property
    def nick(self) -> str:
        """FMN's current nick."""
        return str(self._connection.get_nickname())

    def feature(self, name: str) -> int:
        """A numeric feature (``ISUPPORT``), such as the limit of ``MONITOR``; 0 if it's missing."""
        value = getattr(self._connection.features, name, None)
        return int(value) if isinstance(value, int | str) and str(value).isdecimal() else 0

    def send(self, *words: str) -> None:
        """Send one line. It's lost if the connection is; then an event ``disconnect`` follows."""
        with self.lock:
            if self._connection.is_connected():
                self._connection.send_items(*words)

    def close(self, farewell: str) -> None:
        """Close the connection."""
        with self.lock:
            self._connection.disconnect(farewell)

    def _convert_event(self, _connection: object, event: Any) -> None:
        # For a login that failed the library has the target in the source's place, and so on.
        shifted = isinstance(event.target, list)
        source, target, arguments = (
            ("", event.source, event.target) if shifted else (event.source, event.target, event.arguments))
        code = getattr(event.type, "code", event.type)
        self._on_event(IrcEvent(code, source or "", target or "", [str(argument) for argument in arguments]))

    def _read(self) -> None:
        try:
            while self._connection.is_connected():
                self._read_once()
        except Exception:
            # The library stumbles over lines that no decent server sends. Another connection may go better.
            log.exception("IRC connection failed")
        finally:
            self.close("")

    def _read_once(self) -> None:
        try:
            self._reactor.process_once(_TICK)
        except (OSError, ValueError, ServerNotConnectedError):
            # Somebody else has hung up while we waited.
            if self._connection.is_connected():
                raise


def _opener(settings: IrcSettings) -> Callable[[tuple[str, int]], socket.socket]:
    def open_socket(address: tuple[str, int]) -> socket.socket:
        plain = socket.create_connection(address, timeout=settings.timeout_seconds)
        if settings.security == "none":
            return plain
        try:
            context = ssl.create_default_context(cafile=settings.ca_file)
            return context.wrap_socket(plain, server_hostname=settings.host)
        except BaseException:
            plain.close()
            raise

    return open_socket
