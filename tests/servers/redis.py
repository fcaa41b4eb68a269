"""A private Redis that keeps nothing on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import redis

from tests.servers.ports import free_port
from tests.servers.processes import Process, ServerMissingError
from tests.servers.server import Server


class RedisServer(Server):
    """Redis as a cache: whenever it stops, its data is gone.

    It's on loopback, and on the address ``also_on`` if there's one.
    """

    def __init__(self, directory: Path, *, also_on: str | None = None) -> None:
        super().__init__(directory, free_port())
        self._addresses = ["127.0.0.1", *([also_on] if also_on else [])]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _launch(self) -> Process:
        program = shutil.which("redis-server")
        if program is None:
            raise ServerMissingError("redis-server")
        return Process(
            [
                program, "--bind", *self._addresses, "--port", str(self.port), "--protected-mode", "no",
                "--dir", self.directory, "--save", "", "--appendonly", "no",
            ],
            log=self.directory / "log",
        )

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
