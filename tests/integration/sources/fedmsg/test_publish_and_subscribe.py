"""Publishers and a listener on real sockets."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
import zmq
from structlog.testing import capture_logs

from fmn.settings import BusSettings, PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.publisher import Publisher
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedmsg.signatures import SignatureVerifier
from fmn.sources.fedmsg.subscriber import Subscriber
from fmn.sources.fedmsg.wire_frames import encode_frames
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from tests.vectors.signing import ALICE, SigningBus

Frames = list[bytes]

#: Seconds that nothing here takes, not even beside a busy neighbour.
SOON = 20.0


def endpoint() -> str:
    return f"tcp://127.0.0.1:{free_port()}"


def publisher(address: str, **settings: Any) -> Publisher:
    return Publisher(PublishSettings(endpoint=address, settle_seconds=0.001, **settings))


class Listener:
    """A subscriber on a thread of its own, as in the consumer; remembers what came and when."""

    def __init__(self, endpoints: Sequence[str], topics: Sequence[str] = ("*",), **batching: int) -> None:
        self.batches: list[list[Frames]] = []
        self.stop = threading.Event()
        self._subscriber = Subscriber(endpoints, topics)
        self._batching = batching
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        for batch in self._subscriber.batches(self.stop, **self._batching):
            self.batches.append(batch)

    @property
    def messages(self) -> list[Frames]:
        return [message for batch in list(self.batches) for message in batch]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join()
        self._subscriber.close()


def wait_for_connection(listener: Listener, *publishers: Publisher) -> None:
    """Publish until something of each arrives: only then has the subscription got there."""
    def arrived() -> bool:
        for bus in publishers:
            bus.publish("test.hello", {"from": id(bus)})
        seen = {json.loads(body)["msg"].get("from") for _, body in listener.messages}
        return seen >= {id(bus) for bus in publishers}

    wait_until(arrived, 20, "a connection")


def connect(subscriber: Subscriber, bus: Publisher) -> None:
    """The same for a subscriber that has no thread."""
    def arrived() -> bool:
        bus.publish("test.hello", {})
        stop = threading.Event()
        threading.Timer(0.05, stop.set).start()
        return any(subscriber.batches(stop))

    wait_until(arrived, 20, "a connection")


def events(listener: Listener) -> list[Any]:
    """What the messages say that weren't sent to find out about the connection."""
    bodies = [json.loads(body) for _, body in listener.messages]
    return [body["msg"] for body in bodies if not body["topic"].endswith("test.hello")]


class TestDelivery:
    def test_a_message_arrives_as_it_was_published(self) -> None:
        address = endpoint()
        with publisher(address) as bus, Listener([address]) as listener:
            wait_for_connection(listener, bus)
            sent = bus.publish("bodhi.update.comment", {"text": "grün \U0001f4e6"})

            wait_until(lambda: events(listener), 10, "the message")
            topic, body = listener.messages[-1]

        assert topic == b"org.fedoraproject.dev.bodhi.update.comment"
        assert json.loads(body) == sent

    def test_several_publishers_are_heard(self) -> None:
        addresses = [endpoint() for _ in range(3)]
        buses = [publisher(address) for address in addresses]
        with Listener(addresses) as listener:
            wait_for_connection(listener, *buses)
            for number, bus in enumerate(buses):
                bus.publish("a.b", {"number": number})
            wait_until(lambda: len(events(listener)) == 3, 10, "three messages")
        for bus in buses:
            bus.close()

        assert sorted(event["number"] for event in events(listener)) == [0, 1, 2]

    def test_only_chosen_topics_arrive(self) -> None:
        address = endpoint()
        topics = ["org.fedoraproject.dev.bodhi.*", "org.fedoraproject.dev.test.*"]
        with publisher(address) as bus, Listener([address], topics) as listener:
            wait_for_connection(listener, bus)
            for topic in ("bodhi.update", "bodhiX.y", "git.receive", "bodhi.comment"):
                bus.publish(topic, {"topic": topic})
            wait_until(lambda: len(events(listener)) == 2, 10, "two messages")

        assert [event["topic"] for event in events(listener)] == ["bodhi.update", "bodhi.comment"]

    def test_a_burst_arrives_without_loss(self) -> None:
        address = endpoint()
        with publisher(address) as bus, Listener([address]) as listener:
            wait_for_connection(listener, bus)
            for number in range(10_000):
                bus.publish("a.b", {"number": number})
            wait_until(lambda: len(events(listener)) >= 10_000, 60, "the burst")

        assert [event["number"] for event in events(listener)] == list(range(10_000))
        assert max(map(len, listener.batches)) <= 100

    def test_a_burst_that_nobody_reads_for_a_while_waits(self) -> None:
        # Given a listener that has subscribed but is busy, as when the database is away
        address = endpoint()
        with publisher(address) as bus, Subscriber([address], ["*"]) as subscriber:
            connect(subscriber, bus)
            batches = subscriber.batches(threading.Event())

            # When more arrives than ZeroMQ would keep by default
            for number in range(5000):
                bus.publish("burst", {"number": number})

            # Then all of it is there afterwards
            numbers: list[int] = []
            while len(numbers) < 5000:
                bodies = [json.loads(body) for _, body in next(batches)]
                numbers += [body["msg"]["number"] for body in bodies if body["topic"].endswith("burst")]
        assert numbers == list(range(5000))

    def test_a_publisher_that_comes_back_is_heard_again(self) -> None:
        address = endpoint()
        with Listener([address]) as listener:
            with publisher(address) as bus:
                wait_for_connection(listener, bus)
            with publisher(address) as bus:
                wait_for_connection(listener, bus)
                bus.publish("a.b", {"again": True})
                wait_until(lambda: events(listener), 10, "the message")

        assert events(listener) == [{"again": True}]

    def test_a_publisher_that_starts_later_is_heard(self) -> None:
        address = endpoint()
        with Listener([address]) as listener, publisher(address) as bus:
            wait_for_connection(listener, bus)

    def test_a_publisher_may_connect_to_a_relay(self) -> None:
        # Given a relay, which binds a SUB socket and listens all the time
        with zmq.Context() as context, context.socket(zmq.SUB) as relay:
            relay.setsockopt(zmq.SUBSCRIBE, b"")
            port = relay.bind_to_random_port("tcp://127.0.0.1")
            with publisher(f"tcp://127.0.0.1:{port}", mode="connect") as bus:
                def arrived() -> bool:
                    bus.publish("a.b", {"n": 1})
                    return relay.poll(50) != 0

                wait_until(arrived, 20, "a message")
            topic, body = relay.recv_multipart()

        assert topic == b"org.fedoraproject.dev.a.b"
        assert json.loads(body)["msg"] == {"n": 1}


class TestBatches:
    @pytest.fixture
    def address(self) -> str:
        return endpoint()

    def test_a_batch_closes_when_it_is_full(self, address: str) -> None:
        with publisher(address) as bus, Listener([address], size=10, wait_milliseconds=60_000) as listener:
            def arrived() -> bool:
                bus.publish("a.b", {})
                return len(listener.batches) > 1  # the first one doesn't wait

            wait_until(arrived, 20, "a batch")

        assert len(listener.batches[1]) == 10

    def test_a_batch_closes_after_the_wait(self, address: str) -> None:
        with publisher(address) as bus, Listener([address], size=10_000, wait_milliseconds=20) as listener:
            wait_for_connection(listener, bus)
            before = time.monotonic()
            bus.publish("a.b", {})
            wait_until(lambda: events(listener), 10, "the message")
            took = time.monotonic() - before

        assert took < SOON
        assert all(listener.batches)

    def test_an_idle_bus_gives_nothing_but_stopping_is_noticed(self, address: str) -> None:
        with Listener([address]) as listener:
            before = time.monotonic()
        assert time.monotonic() - before < SOON
        assert listener.batches == []

    def test_a_message_that_comes_alone_does_not_wait_and_the_next_one_does_until_a_stop(
        self, address: str,
    ) -> None:
        with publisher(address) as bus, Subscriber([address], ["*"]) as subscriber:
            connect(subscriber, bus)
            stop = threading.Event()
            batches = subscriber.batches(stop, size=10_000, wait_milliseconds=60_000)
            before = time.monotonic()
            bus.publish("a.b", {})
            alone = next(batches)
            bus.publish("a.c", {})
            threading.Timer(0.1, stop.set).start()
            waiting = list(batches)

        assert time.monotonic() - before < SOON
        assert b"a.b" in b"".join(topic for topic, _ in alone)
        assert [topic for batch in waiting for topic, _ in batch] == [b"org.fedoraproject.dev.a.c"]


class TestEndpoints:
    def test_a_host_that_is_not_found_does_not_keep_others_from_being_heard(self) -> None:
        address = endpoint()
        addresses = ["tcp://hub.example.org:9940", address]
        with (
            capture_logs() as logs,
            publisher(address) as bus,
            Subscriber(addresses, ["*"], lookup=lambda _host: None) as subscriber,
        ):
            connect(subscriber, bus)
            wait_until(lambda: "bus host not found" in [entry["event"] for entry in logs], 10, "a warning")

    def test_a_name_is_connected_to_once_it_was_looked_up(self) -> None:
        port = free_port()
        with publisher(f"tcp://127.0.0.1:{port}") as bus, Listener([f"tcp://localhost:{port}"]) as listener:
            wait_for_connection(listener, bus)

    def test_what_is_no_address_is_refused(self) -> None:
        with pytest.raises(BusError, match="hub:9940 isn't an address"):
            Subscriber(["hub:9940"], ["*"])
        with pytest.raises(BusError, match="/x can't be connected to: File name too long"):
            Subscriber([f"ipc://{'/x' * 200}"], ["*"])


#: Run in a process of its own, as limits that were lowered can't be raised again. Prints the limit.
MANY_ENDPOINTS = """
import resource, sys
from fmn.sources.fedmsg.subscriber import Subscriber
resource.setrlimit(resource.RLIMIT_NOFILE, (200, int(sys.argv[1])))
with Subscriber([f"tcp://127.0.0.1:{port}" for port in range(20000, 20300)], ["*"]):
    print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


class TestOpenFiles:
    @staticmethod
    def run(hard_limit: int) -> str:
        command = [sys.executable, "-c", MANY_ENDPOINTS, str(hard_limit)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout

    def test_many_endpoints_may_be_connected_to(self) -> None:
        output = self.run(4096)

        assert int(output.splitlines()[-1]) >= 300
        assert "open files limited" not in output

    def test_a_limit_that_cannot_be_raised_is_warned_of(self) -> None:
        output = self.run(250)

        assert output.splitlines()[-1] == "250"
        assert "open files limited" in output


class TestSignedMessages:
    @pytest.fixture
    def message_parser(self, signing_bus: SigningBus) -> MessageParser:
        return MessageParser(
            BusSettings(), SignatureVerifier(signing_bus.ca_file, signing_bus.crl_file), RoutingPolicy())

    @pytest.fixture
    def relay(self) -> Iterator[tuple[str, str]]:
        """The addresses of something that forwards as fedmsg's relay does: it writes each body anew."""
        inbound, outbound = endpoint(), endpoint()
        stop = threading.Event()

        def run() -> None:
            with zmq.Context() as context, context.socket(zmq.PUB) as out:
                out.bind(outbound)
                with Subscriber([inbound], ["*"], context) as subscriber:
                    for batch in subscriber.batches(stop):
                        for topic, body in batch:
                            unsorted = dict(reversed(json.loads(body).items()))
                            out.send_multipart([topic, json.dumps(unsorted).encode()])

        thread = threading.Thread(target=run)
        thread.start()
        yield inbound, outbound
        stop.set()
        thread.join()

    def test_what_we_publish_we_accept(self, signing_bus: SigningBus, message_parser: MessageParser) -> None:
        address = endpoint()
        certificate_file, key_file = signing_bus.alice_files
        settings = {"certificate_file": certificate_file, "key_file": key_file}
        with publisher(address, **settings) as bus, Listener([address]) as listener:
            wait_for_connection(listener, bus)
            messages = [message_parser.parse(frames) for frames in listener.messages]

        assert {message.signer for message in messages} == {ALICE}

    def test_what_a_relay_has_written_anew_we_accept(
            self, signing_bus: SigningBus, message_parser: MessageParser, relay: tuple[str, str]) -> None:
        inbound, outbound = relay
        certificate_file, key_file = signing_bus.alice_files
        settings = {"certificate_file": certificate_file, "key_file": key_file}
        with publisher(inbound, **settings) as bus, Listener([outbound]) as listener:
            wait_for_connection(listener, bus)
            frames = listener.messages[0]

        assert frames != encode_frames(json.loads(frames[1]))
        assert message_parser.parse(frames).signer == ALICE

    def test_what_a_foreign_publisher_sends_in_raw_utf_8_we_accept(self) -> None:
        directory = Path(__file__).parents[3] / "vectors/signed"
        lines = map(json.loads, (directory / "vectors.jsonl").read_text().splitlines())
        vector = next(line for line in lines if line["name"] == "unicode-raw")
        frames = [frame.encode() for frame in vector["frames"]]
        address = endpoint()
        with zmq.Context() as context, context.socket(zmq.PUB) as foreign, Listener([address]) as listener:
            foreign.bind(address)

            def arrived() -> bool:
                foreign.send_multipart(frames)
                return bool(listener.messages)

            wait_until(arrived, 20, "a message")

        message_parser = MessageParser(
            BusSettings(), SignatureVerifier(directory / "ca.pem"), RoutingPolicy())
        message = message_parser.parse(listener.messages[0])
        assert message.body["ä"] == "grün"
