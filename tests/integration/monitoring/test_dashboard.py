"""The dashboard's questions, asked of a Prometheus that knows FMN's metrics, as Grafana asks them."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.conftest import started
from tests.servers.ports import free_port
from tests.servers.processes import Process
from tests.servers.prometheus import Prometheus
from tests.servers.waiting import wait_until

DASHBOARD = json.loads(
    (Path(__file__).parents[3] / "deploy/monitoring/dashboard.json").read_text(encoding="utf-8"))
TARGETS = [pytest.param(target, id=f"{panel['title']} {target['refId']}")
           for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]


#: Serves each of FMN's metrics, with every label. A process of its own: ours has those of other tests.
EXPORTER: Final = """
import sys, threading
from prometheus_client import Gauge, start_http_server
from prometheus_client.metrics import MetricWrapperBase
from fmn.infra import metrics
asked_for = {"queue": "backend.email", "stage": "match"}
for metric in vars(metrics).values():
    if isinstance(metric, MetricWrapperBase):
        names = metric._labelnames
        series = metric.labels(*(asked_for.get(name, f"some {name}") for name in names)) if names else metric
        if isinstance(series, Gauge):
            series.set(1)
start_http_server(int(sys.argv[1]), addr="127.0.0.1")
threading.Event().wait()
"""


@pytest.fixture(scope="module")
def prometheus(server_directory: Path) -> Iterator[Prometheus]:
    """One that has scraped all of that a few times."""
    port = free_port()
    exporter = Process([sys.executable, "-c", EXPORTER, str(port)], log=server_directory / "exporter.log")
    server = started(Prometheus(server_directory / "dashboard", f"127.0.0.1:{port}"))
    try:
        wait_until(lambda: ask(server, 'sum_over_time(up{job="fmn"}[1m]) > 2'), 60, "nothing is scraped")
        yield server
    finally:
        server.stop()
        exporter.kill()


def ask(prometheus: Prometheus, expression: str) -> list[dict[str, Any]]:
    """What Prometheus answers about the last minute."""
    now = time.time()
    answer = httpx.get(f"{prometheus.url}/api/v1/query_range", params={
        "query": expression, "start": now - 60, "end": now, "step": 1}).json()
    assert answer["status"] == "success", answer
    assert not answer.get("warnings"), answer
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_each_question_is_answered_with_what_its_legend_names(
    prometheus: Prometheus, target: dict[str, Any],
) -> None:
    series = ask(prometheus, target["expr"])

    assert series or "offset" in target["expr"]
    for name in re.findall(r"{{(\w+)}}", target["legendFormat"]):
        assert all(name in each["metric"] for each in series)
