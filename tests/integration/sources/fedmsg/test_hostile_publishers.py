"""What the worst publisher costs: the listener's memory stays bounded, and the other publishers are heard."""

from __future__ import annotations

import mmap
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from tests.vectors.signing import SigningBus

MEGABYTE = 1_000_000
#: What systemd gives a consumer, less what database and broker drivers take in a real one.
ADDRESS_SPACE_MEGABYTES = 1024
#: Peak of a listener that nobody attacks is about 60 MB.
MAX_RESIDENT_MEGABYTES = 256

#: Listens and reads as the consumer does, and tells what it took and the most memory that it had.
LISTENER = """
import resource, sys, threading
from collections import Counter
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.rejection import MessageRejectedError
from fmn.sources.fedmsg.subscriber import Subscriber
from fmn.settings import BusSettings
from pathlib import Path

authority, most, *endpoints = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (int(most), int(most)))
settings = BusSettings(endpoints=tuple(endpoints), ca_file=Path(authority))
message_parser, stop, counts = MessageParser.from_settings(settings), threading.Event(), Counter()
with Subscriber(settings.endpoints, settings.topics) as subscriber:
    for batch in subscriber.batches(stop, settings.batch_messages, settings.batch_milliseconds):
        for frames in batch:
            if frames[0] == b"hello":
                print("hello", frames[1].decode(), flush=True)
            elif frames[0] == b"end":
                stop.set()
            else:
                try:
                    message_parser.parse(frames)
                except MessageRejectedError as error:
                    counts[error.reason.value] += 1
        del batch, frames
status = Path("/proc/self/status").read_text()
peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
print("peak", int(peak) // 1000, dict(counts), flush=True)
"""


class Publisher:
    """Somebody on the bus who sends what they like."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        self._socket = context.socket(zmq.XPUB)
        self._socket.setsockopt(zmq.SNDHWM, 0)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.XPUB_VERBOSER, 1)
        self._socket.bind(self.endpoint)
        self.listeners = 0

    def send(self, *frames: bytes | memoryview) -> None:
        # Huge ones aren't copied, so that it's the listener whose memory counts.
        self._socket.send_multipart(frames, copy=False)

    def send_part(self, frame: bytes) -> None:
        """Send a frame that others follow."""
        self._socket.send(frame, zmq.SNDMORE)

    def is_heard(self) -> bool:
        while self._socket.poll(0):
            self.listeners += 1 if self._socket.recv().startswith(b"\x01") else -1
        return self.listeners > 0

    def close(self) -> None:
        self._socket.close()


class Listener:
    """The listener's process, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.lines: list[str] = []
        self._process = process
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.lines.extend(line.strip() for line in self._process.stdout)

    def hears(self, publisher: Publisher, name: str) -> None:
        """Wait until it hears a publisher, who says hello until it does."""
        def heard() -> bool:
            publisher.send(b"hello", name.encode())
            return f"hello {name}" in self.lines

        wait_until(heard, 30, f"{name} isn't heard: {self.lines[-5:]}")

    def peak(self) -> tuple[int, str]:
        """The most memory it had, in MB, and what was refused."""
        self._process.wait(30)
        self._thread.join()
        [line] = [line for line in self.lines if line.startswith("peak ")]
        print(line)  # noqa: T201  how much it was, beside a test that fails
        _, megabytes, refused = line.split(maxsplit=2)
        return int(megabytes), refused


@pytest.fixture
def publishers() -> Iterator[tuple[Publisher, Publisher]]:
    """An honest one and a hostile one."""
    with zmq.Context() as context:
        honest, hostile = Publisher(context), Publisher(context)
        yield honest, hostile
        honest.close()
        hostile.close()


@contextmanager
def listening(authority: Path, *publishers: Publisher) -> Iterator[Listener]:
    arguments = [str(authority), str(ADDRESS_SPACE_MEGABYTES * MEGABYTE)]
    with subprocess.Popen(
        [sys.executable, "-c", LISTENER, *arguments, *(each.endpoint for each in publishers)],
        stdout=subprocess.PIPE, text=True,
    ) as process:
        try:
            for each in publishers:
                wait_until(each.is_heard, 30, "nobody listens")
            yield Listener(process)
        finally:
            process.kill()


def unsigned(size: int) -> bytes:
    """A message of at most so many bytes that nobody signed, of what takes the most memory decoded."""
    head, tail = b'{"topic": "t", "msg": [', b"0]}"
    return head + b"{}," * ((size - len(head) - len(tail)) // 3) + tail


def test_unsigned_frames_of_ten_megabytes_take_no_memory_and_the_others_are_heard(
    publishers: tuple[Publisher, Publisher], signing_bus: SigningBus,
) -> None:
    honest, hostile = publishers
    frame = unsigned(10 * MEGABYTE)
    # Given a listener that hears both
    with listening(signing_bus.ca_file, honest, hostile) as listener:
        listener.hears(honest, "honest")
        listener.hears(hostile, "hostile")
        # When one sends frames that are ten times as large as a message may be
        for _ in range(30):
            hostile.send(b"t", frame)
        # Then the other one is heard, and so is this one once it behaves
        listener.hears(honest, "honest-meanwhile")
        listener.hears(hostile, "hostile-again")
        honest.send(b"end", b"")
        megabytes, _ = listener.peak()

    assert megabytes < MAX_RESIDENT_MEGABYTES


def test_a_frame_that_is_larger_than_the_memory_ends_nothing_but_its_connection(
    publishers: tuple[Publisher, Publisher], signing_bus: SigningBus,
) -> None:
    honest, hostile = publishers
    with listening(signing_bus.ca_file, honest, hostile) as listener, mmap.mmap(-1, 400 * MEGABYTE) as huge:
        listener.hears(hostile, "hostile")
        for number in range(3):
            hostile.send(b"t", memoryview(huge))
            listener.hears(hostile, f"hostile-{number}")
        listener.hears(honest, "honest")
        honest.send(b"end", b"")
        megabytes, _ = listener.peak()

    assert megabytes < MAX_RESIDENT_MEGABYTES


def test_unsigned_messages_of_the_largest_size_are_refused_a_few_at_a_time(
    publishers: tuple[Publisher, Publisher], signing_bus: SigningBus,
) -> None:
    honest, hostile = publishers
    frame = unsigned(MEGABYTE - 10)
    with listening(signing_bus.ca_file, honest, hostile) as listener:
        listener.hears(hostile, "hostile")
        for _ in range(300):
            hostile.send(b"t", frame)
        listener.hears(hostile, "after")
        hostile.send(b"end", b"")
        megabytes, refused = listener.peak()

    assert refused == "{'unsigned': 300}"
    assert megabytes < MAX_RESIDENT_MEGABYTES


def test_a_message_of_a_million_parts_is_one_message_of_too_many(
    publishers: tuple[Publisher, Publisher], signing_bus: SigningBus,
) -> None:
    honest, hostile = publishers
    with listening(signing_bus.ca_file, honest, hostile) as listener:
        listener.hears(hostile, "hostile")
        hostile.send(b"t", *[b""] * 1_000_000)
        listener.hears(hostile, "after")
        hostile.send(b"end", b"")
        megabytes, refused = listener.peak()

    assert refused == "{'frames': 1}"
    assert megabytes < MAX_RESIDENT_MEGABYTES
