"""FMN and the library that the buses are made of: each hears what the other says, and neither a forgery."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from fmn.catalog.message import Message
from fmn.settings import BusSettings
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.subscriber import Subscriber
from fmn.sources.rejection import MessageRejectedError, RejectionReason
from tests.conftest import IN_CI
from tests.peers.library import INSTALL_TIMEOUT, IndexUnreachableError, Peer, Tail, environment_in
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from tests.vectors.certificates import CertificateAuthority

#: Seconds: the index may be slow when the library is installed.
pytestmark = pytest.mark.timeout(INSTALL_TIMEOUT + 60)

FMN: Final = Path(sys.executable).with_name("fmn")
CONFIG: Final = Path(__file__).parents[2] / "development.ini"
#: The services on this bus, and what is wrong with their certificates.
ALICE, BOB, GONE, LATE, EARLY, STRANGER = (
    f"{name}-app01.example.org" for name in ("alice", "bob", "gone", "late", "early", "alice-stranger"))
#: What only Bob may say.
BOBS_TOPIC: Final = "org.fedoraproject.dev.bob.secret"

ODD: Final[dict[str, Any]] = {
    "letters": 'grün \U0001f4e6 \u2028 \x7f \\ " / \t\n\r\b\f',
    "numbers": [0, -1, 2**70, 1.0, -0.0, 0.1, 1e-5, 1e16, 1e-7, 123456789.123456789],
    "é": {"10": 1, "9": 2, "Z": 3, "a": 4, "": 5, "\U0001f4e6": 6, "\ufffd": 7},
    "nothing": [None, True, False, {}, [], ""],
    "bidi": "\u202egnp.exe\u202c", "zero": "\0", "surrogate": "\ud800",
}


@dataclass(frozen=True)
class Case:
    """What the library publishes, and why FMN refuses it, if it does."""

    name: str
    refused: RejectionReason | None = None
    certname: str = ALICE
    topic: str = "alice.baked"
    forgery: str = ""


CASES: Final = (
    Case("plain"),
    Case("odd"),
    Case("bobs", certname=BOB, topic="bob.secret"),
    Case("alices-in-bobs-name", RejectionReason.NOT_ALLOWED, topic="bob.secret"),
    Case("revoked", RejectionReason.REVOKED, GONE),
    Case("expired", RejectionReason.CERTIFICATE_EXPIRED, LATE),
    Case("not-yet", RejectionReason.CERTIFICATE_NOT_YET_VALID, EARLY),
    Case("of-another-authority", RejectionReason.UNKNOWN_AUTHORITY, STRANGER),
    Case("unsigned", RejectionReason.UNSIGNED, forgery="unsigned"),
    Case("without-certificate", RejectionReason.BAD_CERTIFICATE, forgery="without_certificate"),
    Case("gpg", RejectionReason.BACKEND_NOT_ALLOWED, forgery="by_another_way"),
    Case("changed", RejectionReason.BAD_SIGNATURE, forgery="changed"),
    Case("redated", RejectionReason.BAD_SIGNATURE, forgery="redated"),
    Case("renamed", RejectionReason.BAD_SIGNATURE, forgery="renamed"),
    Case("added", RejectionReason.BAD_SIGNATURE, forgery="added"),
    Case("moved", RejectionReason.ENVELOPE_MISMATCH, forgery="moved"),
)

#: What ``fmn publish`` is told to sign and send: whose certificate, the topic, and whether it counts.
PUBLISHED: Final = (
    ("fmn-plain", ALICE, "alice.baked", True), ("fmn-odd", ALICE, "alice.baked", True),
    ("fmn-bobs", BOB, "bob.secret", True), ("fmn-in-bobs-name", ALICE, "bob.secret", False),
    ("fmn-revoked", GONE, "alice.baked", False), ("fmn-of-another-authority", STRANGER, "alice.baked", False),
)


class Bus:
    """Certificates of every kind, and an address for each publisher."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file, self.crl_file, self.policy_file = (
            folder / name for name in ("ca.crt", "crl.pem", "policy.json"))
        authority = CertificateAuthority()
        past, future = datetime(2021, 1, 1, tzinfo=UTC), datetime(2059, 1, 1, tzinfo=UTC)
        issued = {
            ALICE: authority.issue(ALICE), BOB: authority.issue(BOB), GONE: authority.issue(GONE),
            LATE: authority.issue(LATE, until=past), EARLY: authority.issue(EARLY, since=future),
            STRANGER: CertificateAuthority().issue(ALICE)}
        for name, credentials in issued.items():
            credentials.save(folder, name)
        self.ca_file.write_bytes(authority.pem)
        self.crl_file.write_bytes(
            authority.revocations(issued[GONE].certificate).public_bytes(Encoding.PEM))
        self.policy = {BOBS_TOPIC: [BOB]}
        self.policy_file.write_text(json.dumps(self.policy), encoding="utf-8")
        self.librarys, *self.ours = (f"tcp://127.0.0.1:{free_port()}" for _ in range(1 + len(PUBLISHED)))

    def settings(self) -> BusSettings:
        return BusSettings(
            endpoints=(self.librarys,), ca_file=self.ca_file, crl_file=self.crl_file,
            routing_policy_file=self.policy_file)

    def config(self) -> dict[str, Any]:
        """The same as the library wants it."""
        return {
            "name": "alice.here", "endpoints": {"alice.here": [self.librarys], "fmn.here": self.ours},
            "sign_messages": True, "validate_signatures": True, "crypto_validate_backends": ["x509"],
            "ssldir": str(self.folder), "ca_cert_location": str(self.ca_file),
            "crl_location": str(self.crl_file), "certnames": {"alice.here": ALICE},
            "routing_policy": self.policy, "post_init_sleep": 0}


class Intaken:
    """What FMN makes of what comes over a bus, on a thread as in the consumer."""

    def __init__(self, settings: BusSettings) -> None:
        self.taken: dict[str, Message] = {}
        self.refused: dict[str, RejectionReason] = {}
        self._message_parser, self._stop = MessageParser.from_settings(settings), threading.Event()
        self._subscriber = Subscriber(settings.endpoints, settings.topics)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for batch in self._subscriber.batches(self._stop):
            for frames in batch:
                case = json.loads(frames[1])["msg"]["case"]
                try:
                    self.taken[case] = self._message_parser.parse(frames)
                except MessageRejectedError as error:
                    self.refused[case] = error.reason

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._subscriber.close()


@dataclass(frozen=True)
class Heard:
    """What became of the cases, at FMN and at the library."""

    fmn: Intaken
    tail: Counter[str]


@pytest.fixture(scope="module")
def programs(request: pytest.FixtureRequest) -> Path:
    """The library's programs. Skips where the package index isn't reached; in CI it must be."""
    assert request.config.cache is not None
    try:
        return environment_in(request.config.cache)
    except IndexUnreachableError as error:
        if IN_CI:
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Bus:
    return Bus(tmp_path_factory.mktemp("peers"))


@pytest.fixture(scope="module")
def peer(programs: Path, bus: Bus) -> Peer:
    return Peer(programs, bus.folder, bus.config())


@pytest.fixture(scope="module")
def tail(peer: Peer) -> Iterator[Tail]:
    with closing(peer.tail()) as tail:
        yield tail


@pytest.fixture(scope="module")
def heard(peer: Peer, bus: Bus, tail: Tail) -> Iterator[Heard]:
    """Both have listened to the library while it published all cases."""
    with closing(Intaken(bus.settings())) as fmn, closing(peer.publisher()) as orders:
        def both(case: str) -> bool:
            orders.give(ALICE, "alice.hello", {"case": case})
            return case in fmn.taken and case in tail.taken()

        wait_until(lambda: both("hello"), 60, "a connection")
        for case in CASES:
            msg = {"case": case.name, "agent": "alice", "odd": ODD if case.name == "odd" else {}}
            orders.give(case.certname, case.topic, msg, forgery=case.forgery)
        orders.give(ALICE, "alice.baked", {"case": "led-astray"}, frame=BOBS_TOPIC)
        # One connection keeps its order: what comes before this has come.
        wait_until(lambda: both("bye"), 60, "the last message")
        yield Heard(fmn, tail.taken())


@pytest.mark.parametrize("case", [case for case in CASES if case.refused is None], ids=lambda case: case.name)
def test_fmn_takes_what_the_library_publishes(heard: Heard, case: Case) -> None:
    message = heard.fmn.taken[case.name]

    assert (message.signer, message.topic) == (case.certname, f"org.fedoraproject.dev.{case.topic}")
    assert heard.tail[case.name] == 1


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=lambda case: case.name)
def test_fmn_refuses_what_the_library_refuses(heard: Heard, case: Case) -> None:
    assert heard.fmn.refused[case.name] == case.refused
    assert case.name not in heard.fmn.taken
    assert heard.tail[case.name] == 0


def test_fmn_refuses_what_is_led_to_another_subscription_which_the_library_takes(heard: Heard) -> None:
    # Given what Alice signed for her topic, and somebody sent again to those who listen to Bob's
    # Then FMN took it once: the library looks at what a message says of itself, not at where it arrived
    assert heard.fmn.taken["led-astray"].topic == "org.fedoraproject.dev.alice.baked"
    assert heard.fmn.refused["led-astray"] == RejectionReason.ENVELOPE_MISMATCH
    assert heard.tail["led-astray"] == 2


def test_the_library_takes_what_fmn_publishes_and_none_of_its_forgeries(
    heard: Heard, bus: Bus, tail: Tail,
) -> None:
    # When all of it is published side by side, each from its own address
    refused = tail.refused()
    with ThreadPoolExecutor(len(PUBLISHED)) as pool:
        list(pool.map(lambda number: publish(bus, number), range(len(PUBLISHED))))
    # Then the library takes what is in order, and says no to all the rest
    good = {case for case, _, _, counts in PUBLISHED if counts}
    wait_until(lambda: good <= set(tail.taken()), 60, "what fmn published")
    wait_until(lambda: tail.refused() - refused == len(PUBLISHED) - len(good), 60, "refusals")
    assert [tail.taken()[case] for case, _, _, counts in PUBLISHED] == [counts for *_, counts in PUBLISHED]


def publish(bus: Bus, number: int) -> None:
    """Publish one of :data:`PUBLISHED`, as one does in a terminal."""
    case, certname, topic, _ = PUBLISHED[number]
    msg = json.dumps({"case": case, "odd": ODD if case == "fmn-odd" else {}})
    settings = {
        "FMN_PUBLISH_ENDPOINT": bus.ours[number], "FMN_PUBLISH_TOPIC_PREFIX": "org.fedoraproject",
        "FMN_PUBLISH_ENVIRONMENT": "dev", "FMN_PUBLISH_CERTIFICATE_FILE": str(bus.folder / f"{certname}.crt"),
        "FMN_PUBLISH_KEY_FILE": str(bus.folder / f"{certname}.key")}
    # The library looks for a publisher once a second at worst.
    subprocess.run([FMN, "--config", CONFIG, "publish", "--wait", "3", topic, "-"], input=msg, text=True,
                   check=True, capture_output=True, env={**os.environ, **settings})
