"""Whether memory stays flat: a busy hour's messages through all of FMN in one run, and how long that takes.

More messages than a large project's bus has in a busy hour, of all event types of the catalogue, about 1,000
people and their packages; a consumer, two workers, a backend and a scheduler; private instances of
PostgreSQL, RabbitMQ and Redis; a mail server that throws everything away. Messages are published as fast as
FMN is done with them, so the hour takes some minutes, and so do the minutes that floods are told by. All of
it shares this machine.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from sqlalchemy import func, select  # noqa: E402

from benchmarks.end_to_end import PROCESSES, installed  # noqa: E402
from benchmarks.message_files import make_messages  # noqa: E402
from benchmarks.reporting import Measurement, figure, print_measurements, print_table, write  # noqa: E402
from fmn.catalog import Message, catalog  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.ledger.models import DeliveryState, StoredMessage  # noqa: E402
from fmn.settings import FloodSettings  # noqa: E402
from tests.system.installation import Installation  # noqa: E402
from tests.system.ledger import deliveries_by_state, wait_until_done, work_left  # noqa: E402
from tests.system.population import make_crowd  # noqa: E402
from tests.system.process_supervisor import children_of  # noqa: E402

PEOPLE = 1_000
#: Messages of the hour: 22 a second, all the time. Fedora's bus has less than half in most hours.
MESSAGES = 80_000
#: Messages that are published at once, and the work that may lie about before the next ones are.
CHUNK, AT_WORK = 200, 1_000
#: The usual limits of floods, in an hour that takes a tenth of one.
THROTTLING: Mapping[str, object] = {
    "fmn.flood.per_event": FloodSettings().per_event,
    "fmn.flood.per_preference": FloodSettings().per_preference,
    "fmn.flood.window_minutes": FloodSettings().window_minutes // 10,
    "fmn.flood.digest_minutes": FloodSettings().digest_minutes // 10,
}
#: Seconds between looks at how far FMN is.
LOOK_EVERY = 0.5
#: Parts of the hour after which memory is looked at, besides its end: at the first, connections are open and
#: indexes loaded; at the other, the first digests of floods have come.
MOMENTS: Mapping[str, float] = {"start": 0.1, "middle": 0.5}
#: What is more at the end than in the middle by less than that is flat.
FLAT = 1.05
#: Seconds without any end after which something is wrong.
PATIENCE = 600.0


class Memory(NamedTuple):
    """What a process and its children take, in MiB: with a share of what several have, and with all."""

    proportional: float
    resident: float


def main() -> int:
    """Measure, print and keep the figures; returns 1 if memory isn't flat."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=MESSAGES, help="how many; default: %(default)s")
    count = arguments.parse_args().messages
    chance = random.Random(1)
    crowd = make_crowd(PEOPLE, chance)
    nicks = [person.nick for person in crowd.people]
    messages = list(make_messages(catalog(), nicks, crowd.packages, count).values())
    with installed(crowd, THROTTLING) as (installation, _):
        began = time.monotonic()
        memory = dict(_published(installation, messages))
        _wait_for_room(installation.database, len(messages), at_work=0)
        took = time.monotonic() - began
        states = deliveries_by_state(installation.database)
        # What floods hold up comes when they're over.
        wait_until_done(installation.database, len(messages), PATIENCE)
        memory["end"] = _memories(installation, len(messages))
    mails = sum(number for (_, state, _), number in states.items() if state == DeliveryState.SENT)
    measurements = [
        Measurement("messages of a busy hour", len(messages) / took, "messages/s"),
        Measurement("mails of a busy hour", mails / took, "mails/s"),
        *(_growth(name, memory) for name in PROCESSES),
    ]
    print_table(
        ("PSS (RSS) in MiB", *memory),
        [(name, *(_shown(at[name]) for at in memory.values())) for name in PROCESSES])
    print()
    print_measurements(measurements)
    write("busy_hour", measurements)
    growing = [each.name for each in measurements if each.ratio is not None and each.ratio > FLAT]
    print(f"Memory grows: {', '.join(growing)}." if growing else "Memory is flat in every process.")
    return 1 if growing else 0


def _published(
    installation: Installation, messages: Sequence[Message],
) -> Iterator[tuple[str, Mapping[str, Memory]]]:
    """Publish all messages; yields what every process takes at each of the moments."""
    moments = {round(share * len(messages)): name for name, share in MOMENTS.items()}
    published = 0
    for first in range(0, len(messages), CHUNK):
        chunk = messages[first:first + CHUNK]
        for message in chunk:
            installation.bus.send(*installation.bus.sign(message.topic, message.body))
        published += len(chunk)
        _wait_for_room(installation.database, published, AT_WORK)
        for number in [number for number in moments if number <= published]:
            yield moments.pop(number), _memories(installation, published)


def _wait_for_room(database: Database, published: int, at_work: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while _at_work(database, published) > at_work:
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing comes to an end after {published} messages: {work_left(database)}")
        time.sleep(LOOK_EVERY)


def _memories(installation: Installation, published: int) -> Mapping[str, Memory]:
    memory = {name: _memory(installation.program(name).main) for name in PROCESSES}
    print(f"{published} messages:", *(f"{name} {_shown(memory[name])}" for name in PROCESSES), flush=True)
    return memory


def _at_work(database: Database, published: int) -> int:
    with database.reading() as session:
        stored = session.scalar(select(func.count()).select_from(StoredMessage)) or 0
    left = work_left(database)
    return published - stored + left.unmatched + left.unsent


def _memory(pid: int) -> Memory:
    """What a process takes with all below it."""
    parts = [_memory(child) for child in children_of(pid)]
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        sizes = {name: int(value.split()[0]) / 1024 for name, value in (line.split(":") for line in lines)}
        parts.append(Memory(sizes["Pss"], sizes["Rss"]))
    return Memory(sum(part.proportional for part in parts), sum(part.resident for part in parts))


def _growth(name: str, memory: Mapping[str, Mapping[str, Memory]]) -> Measurement:
    middle, end = (
        Measurement(f"memory of {name}, {moment}", memory[moment][name].proportional, "MiB")
        for moment in ("middle", "end"))
    return end.compared_with(middle)


def _shown(memory: Memory) -> str:
    return f"{figure(memory.proportional)} ({figure(memory.resident)})"


if __name__ == "__main__":
    sys.exit(main())
