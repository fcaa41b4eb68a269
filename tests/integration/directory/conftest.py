"""Servers for the directory's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fmn.infra import http
from tests.integration.directory.web_server import WebServer


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server without any page yet."""
    with WebServer() as server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between attempts: the server won't get better by waiting."""
    monkeypatch.setattr(http, "FIRST_BACKOFF_SECONDS", 0.0)
