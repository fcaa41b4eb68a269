"""Configuration check of listening addresses: free, or answered by FMN."""

from __future__ import annotations

import socket
from typing import Final
from urllib.parse import urlsplit

import httpx

from fmn.settings.check_results import CheckResults, failed, ok

#: Seconds for an answer.
TIMEOUT_SECONDS: Final = 3.0
#: What our processes answer, and where.
ALIVE: Final = "alive"
_QUESTION: Final = "/healthz"
_ANY: Final = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104 - what somebody may have written, nothing is bound


def check(subject: str, setting: str, address: str) -> CheckResults:
    """Whether an address is free, or answered by one of our processes."""
    parts = urlsplit(f"//{address}")
    try:
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        yield failed(subject, f"{setting} = {address} isn't a host and a port")
        return
    host = "" if host in _ANY else host
    if _is_ours(host or "127.0.0.1", port):
        yield ok(subject, f"{address} is answered by FMN")
        return
    try:
        with socket.create_server(("", port) if not host else (host, port), family=_family(host)):
            pass
    except OSError as error:
        yield failed(subject, f"{address} can't be listened at ({error.strerror or error}), and it isn't FMN "
                           f"that is there: see who is, or change {setting}")
    else:
        yield ok(subject, f"{address} is free")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _is_ours(host: str, port: int) -> bool:
    where = f"[{host}]" if ":" in host else host
    try:
        answer = httpx.get(f"http://{where}:{port}{_QUESTION}", timeout=TIMEOUT_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.text.strip() == ALIVE
