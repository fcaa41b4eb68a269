"""Processes of an installation, asked how they are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pika
import pytest

from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.settings import CONFIG_VARIABLE
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.waiting import wait_until

#: Seconds that a process may take until it's ready, also where many others start.
SOON = 100
FMN = Path(sys.executable).parent / "fmn"


@dataclass(frozen=True)
class Observed:
    """A process that was told where to answer."""

    url: str
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> httpx.Response:
        """What it answers."""
        return httpx.get(f"{self.url}{path}", timeout=SOON)

    def is_ready(self) -> bool:
        """Whether it says that it lives and is ready."""
        try:
            return self.get("/livez").is_success and self.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def wait(self) -> None:
        """Wait until it's ready."""
        wait_until(lambda: self.is_ready() or self.process.poll() is not None, SOON, "a process isn't ready")
        assert self.process.poll() is None, "it ended"

    def says(self, *lines: str) -> bool:
        """Whether these are among its metrics."""
        return set(lines) <= set(self.get("/metrics").text.splitlines())


@contextmanager
def started(config: Path, *command: str) -> Iterator[Observed]:
    """A process of ``fmn``."""
    port = free_port()
    environ = {
        **os.environ, CONFIG_VARIABLE: str(config), "FMN_METRICS_LISTEN": f"127.0.0.1:{port}",
        "TMPDIR": str(config.parent)}
    log = config.parent / f"{command[0]}.log"
    with log.open("wb") as output, subprocess.Popen(
        [FMN, *command], env=environ, stdout=output, stderr=subprocess.STDOUT,
    ) as process:
        observed = Observed(f"http://127.0.0.1:{port}", process)
        try:
            yield observed
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SOON)


@pytest.fixture
def config(postgresql: PostgreSQL, rabbitmq: RabbitMQ, tmp_path: Path) -> Iterator[Path]:
    url = postgresql.create_database()
    database = Database(url)
    migrations.upgrade(database)
    database.close()
    path = tmp_path / "fmn.ini"
    path.write_text(
        f"[app:main]\nfmn.database.url = {url}\nfmn.broker.url = {rabbitmq.url.replace('%', '%%')}\n"
        "fmn.web.secret = of the tests\nfmn.log.format = json\n", encoding="utf-8")
    yield path
    postgresql.drop_database(url)


@pytest.mark.timeout(400)
def test_each_process_says_what_it_knows(config: Path) -> None:
    with ExitStack() as running:
        scheduler, worker, backend = (
            running.enter_context(started(config, *command)) for command in (
                ["scheduler"], ["worker", "--processes", "2"], ["backend", "email"]))
        for each in (scheduler, worker, backend):
            each.wait()
        # The scheduler that leads sees all of it
        wait_until(
            lambda: scheduler.says(
                "fmn_scheduler_leads 1.0", 'fmn_ledger_waiting{stage="match"} 0.0',
                'fmn_deliveries_in_state{context="email",state="due"} 0.0',
                'fmn_queue_processes{queue="match"} 2.0', 'fmn_queue_processes{queue="backend.email"} 1.0'),
            SOON, scheduler.get("/metrics").text)
        # A worker's processes are counted together, whichever of them answers
        wait_until(
            lambda: worker.says('fmn_tasks_running{queue="match"} 0.0') and "fmn_tasks_total" in
            worker.get("/metrics").text, SOON, worker.get("/metrics").text)
        # The one backend is the active one
        wait_until(lambda: "backend.email: active" in backend.get("/readyz").text, SOON, "nobody is active")
        assert "fmn_queue_served_timestamp_seconds" in backend.get("/metrics").text
    # What was counted together is gone, and all they logged is JSON, a line each
    assert not list(config.parent.glob("fmn-metrics-*"))
    for log in config.parent.glob("*.log"):
        assert all(line.startswith("{") for line in log.read_text().splitlines()), log.read_text()


@pytest.mark.timeout(400)
def test_a_consumer_is_ready_once_its_source_is_connected(config: Path, rabbitmq: RabbitMQ) -> None:
    # Given a queue that nobody has made yet
    broker = rabbitmq.url.replace("%", "%%")
    with config.open("a", encoding="utf-8") as file:
        file.write(f"fmn.fedora_messaging.urls = {broker}\nfmn.fedora_messaging.queue = observed\n"
                   "fmn.fedora_messaging.queue_declare = false\n")
    with started(config, "consumer", "fedora-messaging") as consumer:
        wait_until(lambda: answers(consumer), SOON, "it doesn't answer")
        wait_until(lambda: "no queue 'observed'" in consumer.get("/readyz").text, SOON, "it doesn't say why")
        assert consumer.get("/readyz").status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert consumer.get("/livez").is_success
        # When somebody makes it, then it's ready
        with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
            connection.channel().queue_declare("observed", durable=True)
            consumer.wait()
            assert consumer.says('fmn_source_connected{source="fedora-messaging"} 1.0')
            connection.channel().queue_delete("observed")
        wait_until(lambda: not consumer.get("/readyz").is_success, SOON, "it doesn't notice")


def answers(observed: Observed) -> bool:
    """Whether a process serves its endpoints."""
    try:
        observed.get("/livez")
    except httpx.TransportError:
        return False
    return True
