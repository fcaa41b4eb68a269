"""An IRC server that answers as a test says: for dialogues that no decent server has."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from fmn.delivery.irc.settings import IrcSettings

#: In place of a line: the end of the connection.
HANG_UP = b"hang up"
WELCOME = b":irc.test 001 fmn :Welcome"
#: What is said to each command; ``%s`` is its last word.
USUAL: Mapping[str, Sequence[bytes]] = {
    "USER": [WELCOME], "PING": [b":irc.test PONG irc.test :%s"],
    "PRIVMSG": [b":NickServ!services@services.test NOTICE fmn :alice ACC 3"],
}


class ScriptedIrc(socketserver.ThreadingTCPServer):
    """Answers each command by its name with lines, in which ``%s`` is the command's last word.

    ``answers`` may change at any time. ``lines`` are those received.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, **answers: Sequence[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.port: int = self.server_address[1]
        self.answers = {**USUAL, **answers}
        self.lines: list[str] = []

    def settings(self, **changes: object) -> IrcSettings:
        """How to get there."""
        usual = {
            "host": "127.0.0.1", "port": self.port, "security": "none", "timeout_seconds": 2,
            "lines_per_second": 1000, "burst": 100,
        }
        return IrcSettings.model_validate(usual | changes)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()


class _Dialogue(socketserver.StreamRequestHandler):
    server: ScriptedIrc

    def handle(self) -> None:
        for line in self.rfile:
            text = line.decode().rstrip("\r\n")
            self.server.lines.append(text)
            words = text.split()
            for answer in self.server.answers.get(words[0], []):
                if answer is HANG_UP:
                    return
                self.wfile.write(answer.replace(b"%s", words[-1].encode()) + b"\r\n")
