"""A listener knows when it was cut off from a publisher, and tells when it's back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import zmq
from structlog.testing import LogCapture

from fmn.sources.fedmsg import publisher_connections
from fmn.sources.fedmsg.resolver import resolve_ipv4
from fmn.sources.fedmsg.subscriber import Subscriber
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until

Times = list[tuple[datetime, datetime]]


@contextmanager
def publisher(endpoint: str) -> Iterator[Callable[[], object]]:
    """A publisher at an address, until the end of the block; tells whether somebody listens."""
    with zmq.Context() as context, context.socket(zmq.XPUB) as socket:
        socket.bind(endpoint)
        yield lambda: socket.poll(0)


@contextmanager
def listening(
    endpoint: str, times: Times, lookup: Callable[[str], str | None] = resolve_ipv4,
) -> Iterator[None]:
    """A listener that notes when it was away."""
    stop = threading.Event()

    def run() -> None:
        with Subscriber(
            [endpoint], ["*"], lookup=lookup, on_gap=lambda *away: times.append(away),
        ) as subscriber:
            list(subscriber.batches(stop))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_publisher_that_is_lost_and_found_was_not_heard_meanwhile(log_output: LogCapture) -> None:
    endpoint, times = f"tcp://127.0.0.1:{free_port()}", Times()
    began = datetime.now(UTC)
    # Given a listener
    with listening(endpoint, times):
        with publisher(endpoint) as connected:
            wait_until(connected, 20, "nobody listens")
        wait_until(lambda: "publisher lost" in [each["event"] for each in log_output.entries], 20, "not lost")
        assert times == []
        # When the publisher is there again, then it tells since when it wasn't
        with publisher(endpoint):
            wait_until(lambda: times, 20, "the listener doesn't notice")
    [(since, until)] = times
    assert began < since < until


def test_a_publisher_with_a_name_is_found_again_each_time(log_output: LogCapture) -> None:
    port, times = free_port(), Times()
    # Given a listener that knows the publisher by its host's name
    with listening(f"tcp://localhost:{port}", times):
        for losses in range(1, 4):
            # When the publisher is there and goes, again and again
            with publisher(f"tcp://127.0.0.1:{port}") as connected:
                wait_until(connected, 20, "nobody listens")
            wait_until(lambda: _count(log_output, "publisher lost") == losses, 20, "not lost")  # noqa: B023
        with publisher(f"tcp://127.0.0.1:{port}"):
            # Then each time it wasn't there is told of
            wait_until(lambda: len(times) == 3, 20, f"only {times}")


def _count(output: LogCapture, event: str) -> int:
    return [each["event"] for each in output.entries].count(event)


def test_a_publisher_that_moved_is_found_where_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_connections, "RECONNECT_GRACE", timedelta())
    port, times, where = free_port(), Times(), {"hub": "127.0.0.1"}
    with listening(f"tcp://hub:{port}", times, lookup=where.get):
        with publisher(f"tcp://127.0.0.1:{port}") as connected:
            wait_until(connected, 20, "nobody listens")
        # When its host has another address
        where["hub"] = "127.0.0.2"
        with publisher(f"tcp://127.0.0.2:{port}") as connected:
            wait_until(connected, 20, "the listener doesn't follow")
            wait_until(lambda: times, 20, "the listener doesn't notice")


def test_a_publisher_that_is_there_late_was_not_heard_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_connections, "SETTLE_TIME", timedelta())
    endpoint, times = f"tcp://127.0.0.1:{free_port()}", Times()
    began = datetime.now(UTC)
    with listening(endpoint, times), publisher(endpoint):
        wait_until(lambda: times, 20, "the listener doesn't notice")
    [(since, until)] = times
    assert began < since < until


def test_a_publisher_that_was_always_there_is_not_spoken_of() -> None:
    endpoint, times = f"tcp://127.0.0.1:{free_port()}", Times()
    with publisher(endpoint) as connected, listening(endpoint, times):
        wait_until(connected, 20, "nobody listens")

    assert times == []


@pytest.fixture
def log_output() -> Iterator[LogCapture]:
    with structlog.testing.capture_logs() as entries:
        capture = LogCapture()
        capture.entries = entries
        yield capture
