"""A mail server that answers as a test says: for dialogues that no decent server has."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self

#: Instead of an answer: end the connection, or say nothing until the client leaves.
HANG_UP = b"hang up"
SAY_NOTHING = b"say nothing"

USUAL: dict[str, bytes] = {
    "greeting": b"220 scripted", "EHLO": b"250 scripted", "MAIL": b"250 fine", "RCPT": b"250 fine",
    "DATA": b"354 go ahead", "content": b"250 taken", "RSET": b"250 fine", "QUIT": b"221 bye",
}


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Answers each command by its name, the connection by "greeting" and a mail by "content".

    ``answers`` may change at any time; an answer in ``once`` is given one time before. ``commands``
    are those received, ``mails`` the contents. A mail whose sender or recipient was refused it doesn't
    want, unless it's ``careless``.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, **answers: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.port: int = self.server_address[1]
        self.answers = {**USUAL, **answers}
        self.once: dict[str, bytes] = {}
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.careless = False

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    @property
    def connections(self) -> int:
        """How often a client connected and said hello."""
        return self.commands.count("EHLO")


class _Dialogue(socketserver.StreamRequestHandler):
    server: ScriptedServer
    _refused = False

    def handle(self) -> None:
        if not self._answer("greeting"):
            return
        for line in self.rfile:
            command = line.decode().split()[0].upper()
            self.server.commands.append(command)
            answer = self._answer(command)
            if not answer or command == "QUIT":
                return
            if command == "DATA" and answer.startswith(b"354"):
                content = self._content()
                if content is None:
                    return
                self.server.mails.append(content)
                if not self._answer("content"):
                    return

    def _content(self) -> bytes | None:
        """The mail; ``None`` if the client leaves before its end."""
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line)
        return None

    def _answer(self, to: str) -> bytes:
        """What was answered; nothing if that's the end."""
        answer = self.server.once.pop(to, None) or self.server.answers[to]
        if to in {"MAIL", "RCPT"}:
            self._refused = answer.startswith((b"4", b"5")) or (to == "RCPT" and self._refused)
        if to == "DATA" and self._refused and not self.server.careless:
            answer = b"503 5.5.1 for whom?"
        if answer is SAY_NOTHING:
            self.rfile.read()
        if answer in (SAY_NOTHING, HANG_UP):
            return b""
        self.wfile.write(answer + b"\r\n")
        return answer
