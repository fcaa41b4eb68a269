"""A private Prometheus that scrapes one address."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import httpx

from tests.servers.ports import free_port
from tests.servers.processes import Process, ServerMissingError
from tests.servers.server import Server


class Prometheus(Server):
    """Prometheus, which asks ``target`` (host and port) each second, as the job ``fmn``."""

    def __init__(self, directory: Path, target: str) -> None:
        super().__init__(directory, free_port())
        self._config = self.directory / "prometheus.yml"
        self._config.write_text(json.dumps({
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "fmn", "static_configs": [
                {"targets": [target], "labels": {"process": "worker"}}]}]}), encoding="utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _launch(self) -> Process:
        program = shutil.which("prometheus")
        if program is None:
            raise ServerMissingError("prometheus")
        return Process(
            [program, f"--config.file={self._config}", f"--storage.tsdb.path={self.directory / 'data'}",
             f"--web.listen-address=127.0.0.1:{self.port}"], log=self.directory / "log")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready").is_success
        except httpx.TransportError:
            return False
