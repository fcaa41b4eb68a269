"""People on IRC: a client of a few lines that remembers everything it was told.

It's not the library that FMN uses, so that both don't share a mistake.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.irc import OPERATOR, IrcServer
from tests.servers.waiting import wait_until

#: Seconds. Servers may hold a newcomer up for one.
PATIENCE = 20.0
PASSWORD = "secret-of-mine"


class Person:
    """Somebody with an IRC client, who comes at once and stays until they :meth:`leave`.

    Servers let nobody in but once a second, so what needs them to be in waits for that, see :meth:`ready`.
    """

    def __init__(self, server: IrcServer, nick: str, *, identifies: bool = False) -> None:
        self.nick = nick
        #: Every line that came, in this order.
        self.heard: list[str] = []
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self._socket.settimeout(None)  # they may hear nothing for long
        self._lines = self._socket.makefile(encoding="utf-8", errors="replace", newline="\r\n")
        self._identifies = identifies
        self._in, self._ready, self._gone = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._listen, name=f"IRC client of {nick}", daemon=True)
        self._thread.start()
        self._write(f"NICK {nick}", f"USER {nick} 0 * :{nick}")

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            for line in self._lines:
                self.heard.append(line.rstrip("\r\n"))
                self._react(line)
        self._gone.set()

    def _react(self, line: str) -> None:
        if line.startswith("PING "):
            self._write(f"PONG {line[5:].strip()}")
        elif " 001 " in line:
            self._in.set()
            if self._identifies:
                self._write(f"PRIVMSG NickServ :IDENTIFY {PASSWORD}")
            else:
                self._ready.set()
        elif " 900 " in line:
            self._ready.set()

    def _write(self, *lines: str) -> None:
        self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def ready(self) -> Self:
        """Return when they're in, and identified if they identify."""
        if not self._ready.wait(PATIENCE):
            raise TimeoutError(f"{self.nick} doesn't get in, but hears {self.heard[-5:]}")
        return self

    @property
    def is_there(self) -> bool:
        """Whether the server still talks to us."""
        return not self._gone.is_set()

    def send(self, *lines: str) -> None:
        """Send lines as they are."""
        self._in.wait(PATIENCE)
        self._write(*lines)

    def say(self, nick: str, text: str) -> None:
        """Say something to somebody."""
        self.send(f"PRIVMSG {nick} :{text}")

    def said_by(self, nick: str) -> Sequence[str]:
        """What somebody has said to us, in this order."""
        said = re.compile(rf":{re.escape(nick)}![^ ]+ PRIVMSG {re.escape(self.nick)} :(.*)")
        return [found[1] for line in list(self.heard) if (found := said.fullmatch(line))]

    def wait_for(self, pattern: str, since: int = 0) -> re.Match[str]:
        """The first line in which a pattern is found, of those after the first ``since`` ones."""
        def found() -> re.Match[str] | None:
            return next((hit for line in self.heard[since:] if (hit := re.search(pattern, line))), None)

        hit = wait_until(found, PATIENCE, f"{self.nick} doesn't hear {pattern!r}, but {self.heard[-5:]}")
        assert hit is not None
        return hit

    def wait_for_said(self, nick: str, count: int = 1) -> Sequence[str]:
        """What somebody has said to us, as soon as it's as many lines."""
        return wait_until(
            lambda: self.said_by(nick) if len(self.said_by(nick)) >= count else (), PATIENCE,
            f"{self.nick} hears less than {count} lines of {nick}, but {self.heard[-5:]}")

    def do(self, command: str, answer: str) -> re.Match[str]:
        """Send a command and wait for its answer."""
        since = len(self.heard)
        self.send(command)
        return self.wait_for(answer, since)

    def register(self) -> Self:
        """Register the nick with services, which identifies us as its owner."""
        self.do(f"PRIVMSG NickServ :REGISTER {PASSWORD} {self.nick}@example.org", r" 900 ")
        return self

    def identify(self) -> Self:
        """Identify to services as the owner of the nick."""
        self.do(f"PRIVMSG NickServ :IDENTIFY {PASSWORD}", r" 900 ")
        return self

    def become_operator(self) -> Self:
        """Get an operator's rights."""
        self.do(f"OPER {OPERATOR} {OPERATOR}", r" 381 ")
        return self

    def catch_up(self) -> None:
        """Return when everything has come that the server has for us by now."""
        self.do("PING caught-up", r" PONG \S+ :?caught-up")

    def sees(self, nick: str) -> bool:
        """Whether somebody is online."""
        return nick in self.do(f"ISON {nick}", r" 303 \S+ :(.*)")[1].split()

    def leave(self) -> None:
        """Say good-bye and wait until the server knows."""
        with suppress(OSError):
            self.send("QUIT :bye")
            self._gone.wait(PATIENCE)
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.leave()
