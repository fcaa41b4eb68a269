"""The service of the live feed, as a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.servers.ports import free_port
from tests.servers.processes import Process
from tests.servers.server import Server


class FeedServer(Server):
    """``fmn sse`` on a database; ``settings`` are more of its settings, by their names."""

    def __init__(self, directory: Path, database_url: str, settings: Mapping[str, str]) -> None:
        super().__init__(directory, free_port())
        self._config = self.directory / "fmn.ini"
        written = {
            "fmn.database.url": database_url, "fmn.delivery.channels": "email sse",
            "fmn.sse.listen": f"127.0.0.1:{self.port}", **settings}
        lines = [f"{name} = {value}" for name, value in written.items()]
        self._config.write_text("\n".join(["[app:main]", *lines, ""]), encoding="utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _launch(self) -> Process:
        return Process(
            [Path(sys.executable).parent / "fmn", "--config", self._config, "sse"],
            log=self.directory / "log", environment=dict(os.environ))

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").is_success
        except httpx.TransportError:
            return False
