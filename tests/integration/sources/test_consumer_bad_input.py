"""Whatever somebody puts on the bus: the consumer stays up, counts it under a reason, and takes the rest."""

from __future__ import annotations

import json
import math
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.directory import open_directory
from fmn.filters.rule_types import rule_types
from fmn.infra import metrics
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.matching.batch_matcher import BatchMatcher
from fmn.settings import AutocreateSettings, BusSettings, DirectorySettings, FloodSettings
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.subscriber import Subscriber
from fmn.sources.rejection import RejectionReason
from tests.factories.consumers import fedmsg_consumer
from tests.factories.matching import match
from tests.hypothesis_profiles import scaled
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.vectors.json_values import objects, values

TOPIC = "org.fedoraproject.prod.bodhi.update.comment"
TOPICS = sorted(event.example_message().topic for event in catalog().event_types())
#: Seconds until a message is in the ledger, on a machine that has other things to do.
ARRIVES = 20.0
#: Each search sends three messages for each example, over a real socket into a real database.
SEARCH = settings(
    max_examples=scaled(100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

#: The fields that a message may have: those that are signed, and those that say who signed.
SIGNED_FIELDS = ("msg", "msg_id", "timestamp", "i", "username", "headers", "source_name", "source_version")
FIELDS = (*SIGNED_FIELDS, "topic", "crypto", "signature", "certificate")

Frames = list[bytes]


@dataclass
class Running:
    """A consumer at work, and the bus it listens to."""

    bus: Bus
    database: Database
    thread: threading.Thread
    ids: list[int] = field(default_factory=list)

    def good(self) -> str:
        """Publish a message that nobody could object to; returns its id."""
        msg_id, frames = self.bus.sign(TOPIC, {"agent": "alice"})
        self.bus.carry(frames)
        return msg_id

    def outcomes_of(self, *bad: Frames) -> Counter[str]:
        """What becomes of messages that come between two good ones, which have to be taken."""
        before, first = counted(), self.good()
        for frames in bad:
            self.bus.carry(frames)
        last = self.good()
        wait_until(lambda: self.has(last), ARRIVES, "the good message after it isn't taken")
        assert self.has(first)
        assert self.thread.is_alive()
        wait_until(lambda: (counted() - before).total() >= len(bad) + 2, ARRIVES, "it isn't counted")
        outcomes = counted() - before
        outcomes["stored"] -= 2
        return +outcomes

    def has(self, msg_id: str) -> bool:
        return self.body(msg_id) is not MISSING

    def body(self, msg_id: str) -> Any:
        with self.database.transaction() as session:
            found = session.scalars(select(StoredMessage).where(StoredMessage.msg_id == msg_id)).one_or_none()
        return MISSING if found is None else found.body


MISSING = object()


def counted() -> Counter[str]:
    """How many messages were stored, known already, or refused for which reason, by the metrics."""
    counts: Counter[str] = Counter()
    for metric, what in ((metrics.messages_rejected, ""), (metrics.messages_stored, "stored"),
                         (metrics.messages_known, "known")):
        for sample in next(iter(metric.collect())).samples:
            if sample.name.endswith("_total"):
                counts[what or sample.labels["reason"]] += round(sample.value)
    return counts


@pytest.fixture
def running(database: Database, tmp_path: Path) -> Iterator[Running]:
    with Bus(tmp_path, publishers=1) as bus, consuming(bus, database) as consumer:
        bus.wait_for_listeners(1)
        yield consumer


@contextmanager
def consuming(bus: Bus, database: Database) -> Iterator[Running]:
    stop = threading.Event()
    how = BusSettings(endpoints=tuple(bus.endpoints), ca_file=bus.authority, crl_file=bus.revocations,
                      batch_milliseconds=1)
    with Subscriber(how.endpoints, how.topics) as subscriber:
        ids: list[int] = []
        consumer = fedmsg_consumer(
            subscriber, MessageParser.from_settings(how), database, ids.extend, batch_milliseconds=1)
        thread = threading.Thread(target=consumer.run, args=[stop], daemon=True)
        thread.start()
        yield Running(bus, database, thread, ids)
        stop.set()
        thread.join(ARRIVES)
        assert not thread.is_alive()


def body(**fields: Any) -> Mapping[str, Any]:
    """The body of a message that is right but for these fields."""
    now, msg_id = int(time.time()), f"2026-{uuid.uuid4()}"
    return {"topic": TOPIC, "msg": {}, "msg_id": msg_id, "timestamp": now, "i": 1, **fields}


def unsigned(**fields: Any) -> Frames:
    return [TOPIC.encode(), json.dumps(body(**fields)).encode()]


#: What isn't even decoded without: it looks signed.
SIGNED = b'"signature"'

#: What is wrong, and what it is counted under. ``None`` stands for a field that is missing.
WRONG: Mapping[str, tuple[Frames, RejectionReason]] = {
    "no frame": ([b""], RejectionReason.FRAMES),
    "one frame": ([TOPIC.encode() + b"\0{}"], RejectionReason.FRAMES),
    "three frames": ([*unsigned(), b""], RejectionReason.FRAMES),
    "no JSON": ([TOPIC.encode(), SIGNED + b"{'topic': 1}"], RejectionReason.NOT_JSON),
    "no body": ([TOPIC.encode(), b""], RejectionReason.UNSIGNED),
    "1.5 MB": ([TOPIC.encode(), b'{"topic": "' + b"x" * 1_500_000 + b'"}'], RejectionReason.TOO_LARGE),
    "10,000 levels of lists": (
        [TOPIC.encode(), b"[" * 10_000 + SIGNED + b"]" * 10_000], RejectionReason.TOO_DEEP),
    "10,000 levels in a message": (
        [TOPIC.encode(), json.dumps(body(msg=0)).encode().replace(
            b'"msg": 0', b'"msg": ' + b'{"signature":' * 10_000 + b"1" + b"}" * 10_000)],
            RejectionReason.TOO_DEEP),
    "a number of 10,000 digits": (
        [TOPIC.encode(), b'{"signature": ' + b"9" * 10_000 + b"}"], RejectionReason.NOT_JSON),
    "invalid UTF-8 in the topic": ([b"org.\xff", b"{}"], RejectionReason.TOPIC_ENCODING),
    "invalid UTF-8 in the body": ([TOPIC.encode(), b'{"signature": "\xff"}'], RejectionReason.NOT_UTF_8),
    "NUL in the topic": ([b"org.\0", b"{}"], RejectionReason.BAD_TOPIC),
    "a list": ([TOPIC.encode(), b"[" + SIGNED + b"]"], RejectionReason.NOT_AN_OBJECT),
    "no topic in the body": ([TOPIC.encode(), b"{" + SIGNED + b": 1}"], RejectionReason.MISSING_TOPIC),
    "another topic in the body": (
        unsigned(topic=f"{TOPIC}.more", signature=""), RejectionReason.ENVELOPE_MISMATCH),
    "a topic that is a number": (unsigned(topic=1, signature=""), RejectionReason.ENVELOPE_MISMATCH),
    "no signature": (unsigned(), RejectionReason.UNSIGNED),
    "a signature that is a number": (
        unsigned(signature=1, certificate="x"), RejectionReason.BAD_SIGNATURE_ENCODING),
    "a certificate that is a list": (unsigned(signature="", certificate=[]), RejectionReason.BAD_CERTIFICATE),
    "a certificate that isn't one": (
        unsigned(signature="", certificate="eA=="), RejectionReason.BAD_CERTIFICATE),
    "another way to sign": (unsigned(signature="", crypto="gpg"), RejectionReason.BACKEND_NOT_ALLOWED),
}

#: Signed by somebody we trust, and still no message.
SIGNED_AND_WRONG: Mapping[str, tuple[Mapping[str, Any], RejectionReason]] = {
    "msg_id is a number": ({"msg_id": 1}, RejectionReason.BAD_MSG_ID),
    "msg_id is empty": ({"msg_id": ""}, RejectionReason.BAD_MSG_ID),
    "msg_id is null": ({"msg_id": None}, RejectionReason.BAD_MSG_ID),
    "msg_id has NUL": ({"msg_id": "2026-\0"}, RejectionReason.BAD_MSG_ID),
    "msg_id is half a character": ({"msg_id": "2026-\ud800"}, RejectionReason.BAD_MSG_ID),
    "msg_id is long": ({"msg_id": "2" * 10_000}, RejectionReason.BAD_MSG_ID),
    "sent in the year 99999": ({"timestamp": 3093527980800}, RejectionReason.BAD_TIMESTAMP),
    "sent before 1970": ({"timestamp": -1}, RejectionReason.BAD_TIMESTAMP),
    "sent at NaN": ({"timestamp": math.nan}, RejectionReason.BAD_TIMESTAMP),
    "sent at infinity": ({"timestamp": math.inf}, RejectionReason.BAD_TIMESTAMP),
    "sent at a text": ({"timestamp": "yesterday"}, RejectionReason.BAD_TIMESTAMP),
    "sent true": ({"timestamp": True}, RejectionReason.BAD_TIMESTAMP),
}


def test_each_bad_message_is_counted_under_its_reason(running: Running) -> None:
    for name, (frames, reason) in WRONG.items():
        assert running.outcomes_of(frames) == {reason.value: 1}, name


def test_what_is_signed_and_makes_no_sense_is_counted_under_its_reason(running: Running) -> None:
    for name, (fields, reason) in SIGNED_AND_WRONG.items():
        assert running.outcomes_of(running.bus.signed(body(**fields))) == {reason.value: 1}, name
    without_msg = {key: value for key, value in body().items() if key != "msg"}
    assert running.outcomes_of(running.bus.signed(without_msg)) == {RejectionReason.MISSING_MSG.value: 1}


@pytest.mark.dialects
def test_a_message_that_comes_again_is_taken_once(running: Running) -> None:
    frames = running.bus.signed(body(msg_id="2026-again"))

    assert running.outcomes_of(frames) == {"stored": 1}
    assert running.outcomes_of(frames, frames) == {"known": 2}


def test_what_databases_cannot_keep_is_replaced_and_the_rest_kept(running: Running) -> None:
    awkward = {"nul": "a\0b", "half": "\ud800", "nan": math.nan, "many": 1e999, "key\0": ["\udfff\ud800"]}

    outcomes = running.outcomes_of(running.bus.signed(body(msg_id="2026-awkward", msg=awkward)))

    assert outcomes == {"stored": 1}
    assert running.body("2026-awkward") == {
        "nul": "a\ufffdb", "half": "\ufffd", "nan": None, "many": None, "key\ufffd": ["\ufffd\ufffd"]}


@SEARCH
@given(frames=st.lists(st.binary(max_size=60) | st.sampled_from([TOPIC.encode(), b"{}", b"null"]), min_size=1,
                       max_size=4))
def test_any_bytes_are_survived(running: Running, frames: Frames) -> None:
    assert running.outcomes_of(frames).total() == 1


@SEARCH
@given(data=st.data())
def test_a_damaged_message_is_survived(running: Running, data: st.DataObject) -> None:
    topic, text = running.bus.signed(body())
    place = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:place] + data.draw(st.binary(max_size=3)) + text[place + data.draw(st.integers(0, 50)):]

    assert running.outcomes_of([topic, damaged]).total() == 1


@SEARCH
@given(fields=st.dictionaries(st.sampled_from(FIELDS), values))
def test_wrong_types_everywhere_are_survived_unsigned(running: Running, fields: Mapping[str, Any]) -> None:
    frames = [TOPIC.encode(), json.dumps({**body(), **fields}).encode()]

    assert running.outcomes_of(frames).total() == 1


@SEARCH
@given(fields=st.dictionaries(st.sampled_from(SIGNED_FIELDS), values))
def test_wrong_types_everywhere_are_survived_signed(running: Running, fields: Mapping[str, Any]) -> None:
    assert running.outcomes_of(running.bus.signed({**body(), **fields})).total() == 1


@SEARCH
@given(topic=st.sampled_from(TOPICS), msg=values | objects)
def test_any_content_is_taken_and_matched(running: Running, topic: str, msg: Any) -> None:
    # Given a message of a kind that we know, with anything in it, signed by somebody we trust
    msg_id, frames = running.bus.sign(topic, msg)
    running.ids.clear()

    # When it comes, then it is in the ledger, and a worker can match it
    assert running.outcomes_of(frames) == {"stored": 1}
    wait_until(lambda: len(running.ids) == 3, ARRIVES, "they aren't sent to be matched")
    matcher = BatchMatcher(
        running.database, catalog(), rule_types(), open_directory(DirectorySettings(), MemoryCache()),
        AutocreateSettings(), FloodSettings())
    match(matcher, list(running.ids))
    with running.database.transaction() as session:
        stored = session.scalars(select(StoredMessage).where(StoredMessage.msg_id == msg_id)).one()
    assert stored.matched_at is not None
