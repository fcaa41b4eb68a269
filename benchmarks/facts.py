"""How long it takes to read a message's facts, beside parsing the same message as JSON.

Without a file the messages are the catalogue's examples, one of each event type.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import timeit
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks.message_files import read_messages  # noqa: E402
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.catalog import Message, catalog  # noqa: E402

#: Calls that are timed together, and how often; the best counts.
CALLS, ROUNDS = 50, 5
MICROSECONDS = 1e6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=Path, help="messages, one JSON object a line")
    options = parser.parse_args()
    messages = list(read_messages(options.messages).values()) if options.messages else list(_examples())
    measured = list(_measured(messages))
    print_measurements(measured)
    print(f"\n{len(messages)} messages. Kept in {write('facts', measured)}")
    return 0


def _examples() -> Iterator[Message]:
    return (event.example_message() for event in catalog().event_types())


def _measured(messages: Sequence[Message]) -> Iterator[Measurement]:
    texts = [json.dumps(message.body) for message in messages]
    parsing = [_seconds(partial(json.loads, text)) for text in texts]
    reading = [_seconds(partial(catalog().facts, message)) for message in messages]
    against = Measurement("parse a message as JSON, median", _median(parsing), "µs")
    yield against
    yield Measurement("read a message's facts, median", _median(reading), "µs").compared_with(against)
    yield Measurement("read a message's facts, slowest", max(reading) * MICROSECONDS, "µs")


def _seconds(work: Callable[[], object]) -> float:
    """Seconds that one call takes, at best."""
    return min(timeit.repeat(work, number=CALLS, repeat=ROUNDS)) / CALLS


def _median(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * MICROSECONDS


if __name__ == "__main__":
    sys.exit(main())
