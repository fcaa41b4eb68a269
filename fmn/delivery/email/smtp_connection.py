"""Non-blocking reads and writes of an open SMTP connection."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from typing import Final, NamedTuple

#: Bytes that are read at once, more than any usual answer has.
_AT_ONCE: Final = 8192
#: Bytes of an answer; whoever says more than that isn't a mail server.
_LONGEST: Final = 65_536
#: Lines of which all but the last have a hyphen behind the code (RFC 5321 section 4.2.1).
_ANSWER: Final = re.compile(rb"((?:\d{3}-[^\n]*\n)*)((?!\d{3}-)[^\n]*)\n")
#: What isn't an answer at all has this code.
_NONSENSE: Final = -1
_NOT_NOW: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class SmtpReply(NamedTuple):
    """Reply of an SMTP server: a code of three digits, or -1, and its text."""

    code: int
    text: bytes


class SmtpConnection:
    """An open SMTP connection, with or without TLS."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._unread = b""
        connection.setblocking(False)

    def fileno(self) -> int:
        """The file descriptor."""
        return self._connection.fileno()

    def send(self, said: bytes, timeout: float) -> None:
        """Send data. Blocks up to ``timeout`` seconds while the socket's buffer is full.

        Raises :class:`OSError`; :class:`TimeoutError` if it took too long.
        """
        try:
            sent = self._connection.send(said)
        except _NOT_NOW:
            sent = 0
        if sent < len(said):
            self._connection.settimeout(timeout)
            try:
                self._connection.sendall(memoryview(said)[sent:])
            finally:
                self._connection.setblocking(False)

    def read_reply(self) -> SmtpReply | None:
        """Read the next reply, ``None`` if it's incomplete.

        Raises :class:`OSError` and :class:`smtplib.SMTPException` if it can't come any more.
        """
        while (found := _ANSWER.match(self._unread)) is None:
            if not self._read():
                return None
        self._unread = self._unread[found.end():]
        return _reply(found[1], found[2])

    def _read(self) -> bool:
        """Whether there was anything more."""
        try:
            read = self._connection.recv(_AT_ONCE)
        except _NOT_NOW:
            return False
        if not read:
            raise smtplib.SMTPServerDisconnected("the connection was closed")
        self._unread += read
        if len(self._unread) > _LONGEST:
            raise smtplib.SMTPException("the answer is too long")
        return True


def _reply(lines: bytes, last: bytes) -> SmtpReply:
    code = last[:3]
    text = b"\n".join(line[4:].strip() for line in (*lines.splitlines(), last)) if lines else last[4:].strip()
    return SmtpReply(int(code) if code.isdigit() and len(code) == len("250") else _NONSENSE, text)
