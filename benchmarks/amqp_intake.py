"""How many messages a second FMN takes from an AMQP queue into PostgreSQL, acknowledging what is committed.

Beside it, in the same run and from the same broker: the fedora-messaging library's own consumer, whose
callback does nothing. It's installed into an environment of its own, ``.venv-fedora-messaging``; where that
can't be done the comparison is left out. Private instances of RabbitMQ and of PostgreSQL, which waits for the
disk as it does by default, share this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import venv
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
import pika  # noqa: E402

from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.infra.logs import configure_logging  # noqa: E402
from fmn.settings import FedoraMessagingSettings, LogSettings, Settings, SpoolSettings  # noqa: E402
from fmn.sources.consumer import Consumer  # noqa: E402
from fmn.sources.fedora_messaging.source import FedoraMessagingSource  # noqa: E402
from tests.factories.databases import tables_in  # noqa: E402
from tests.servers.postgresql import PostgreSQL  # noqa: E402
from tests.servers.rabbitmq import RabbitMQ  # noqa: E402
from tests.servers.waiting import wait_until  # noqa: E402

MESSAGES = 10_000
#: Both consumers may have so many messages before they acknowledge any.
PREFETCH = 500
OURS, THEIRS = "fmn-benchmark", "library-benchmark"
LIBRARY = "fedora-messaging >=3.9, <4"
ENVIRONMENT = ROOT / ".venv-fedora-messaging"
#: Seconds for pip, and for a consumer.
INSTALL_TIMEOUT, PATIENCE = 240, 600.0
BODY = {"user": "alice", "update": {
    "alias": "FEDORA-2026-0123456789", "builds": [{"nvr": "kernel-6.9-1.fc44"}],
    "notes": "Some notes on what is new. " * 20}}


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES, help="default: %(default)s")
    number = parser.parse_args().messages
    configure_logging(LogSettings(level="warning"))
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="fmn-benchmark-")))
        directory.chmod(0o755)  # PostgreSQL runs as somebody else
        rabbitmq = RabbitMQ(directory / "rabbitmq")
        postgresql = PostgreSQL(directory / "postgresql", durable=True)
        for server in (rabbitmq, postgresql):
            server.launch()
        for server in (rabbitmq, postgresql):
            running.enter_context(server)
        measurements = list(_measure(rabbitmq, postgresql, directory, number))
    print_measurements(measurements)
    write("amqp_intake", measurements)
    return 0


def _measure(
    rabbitmq: RabbitMQ, postgresql: PostgreSQL, directory: Path, number: int,
) -> Iterator[Measurement]:
    publish(rabbitmq, number)
    url = postgresql.create_database()
    with tables_in(url) as database:
        ours = Measurement("FMN, committed and acknowledged", number / seconds_of_fmn(
            rabbitmq, database, directory, number), "messages/s")
    try:
        python = library_python()
    except (subprocess.SubprocessError, OSError) as error:
        print(f"The library isn't compared with: it can't be installed ({error}).")
        yield ours
        return
    seconds = seconds_of_library(python, rabbitmq, directory, number)
    theirs = Measurement("fedora-messaging's consumer, doing nothing", number / seconds, "messages/s")
    yield ours.compared_with(theirs)
    yield theirs


def publish(rabbitmq: RabbitMQ, number: int) -> None:
    """Put the same persistent messages into the queues of both consumers."""
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        channel = connection.channel()
        for queue in (OURS, THEIRS):
            channel.queue_declare(queue, durable=True)
            channel.queue_bind(queue, "amq.topic", "#")
        headers = {"fedora_messaging_schema": "base.message", "fedora_messaging_severity": 20,
                   "fedora_messaging_user_alice": True, "fedora_messaging_rpm_kernel": True,
                   "sent-at": datetime.now(UTC).isoformat(timespec="seconds")}
        for _ in range(number):
            channel.basic_publish(
                "amq.topic", "org.fedoraproject.prod.bodhi.update.comment", json.dumps(BODY).encode(),
                pika.BasicProperties(
                    content_type="application/json", content_encoding="utf-8", delivery_mode=2,
                    message_id=str(uuid.uuid4()), headers=headers))


def seconds_of_fmn(rabbitmq: RabbitMQ, database: Database, directory: Path, number: int) -> float:
    """Seconds from the first stored batch to the last, all of it committed and acknowledged."""
    settings = Settings(
        spool=SpoolSettings(directory=directory / "spool"),
        fedora_messaging=FedoraMessagingSettings(urls=(rabbitmq.url,), queue=OURS, prefetch=PREFETCH))
    began, ended, stored, stop = 0.0, 0.0, 0, threading.Event()

    def match(ids: list[int]) -> None:
        nonlocal began, ended, stored
        began, stored = began or time.monotonic(), stored + len(ids)
        if stored == number:
            ended = time.monotonic()

    source = FedoraMessagingSource.from_settings(settings)
    consumer = Consumer.from_settings(settings, [source], database, match)
    thread = threading.Thread(target=consumer.run, args=[stop])
    thread.start()
    try:
        wait_until(lambda: ended or not thread.is_alive(), PATIENCE, "FMN doesn't store everything")
    finally:
        stop.set()
        thread.join()
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        left = connection.channel().queue_declare(OURS, passive=True).method.message_count
    assert stored == number, f"{stored} of {number} messages are stored"
    assert not left, f"{left} messages aren't acknowledged"
    return ended - began


def library_python() -> Path:
    """The interpreter of the library's environment, made if it's missing."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "complete").exists():
        venv.create(ENVIRONMENT, symlinks=True, clear=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", python, "install", "--quiet",
             "--disable-pip-version-check", "--retries", "1", LIBRARY],
            check=True, timeout=INSTALL_TIMEOUT)
        (ENVIRONMENT / "complete").touch()
    return python


def seconds_of_library(python: Path, rabbitmq: RabbitMQ, directory: Path, number: int) -> float:
    """Seconds from the library's first message to its last."""
    config = directory / "library.toml"
    config.write_text(
        f'amqp_url = "{rabbitmq.url}"\n[qos]\nprefetch_size = 0\nprefetch_count = {PREFETCH}\n'
        '[log_config]\nversion = 1\ndisable_existing_loggers = true\n', encoding="utf-8")
    done = subprocess.run(
        [python, ROOT / "benchmarks" / "amqp_library_consumer.py", THEIRS, str(number)],
        env={**os.environ, "FEDORA_MESSAGING_CONF": str(config)}, cwd=directory, capture_output=True,
        text=True, check=False, timeout=PATIENCE)
    try:
        return float(done.stdout.split()[-1])
    except (IndexError, ValueError):
        raise RuntimeError(f"the library's consumer failed: {done.stderr[-2000:]}") from None


if __name__ == "__main__":
    sys.exit(main())
