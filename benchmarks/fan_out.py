"""How fast one message becomes mails to 10,000 people, beside what the mail server takes from bare smtplib.

The backend claims the deliveries, puts them in words, formats and sends them, and records each in the ledger,
as it does in a process of its own. What it's held against has the same mails ready, and sends them with the
standard library over as many connections, which are kept open as well. They take turns, with mail servers
that take mails at once or think about each for a while, and with a Postfix where it's installed; all of them
throw the mails away. Beside the mails a second, the figures say how much time of a processor this process
took for each.

On PostgreSQL, with partitions of the channel's queue, two backends in processes of their own share the mails,
as RabbitMQ would give them out: all to one destination to the same process.
"""

from __future__ import annotations

import argparse
import logging
import smtplib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import structlog

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from sqlalchemy import select, update  # noqa: E402

from benchmarks.discarding_mail_server import Sink  # noqa: E402
from benchmarks.history_databases import databases, insert_all  # noqa: E402
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.catalog import catalog  # noqa: E402
from fmn.delivery.backend import Backend  # noqa: E402
from fmn.delivery.contract import RenderedDelivery  # noqa: E402
from fmn.delivery.email.channel import EmailChannel  # noqa: E402
from fmn.delivery.email.formatter import format_mail  # noqa: E402
from fmn.delivery.email.mail_options import MailOptions  # noqa: E402
from fmn.delivery.email.settings import EmailSettings  # noqa: E402
from fmn.delivery.rendering import render_deliveries  # noqa: E402
from fmn.delivery.retry import RetryPolicy  # noqa: E402
from fmn.delivery.signed_links import Links  # noqa: E402
from fmn.filters.expressions import Rule, expression_digest, expression_to_json  # noqa: E402
from fmn.filters.models import Filter, StoredExpression  # noqa: E402
from fmn.infra.backend_queues import by_partition  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.ledger.messages import store  # noqa: E402
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState, Notification, StoredMessage  # noqa: E402
from fmn.people.models import DetailValue, Preference, User  # noqa: E402
from fmn.settings import DeliverySettings  # noqa: E402
from tests.servers.postfix import Postfix  # noqa: E402
from tests.servers.processes import ServerMissingError  # noqa: E402

PEOPLE = 10_000
#: Times that each side sends all mails; the best counts, for whatever disturbs one only ever makes it slower.
ROUNDS = 2
#: Chunks that a backend delivers at once, unless it's told otherwise.
THREADS = 4
#: Milliseconds that the mail servers think about each mail. One that writes to a disk takes from two to ten.
THINKS = (0.0, 2.0, 5.0, 10.0)
#: Numbers of partitions, and backends that share more than one.
PARTITIONS = (1, 2, 4)
BACKENDS = 2
#: Seconds without any mail after which something is wrong.
PATIENCE = 60.0
#: The event: a build that many people watch.
EVENT = "koji_build_completed"
LINKS = Links("https://notifications.example.org", "a secret of the benchmark")

#: The backend of a process of its own.
_ours: Backend


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many get a mail")
    parser.add_argument("--thinks", type=float, nargs="+", default=THINKS, metavar="MS",
                        help="how long each of the mail servers thinks about a mail")
    parser.add_argument("--partitions", type=int, nargs="+", default=PARTITIONS, metavar="N",
                        help="numbers of partitions")
    options = parser.parse_args()
    # A process in production logs to a file; what it takes to write lines to a terminal isn't asked here.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    measurements = [
        measurement for name, database in databases()
        for measurement in _measure(name, database, options)]
    print_measurements(measurements)
    write("fan_out", measurements)
    return 0


def _measure(name: str, database: Database, options: argparse.Namespace) -> Iterator[Measurement]:
    _tell(database, options.people)
    # SQLite has one writer at a time, so several processes would gain nothing.
    partitions = (1,) if database.embedded else options.partitions
    for milliseconds in options.thinks:
        with Sink(milliseconds / 1000) as sink:
            taken = f"after {milliseconds:g} ms" if milliseconds else "at once"
            yield from _compared(
                database, sink.port, f"{name}, taken {taken}", partial(sink.take, options.people, PATIENCE),
                partitions)
    with tempfile.TemporaryDirectory(prefix="fmn-benchmark-") as directory:
        Path(directory).chmod(0o755)  # Postfix's processes are somebody else's
        try:
            with Discarding(Path(directory), next_port=0) as postfix:
                yield from _compared(database, postfix.port, f"{name}, Postfix", lambda: None, partitions)
        except (ServerMissingError, PermissionError) as error:
            print(f"Nothing measured with Postfix: {error}", file=sys.stderr)


class Discarding(Postfix):
    """A Postfix that throws away what it has taken, and written to its queue."""

    def _write(self) -> None:
        super()._write()
        with (self.directory / "main.cf").open("a") as settings:
            settings.write("default_transport = discard:\n")
        with (self.directory / "master.cf").open("a") as services:
            services.write("discard unix - - n - - discard\n")


def _compared(
    database: Database, port: int, where: str, hear: Callable[[], object], partitions: Sequence[int],
) -> Iterator[Measurement]:
    """How fast both sides are with a mail server; ``hear`` waits until it has told of every mail."""
    settings = EmailSettings(host="127.0.0.1", port=port, sender="fmn@example.org")
    mails = list(_mails(database, settings))
    bare: list[RateLimit] = []
    ours: defaultdict[int, list[RateLimit]] = defaultdict(list)
    with _delivering(database, settings, partitions) as deliver:
        for _ in range(ROUNDS):
            bare.append(_rate(len(mails), partial(_send, mails, settings)))
            hear()
            for count in partitions:
                ours[count].append(_rate(len(mails), partial(deliver, count)))
                hear()
                _forget(database)
    against = max(bare)
    rate = Measurement(f"bare smtplib beside {where}", against.mails, "mails/s")
    processor = Measurement(f"bare smtplib beside {where}, processor", against.processor, "µs/mail")
    yield from (rate, processor)
    for count in partitions:
        name = f"backend on {where}" if count == 1 else f"{BACKENDS} backends, {count} partitions, on {where}"
        best = max(ours[count])
        yield Measurement(name, best.mails, "mails/s").compared_with(rate)
        yield Measurement(f"{name}, processor", best.processor, "µs/mail").compared_with(processor)


class RateLimit(NamedTuple):
    """Mails a second, and the microseconds of a processor that who sent them took for each."""

    mails: float
    processor: float


def _rate(people: int, work: Callable[[], float]) -> RateLimit:
    """How fast all mails were taken and, by the backend, recorded.

    ``work`` returns the seconds of a processor that other processes took for it.
    """
    began, worked = time.perf_counter(), time.process_time()
    elsewhere = work()
    took, working = time.perf_counter() - began, time.process_time() - worked
    return RateLimit(people / took, (working + elsewhere) / people * 1e6)


def _tell(database: Database, people: int) -> None:
    """Decide that everybody is to be told of one message."""
    now = datetime.now(UTC)
    message = catalog().events_by_name[EVENT].example_message()
    facts = catalog().facts(message)
    rule = Rule.of(EVENT)
    numbers = range(1, people + 1)
    with database.transaction() as session:
        [message_id] = store(session, [message], now)
        session.execute(update(StoredMessage).values(
            matched_at=now, agent=facts.agent, usernames=sorted(facts.usernames),
            packages=sorted(map(str, facts.packages))))
        expression = StoredExpression(digest=expression_digest(rule), body=expression_to_json(rule))
        session.add(expression)
        session.flush()
        insert_all(session, User, [{"id": n, "nick": f"person{n:05}"} for n in numbers])
        insert_all(session, Preference, [{"id": n, "user_id": n, "context": "email"} for n in numbers])
        insert_all(session, DetailValue, [
            {"preference_id": n, "value": _address(n), "confirmed_at": now} for n in numbers])
        insert_all(session, Filter, [
            {"id": n, "preference_id": n, "position": 0, "expression_id": expression.id, "name": "Builds"}
            for n in numbers])
        insert_all(session, Notification, [
            {"id": n, "message_id": message_id, "preference_id": n, "filter_id": n, "batched": False}
            for n in numbers])
        insert_all(session, Delivery, [
            {"id": n, "key": f"single:{n}", "kind": DeliveryKind.SINGLE, "context": "email",
                "preference_id": n,
             "destination": _address(n), "notification_id": n, "created_at": now, "next_attempt_at": now}
            for n in numbers])


def _address(number: int) -> str:
    return f"person{number:05}@example.org"


def _mails(database: Database, settings: EmailSettings) -> Iterator[tuple[str, bytes]]:
    """To whom each mail goes, and the mail."""
    options = MailOptions(settings, LINKS, {})
    with database.reading() as session:
        for chunk in _chunks(session.scalars(select(Delivery.id).order_by(Delivery.id))):
            for one in render_deliveries(session, chunk, catalog().describe, datetime.now(UTC)):
                assert isinstance(one.rendered, RenderedDelivery)
                yield one.rendered.destination, format_mail(one.rendered, options).as_bytes()


def _send(mails: Sequence[tuple[str, bytes]], settings: EmailSettings) -> float:
    def send(share: Sequence[tuple[str, bytes]]) -> None:
        with smtplib.SMTP(settings.host, settings.port) as smtp:
            for recipient, content in share:
                smtp.sendmail(settings.sender, [recipient], content)

    with ThreadPoolExecutor(settings.connections) as pool:
        list(pool.map(send, [mails[first::settings.connections] for first in range(settings.connections)]))
    return 0.0


@contextmanager
def _delivering(
    database: Database, settings: EmailSettings, partitions: Sequence[int],
) -> Iterator[Callable[[int], float]]:
    """Delivers everything in so many partitions, by backends that run; returns what other processes took."""
    url = database.engine.url.render_as_string(hide_password=False)
    # Tasks are in the queues of their partitions before any backend sees them.
    destinations = _destinations(database)
    with ExitStack() as stack:
        backend = stack.enter_context(closing(_backend(database, settings)))
        # One process each, so that nobody takes another one's share.
        processes = [stack.enter_context(ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=_begin, initargs=(url, settings)))
            for _ in range(0 if database.embedded else BACKENDS)]
        for process in processes:
            process.submit(_deliver_elsewhere, []).result()
        chunks = list(_chunks(iter(destinations)))
        shares = {count: _shares(by_partition(destinations, count)) for count in partitions}

        def deliver(count: int) -> float:
            if count == 1:
                _deliver(backend, chunks)
                return 0.0
            running = [
                process.submit(_deliver_elsewhere, share)
                for process, share in zip(processes, shares[count], strict=True)]
            return sum(each.result() for each in running)

        yield deliver


def _shares(partitions: Mapping[int, Sequence[int]]) -> Sequence[Sequence[list[int]]]:
    """The chunks of each backend: of its partitions in turn, as the tasks of several queues come."""
    shares: list[list[list[int]]] = [[] for _ in range(BACKENDS)]
    for partition, ids in partitions.items():
        shares[partition % BACKENDS] += _chunks(iter(ids))
    return [sorted(share) for share in shares]


def _destinations(database: Database) -> Mapping[int, str]:
    with database.reading() as session:
        return {row[0]: row[1] for row in session.execute(
            select(Delivery.id, Delivery.destination).order_by(Delivery.id))}


def _backend(database: Database, settings: EmailSettings) -> Backend:
    channel = EmailChannel(settings, LINKS, {})
    return Backend(
        database, {"email": channel}, catalog().describe, retry=RetryPolicy(),
        claim_for=timedelta(seconds=DeliverySettings().claim_seconds))


def _deliver(backend: Backend, chunks: Sequence[list[int]]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda chunk: backend.deliver("email", chunk), chunks))


def _begin(url: str, settings: EmailSettings) -> None:
    """Begin a process of its own, whose backend lives as long as it."""
    global _ours  # noqa: PLW0603 - a process that is given work has no other place for it
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    _ours = _backend(Database(url), settings)


def _deliver_elsewhere(chunks: Sequence[list[int]]) -> float:
    """Deliver in a process of its own; returns the seconds of a processor that it took."""
    worked = time.process_time()
    _deliver(_ours, chunks)
    return time.process_time() - worked


def _forget(database: Database) -> None:
    """Let everything be to send again, once it's sure that it was sent."""
    with database.transaction() as session:
        assert set(session.scalars(select(Delivery.state))) == {DeliveryState.SENT}
        session.execute(update(Delivery).values(state=DeliveryState.WAITING, finished_at=None))


def _chunks(ids: Iterator[int]) -> Iterator[list[int]]:
    ids = iter(ids)
    while chunk := list(islice(ids, DeliverySettings().chunk)):
        yield chunk


if __name__ == "__main__":
    sys.exit(main())
