"""A pager server for tests: keeps what it's sent, and answers as told."""

from __future__ import annotations

import json
import socketserver
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class PagerServer:
    """Listens at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answer = "ok"
        self.pages: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                if line := self.rfile.readline():
                    server.pages.append(json.loads(line))
                    self.wfile.write(f"{server.answer}\n".encode())

        self._server = socketserver.ThreadingUnixStreamServer(str(self.path), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.path.unlink()
