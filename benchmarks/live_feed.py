"""The live feed with thousands of readers at the same time, each a person with a stream of their own.

All are told something at the same moment, again and again: how long until it has come, and how much memory a
reader takes. Beside it runs a server that only hands on what it's told, from memory, with the same libraries.
The live feed looks every half a second; what comes after that is the time from the first reader to the last.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, update

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from benchmarks.stream_clients import Crowd  # noqa: E402
from fmn.infra.clock import utc_now  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.ledger.models import Stream, StreamEvent  # noqa: E402
from fmn.people.models import ApiToken, Preference, User  # noqa: E402
from tests.factories.databases import tables_in  # noqa: E402
from tests.servers.feed import FeedServer  # noqa: E402
from tests.servers.ports import free_port  # noqa: E402
from tests.servers.postgresql import PostgreSQL  # noqa: E402
from tests.servers.processes import Process  # noqa: E402
from tests.servers.server import Server  # noqa: E402
from webapp.stream.broadcaster import POLL_SECONDS  # noqa: E402

READERS = 2_000
ROUNDS = 10
#: Seconds that a round may take.
PATIENCE = 120.0
#: As long as an event usually is.
DATA = '{"summary":"' + "It happened. " * 75 + '"}'
MILLISECONDS = 1000

Tell = Callable[[int], Awaitable[float]]
Requests = Sequence[tuple[str, Mapping[str, str]]]


class Broadcast(Server):
    """``benchmarks/broadcast.py`` as a process."""

    def _launch(self) -> Process:
        command = [sys.executable, ROOT / "benchmarks" / "broadcast.py", str(self.port)]
        return Process([str(part) for part in command], log=self.directory / "log")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz").is_success
        except httpx.TransportError:
            return False


@dataclass(frozen=True)
class Taken:
    """What a server took: seconds until all were connected, MiB of memory, and of each round its seconds."""

    connecting: float
    memory: float
    latencies: Sequence[Sequence[float]]
    delivered: int

    @property
    def spans(self) -> Sequence[float]:
        """From the first reader to the last, of each round."""
        return [max(each) - min(each) for each in self.latencies]


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--readers", type=int, default=READERS, help="at the same time (%(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of telling all (%(default)s)")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        bare = _measure_broadcast(folder, options.readers, options.rounds)
        ours = _measure_feed(folder, options.readers, options.rounds)
    measurements = list(_figures(ours, bare, options.readers))
    print_measurements(measurements)
    print(f"\nKept in {write('live_feed', measurements)}")
    return 0


def _measure_broadcast(folder: Path, readers: int, rounds: int) -> Taken:
    with Broadcast(folder / "broadcast", free_port()) as server:
        async def tell(_number: int) -> float:
            async with httpx.AsyncClient() as client:
                await client.post(f"http://127.0.0.1:{server.port}/tell", content=DATA)
            return time.monotonic()

        return asyncio.run(_measure(server, [("/listen", {})] * readers, tell, rounds))


def _measure_feed(folder: Path, readers: int, rounds: int) -> Taken:
    with PostgreSQL(folder / "postgresql") as postgresql:
        url = postgresql.create_database()
        with tables_in(url) as database:
            _settle(database, readers)
            settings = {"fmn.web.secret": "of the benchmark", "fmn.sse.most_readers": str(readers)}
            with FeedServer(folder / "feed", url, settings) as server:
                async def tell(number: int) -> float:
                    return await asyncio.to_thread(_tell_all, database, readers, number)

                requests = [(f"/user/person{number}", {"Authorization": f"Bearer {_token(number)}"})
                            for number in range(1, readers + 1)]
                return asyncio.run(_measure(server, requests, tell, rounds))


def _settle(database: Database, readers: int) -> None:
    """People with a live feed and a token."""
    people = range(1, readers + 1)
    now = utc_now()
    with database.transaction() as session:
        session.execute(insert(User), [{"id": each, "nick": f"person{each}"} for each in people])
        session.execute(insert(Preference), [
            {"id": each, "user_id": each, "context": "sse"} for each in people])
        session.execute(insert(ApiToken), [
            {"user_id": each, "name": "listens", "scopes": ["read"], "last_used_at": now,
             "digest": sha256(_token(each).encode()).hexdigest()} for each in people])
        session.execute(insert(Stream), [{"preference_id": each} for each in people])


def _token(person: int) -> str:
    return f"fmn_{person}"


def _tell_all(database: Database, readers: int, number: int) -> float:
    """Append to all streams, so that all of it is there at the same moment; returns which."""
    with database.transaction() as session:
        session.execute(update(Stream).values(last_number=number))
        rows: list[dict[str, Any]] = [
            {"preference_id": each, "number": number, "delivery_key": f"{each}:{number}",
             "event_id": f"{each}:{number}", "data": DATA} for each in range(1, readers + 1)]
        session.execute(insert(StreamEvent), rows)
    return time.monotonic()


async def _measure(server: Server, requests: Requests, tell: Tell, rounds: int) -> Taken:
    before = _resident(server)
    started = time.monotonic()
    crowd = Crowd(server.port)
    await crowd.connect(requests)
    connecting = time.monotonic() - started
    memory = _resident(server) - before
    latencies = []
    for number in range(1, rounds + 1):
        # At any time between two looks.
        await asyncio.sleep(POLL_SECONDS * number / rounds)
        told = await tell(number)
        async with asyncio.timeout(PATIENCE):
            await crowd.has_got(number)
        latencies.append([each.arrivals[number - 1] - told for each in crowd.listeners])
    return Taken(connecting, memory, latencies, sum(len(each.arrivals) for each in crowd.listeners))


def _resident(server: Server) -> float:
    """Resident memory of a server's process, in MiB."""
    for line in Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the server has ended")


def _figures(ours: Taken, bare: Taken, readers: int) -> Iterator[Measurement]:
    for name, figure, unit in (
        ("connect all readers", lambda taken: taken.connecting, "s"),
        ("memory of a reader", lambda taken: taken.memory / readers * 1024, "KiB"),
        ("events delivered", lambda taken: taken.delivered, "events"),
        ("until an event has come, median", lambda taken: _percentile(taken, 50), "ms"),
        ("until an event has come, 99th percentile", lambda taken: _percentile(taken, 99), "ms"),
        ("from the first reader to the last, median",
         lambda taken: statistics.median(taken.spans) * MILLISECONDS, "ms"),
    ):
        other = Measurement(f"{name}, broadcast from memory", figure(bare), unit)
        yield other
        yield Measurement(f"{name}, {readers:,} readers", figure(ours), unit).compared_with(other)


def _percentile(taken: Taken, percent: int) -> float:
    every = [seconds for each in taken.latencies for seconds in each]
    return statistics.quantiles(every, n=100)[percent - 1] * MILLISECONDS


if __name__ == "__main__":
    sys.exit(main())
