"""Somebody else's OpenID provider as a process: a client that only gets on with our own proves little."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import httpx

from tests.servers.ports import free_port
from tests.servers.processes import Process
from tests.servers.server import Server


class MockOidcProvider(Server):
    """``oidc-provider-mock``. People sign in by a form that asks for their ``sub`` and nothing else."""

    stop_signal = signal.SIGINT

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, free_port())

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _launch(self) -> Process:
        return Process(
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port), "--require-nonce", "true"],
            log=self.directory / "log", environment={**os.environ, "PYTHONWARNINGS": "ignore"})

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.issuer}/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            return False
