from __future__ import annotations

import socket

import httpx
import pytest

from fmn.errors import OperatorError
from fmn.monitoring.http_server import serve
from fmn.monitoring.listening_socket import open_socket
from fmn.monitoring.probes import ProbeResult
from fmn.settings import MetricsSettings
from tests.servers.ports import free_port


def test_nothing_is_opened_unless_somebody_asks() -> None:
    assert open_socket(MetricsSettings()) is None


def test_answers_where_it_was_told_to() -> None:
    port, answer = free_port(), ProbeResult()
    serve(open_socket(MetricsSettings(listen=f"127.0.0.1:{port}")), {"/readyz": lambda: answer})
    url = f"http://127.0.0.1:{port}"
    assert "fmn_messages_received_total" in httpx.get(f"{url}/metrics").text
    ready = httpx.get(f"{url}/readyz")
    assert (ready.status_code, ready.text) == (200, "ok\n")
    # What isn't well is no success
    answer = ProbeResult("the database is away", ["backend.email: active"])
    gone = httpx.get(f"{url}/readyz")
    assert (gone.status_code, gone.text) == (503, "the database is away\nbackend.email: active\n")
    # And what isn't there says what is
    other = httpx.get(f"{url}/")
    assert (other.status_code, other.text) == (404, "There are /metrics, /readyz.\n")


def test_an_address_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(OperatorError, match=rf"{listen} can't be used: .*FMN_METRICS_LISTEN"):
            open_socket(MetricsSettings(listen=listen))
