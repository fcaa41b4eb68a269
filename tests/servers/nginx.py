"""A private Nginx in front of another server."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.servers.ports import free_port
from tests.servers.processes import Process, ServerMissingError
from tests.servers.server import Server

CONFIGURATION = """
daemon off;
{user}
pid {directory}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  {servers}
}}
"""
SERVER = """
  server {{
    listen 127.0.0.1:{port};
    {locations}
  }}
"""


class Nginx(Server):
    """Nginx with these ``locations``, in its own words."""

    def __init__(self, directory: Path, locations: str) -> None:
        super().__init__(directory, free_port())
        self._configure(SERVER.format(port=self.port, locations=locations))

    def _configure(self, servers: str) -> None:
        self._config = self.directory / "nginx.conf"
        self._config.write_text(
            CONFIGURATION.format(
                # Started by root, it keeps large bodies as somebody who may not write into a test's folder.
                user="user root;" if os.getuid() == 0 else "", directory=self.directory, servers=servers),
            encoding="utf-8")

    @classmethod
    def serving(cls, directory: Path, servers: Callable[[int], str]) -> Self:
        """Nginx with whole ``servers`` in its own words, which listen on the port that they're given."""
        made = cls(directory, "")
        made._configure(servers(made.port))
        return made

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _launch(self) -> Process:
        # Debian has it where only root looks.
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if program is None:
            raise ServerMissingError("nginx-light")
        return Process(
            [program, "-c", self._config, "-p", self.directory, "-e", "stderr"], log=self.directory / "log")

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except ConnectionRefusedError:
            return False
        return True
