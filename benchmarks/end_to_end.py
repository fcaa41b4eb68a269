"""How many messages a second become mails, and how long one takes, through all of FMN on real servers.

A consumer, two workers, two backends that share the mails (``fmn.delivery.partitions``; ``--backends 1`` has
one), and a scheduler; private instances of PostgreSQL (which waits for the
disk, as it does by default), RabbitMQ and Redis; a mail server that throws everything away. All of them,
and who publishes, share this machine. In the same run: what bare smtplib, and empty tasks of Dramatiq and of
Celery on the same RabbitMQ, reach (:mod:`benchmarks.baselines`). Two tables tell where the time of processors
goes: by process while messages flood in, and by step (:mod:`benchmarks.costs`).
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from sqlalchemy import text  # noqa: E402

from benchmarks.baselines import bare_smtplib, empty_tasks  # noqa: E402
from benchmarks.discarding_mail_server import Sink  # noqa: E402
from benchmarks.processor_times import ProcessorTimes, parent_of  # noqa: E402
from benchmarks.reporting import RESULTS, Measurement, print_measurements, print_table, read, write  # noqa: E402
from fmn.delivery.email.settings import EmailSettings  # noqa: E402
from fmn.filters.default_filters import default_filters  # noqa: E402
from fmn.filters.rule_types import rule_types  # noqa: E402
from tests.servers.postgresql import PostgreSQL  # noqa: E402
from tests.servers.rabbitmq import RabbitMQ  # noqa: E402
from tests.servers.redis import RedisServer  # noqa: E402
from tests.servers.waiting import wait_until  # noqa: E402
from tests.system.bus import Bus  # noqa: E402
from tests.system.events import Event, make_events  # noqa: E402
from tests.system.expectation import expect  # noqa: E402
from tests.system.installation import Installation, SharedServers  # noqa: E402
from tests.system.population import Crowd, make_crowd  # noqa: E402

PEOPLE = 500
#: Messages before anything is measured: connections get opened, indexes loaded.
WARM_UP = 100
#: Messages as fast as they can be published.
BURST = 3_000
#: Messages a second, and for how many seconds, when it's the time of each that counts.
TRICKLE, TRICKLE_SECONDS = 20, 40
PROCESSES = ("consumer", "worker-1", "worker-2", "backend", "scheduler")
#: Backends that share the mails: with one, what waits for the disk is what everything waits for.
BACKENDS = 2
#: As they are where nobody changes them: mails that a backend has in hand at once.
DEFAULTS = {"fmn.email.connections": EmailSettings().connections}
#: The steps of :mod:`benchmarks.costs`.
STEPS = ("message read and verified", "message stored", "message matched", "notification recorded",
         "notification mailed")
#: Seconds without any mail after which something is wrong.
PATIENCE = 60.0


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-steps", action="store_true", help="don't measure each step by itself")
    parser.add_argument(
        "--backends", type=int, default=BACKENDS, help="how many share the mails (%(default)s)")
    options = parser.parse_args()
    chance = random.Random(1)
    crowd = told_at_once(make_crowd(PEOPLE, chance))
    events = make_events(crowd, WARM_UP + BURST + TRICKLE * TRICKLE_SECONDS, chance)
    settings = {**DEFAULTS, "fmn.delivery.partitions": options.backends}
    with installed(crowd, settings, processes_with(options.backends)) as (installation, sink):
        measurements = list(_measure(installation, sink, crowd, events))
    with tempfile.TemporaryDirectory(prefix="fmn-benchmark-") as directory:
        baselines = list(_baselines(Path(directory)))
    smtplib_rate = baselines[0]
    measurements = [
        each.compared_with(smtplib_rate) if each.unit == smtplib_rate.unit else each for each in measurements]
    measurements += baselines
    print_measurements(measurements)
    write("end_to_end", measurements)
    if not options.without_steps:
        _print_steps()
    return 0


def _baselines(directory: Path) -> Iterator[Measurement]:
    """What other programs reach; bare smtplib comes first."""
    directory.chmod(0o755)
    with Sink() as sink:
        yield bare_smtplib(sink)
    with RabbitMQ(directory / "rabbitmq") as rabbitmq:
        yield from empty_tasks(directory, rabbitmq.url)


def _print_steps() -> None:
    """Print the processor time of each step, as :mod:`benchmarks.costs` measures it in one process."""
    subprocess.run([sys.executable, ROOT / "benchmarks" / "costs.py"], check=True, stdout=subprocess.DEVNULL)
    found = {each.name: each.value for each in read(RESULTS / "costs.json")}
    print()
    print_table(("step, in µs of a processor", "FMN", "PostgreSQL"), [
        (step, *(f"{found[f'{step}, {part}']:.0f}" for part in ("FMN", "PostgreSQL"))) for step in STEPS])


def told_at_once(crowd: Crowd) -> Crowd:
    """The same people, all with one address, the default filters and no digest."""
    default = default_filters(rule_types())
    return replace(crowd, people=[
        replace(person, confirmed=[f"{person.nick}@home.example.org"], unconfirmed=[], enabled=True,
                digest_count=None, digest_seconds=None, filters=default)
        for person in crowd.people
    ])


class PrivateServers(NamedTuple):
    """Servers of an installation, and the address of an empty database."""

    database_url: str
    rabbitmq: RabbitMQ
    redis: RedisServer


@contextmanager
def private_servers(directory: Path) -> Iterator[PrivateServers]:
    """Servers in a directory; PostgreSQL waits for its disk, as it does where it matters."""
    rabbitmq, redis = RabbitMQ(directory / "rabbitmq"), RedisServer(directory / "redis")
    postgresql = PostgreSQL(directory / "postgresql", durable=True)
    with ExitStack() as running:
        for server in (rabbitmq, redis, postgresql):
            server.launch()
        for server in (rabbitmq, redis, postgresql):
            running.enter_context(server)
        yield PrivateServers(postgresql.create_database(), rabbitmq, redis)


def processes_with(backends: int) -> Sequence[str]:
    """The processes of an installation with so many backends."""
    others = [name for name in PROCESSES if name != "backend"]
    return [*others, *(f"backend-{number}" for number in range(1, backends + 1))]


@contextmanager
def installed(
    crowd: Crowd, settings: Mapping[str, object] | None = None, processes: Sequence[str] = PROCESSES,
) -> Iterator[tuple[Installation, Sink]]:
    """An installation at work for a crowd, on servers of its own, and the mail server that it sends to.

    ``settings`` are what differs from those that tests use.
    """
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="fmn-benchmark-")))
        directory.chmod(0o755)  # PostgreSQL runs as somebody else
        servers = running.enter_context(private_servers(directory))
        sink = running.enter_context(Sink())
        bus = running.enter_context(Bus(directory, publishers=1))
        around = SharedServers(servers.database_url, servers.rabbitmq, servers.redis, sink)
        installation = Installation(
            directory, around, bus, crowd, {"fmn.spool.directory": directory / "spool", **(settings or {})})
        installation.prepare()
        running.enter_context(installation.running(*processes))
        bus.wait_for_listeners(1)
        yield installation, sink


def _measure(
    installation: Installation, sink: Sink, crowd: Crowd, events: Sequence[Event],
) -> Iterator[Measurement]:
    bus = installation.bus
    warm_up, flood, trickle = (
        events[:WARM_UP], events[WARM_UP:WARM_UP + BURST], events[WARM_UP + BURST:])
    mails = {name: len(expect(crowd, some, datetime.now(UTC)).told) for name, some in (
        ("warm-up", warm_up), ("flood", flood), ("trickle", trickle))}
    for event in warm_up:
        bus.send(*bus.sign(event.topic, event.msg))
    sink.take(mails["warm-up"], PATIENCE)
    wait_until(lambda: _has_shared_out(installation), PATIENCE, "the backends don't share the mails")

    signed = [bus.sign(event.topic, event.msg) for event in flood]
    times = ProcessorTimes(_pids(installation, sink))
    began = time.time()
    for msg_id, frames in signed:
        bus.send(msg_id, frames)
    took = sink.take(mails["flood"], PATIENCE)[-1].at - began
    yield Measurement("messages end to end", len(flood) / took, "messages/s")
    yield Measurement("mails end to end", mails["flood"] / took, "mails/s")
    for name, seconds in times.passed().items():
        yield Measurement(f"{name} in the flood, of a core", seconds / took, "")
        yield Measurement(f"{name} in the flood, for each mail", seconds / mails["flood"] * 1e6, "µs")

    published_at = dict(_published(bus, trickle))
    late = [arrival.at - published_at[arrival.token] for arrival in sink.take(mails["trickle"], PATIENCE)]
    cuts = statistics.quantiles(late, n=100)
    yield Measurement(f"from publish to SMTP at {TRICKLE} messages/s, median", cuts[49] * 1000, "ms")
    yield Measurement(f"from publish to SMTP at {TRICKLE} messages/s, 99th percentile", cuts[98] * 1000, "ms")


def _has_shared_out(installation: Installation) -> bool:
    """Whether each backend has partitions: it began with some, or the first handed over all but its own."""
    logs = [path.read_text() for path in installation.directory.glob("backend*.log")]
    return all("deliveries recorded" in log for log in logs) or (
        sum(log.count("partition handed over") for log in logs) >= len(logs) - 1)


def _pids(installation: Installation, sink: Sink) -> Mapping[str, int]:
    with installation.database.reading() as session:
        server_process = int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
    return {
        **{name: program.main for name, program in installation.supervisor.programs.items()},
        "PostgreSQL": parent_of(server_process), "RabbitMQ": installation.shared_servers.rabbitmq.pid,
        "mail server": sink.pid}


def _published(bus: Bus, events: Sequence[Event]) -> Iterator[tuple[str, float]]:
    """Publish at a steady pace; yields when each event was."""
    begin = time.monotonic()
    for number, event in enumerate(events):
        time.sleep(max(0.0, begin + number / TRICKLE - time.monotonic()))
        msg_id, frames = bus.sign(event.topic, event.msg)
        yield event.token, time.time()
        bus.send(msg_id, frames)


if __name__ == "__main__":
    sys.exit(main())
