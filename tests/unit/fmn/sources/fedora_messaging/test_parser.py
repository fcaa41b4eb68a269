from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog.message import FEDORA_MESSAGING, Message
from fmn.settings import BusSettings
from fmn.sources.fedora_messaging.parser import MAX_HEADERS, AmqpMessageParser, Delivery
from fmn.sources.rejection import MessageRejectedError, RejectionReason
from tests.factories.counters import counted

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
TOPIC = "org.fedoraproject.prod.copr.build.end"
PARSER = AmqpMessageParser(BusSettings(junk_suffixes=(".junk",), ignored_copr_owners=("mallory",)))


def delivery(body: object = None, topic: object = TOPIC, **fields: Any) -> Delivery:
    text = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    fields = {"message_id": "0b1fb5b1-6a5c-4d4c-8ad5-f8a7ad2f8b3b", "size": len(text), **fields}
    return Delivery(topic, text, **fields)


def parsed(body: object = None, topic: object = TOPIC, **fields: Any) -> Message:
    return PARSER.parse(delivery(body, topic, **fields), NOW)


def refused(body: object = None, topic: object = TOPIC, **fields: Any) -> RejectionReason:
    with pytest.raises(MessageRejectedError) as rejected:
        parsed(body, topic, **fields)
    return rejected.value.reason


def test_a_message_is_its_body_under_its_routing_key() -> None:
    message = parsed({"user": "alice"}, headers={
        "sent-at": "2026-02-03T04:00:00+01:00", "fedora_messaging_schema": "copr.build.v1",
        "fedora_messaging_severity": 20, "fedora_messaging_user_alice": True,
        "fedora_messaging_rpm_kernel": True, "fedora_messaging_schema_package": "copr_messaging",
        "x-received-from": [{"uri": "amqp://hub", "hops": 1}],
        "fedora_messaging_user_None": True, "fedora_messaging_group_infra": False, "x-death": []}, priority=3)
    assert message.topic == TOPIC
    assert message.body == {"user": "alice"}
    assert message.msg_id == "0b1fb5b1-6a5c-4d4c-8ad5-f8a7ad2f8b3b"
    assert message.sent_at == datetime(2026, 2, 3, 3, 0, tzinfo=UTC)
    assert (message.source, message.signer) == (FEDORA_MESSAGING, "")
    assert message.headers == {
        "sent-at": "2026-02-03T04:00:00+01:00", "fedora_messaging_schema": "copr.build.v1",
        "fedora_messaging_severity": 20, "priority": 3,
        "fedora_messaging_user_alice": True, "fedora_messaging_rpm_kernel": True}


@pytest.mark.parametrize(("sent_at", "meant"), [
    ("2026-02-03T04:00:00Z", datetime(2026, 2, 3, 4, 0, tzinfo=UTC)),
    ("2026-02-03T04:00:00", datetime(2026, 2, 3, 4, 0, tzinfo=UTC)),
    ("2026-02-03T04:00:00.5+00:00", datetime(2026, 2, 3, 4, 0, 0, 500_000, tzinfo=UTC)),
    ("1999-12-31T23:59:59Z", NOW), ("2026-02-05T00:00:00Z", NOW), ("yesterday", NOW), ("", NOW),
    ("0001-01-01T00:00:00+14:00", NOW), (1_700_000_000, NOW), ("1" * 10_000, NOW), (None, NOW),
])
def test_a_time_that_cant_be_right_is_the_time_of_receipt(sent_at: object, meant: datetime) -> None:
    assert parsed(headers={"sent-at": sent_at}).sent_at == meant


def test_a_message_without_an_id_has_the_same_one_when_it_comes_again() -> None:
    sent = {"sent-at": "2026-02-03T04:00:00Z"}
    first, again = (parsed({"n": 1}, message_id=None, headers=sent) for _ in "ab")
    assert first.msg_id == again.msg_id
    others = [
        parsed({"n": 2}, message_id=None, headers={"sent-at": "2026-02-03T04:00:00Z"}),
        parsed({"n": 1}, message_id="", headers={"sent-at": "2026-02-03T05:00:00Z"}),
        parsed({"n": 1}, TOPIC + "s", message_id=None, headers={"sent-at": "2026-02-03T04:00:00Z"})]
    assert len({first.msg_id, *(each.msg_id for each in others)}) == 4


@pytest.mark.parametrize(("reason", "fields"), [
    (RejectionReason.TOO_LARGE, {"size": 1_000_001}),
    (RejectionReason.NOT_JSON, {"body": b"{"}),
    (RejectionReason.NOT_JSON, {"body": b'{"n": ' + b"1" * 5_000 + b"}"}),
    (RejectionReason.NOT_UTF_8, {"body": b'{"name": "\xe9"}'}),
    (RejectionReason.NOT_UTF_8, {"body": b'{"name": "\xc3\xa9"}', "content_encoding": "ascii"}),
    (RejectionReason.NOT_AN_OBJECT, {"body": [1]}),
    (RejectionReason.TOO_DEEP, {"body": b'{"a":' + b"[" * 100_000}),
    (RejectionReason.UNKNOWN_ENCODING, {"content_encoding": "gzip"}),
    (RejectionReason.UNKNOWN_ENCODING, {"content_encoding": b"\xff"}),
    (RejectionReason.TOPIC_ENCODING, {"topic": b"\xff"}),
    (RejectionReason.BAD_TOPIC, {"topic": ""}),
    (RejectionReason.BAD_TOPIC, {"topic": "a\nb"}),
    (RejectionReason.BAD_MSG_ID, {"message_id": "a" * 201}),
    (RejectionReason.BAD_MSG_ID, {"message_id": "a\0"}),
    (RejectionReason.BAD_MSG_ID, {"message_id": b"\xff"}),
    (RejectionReason.BAD_PROPERTIES, {"readable": False}),
    (RejectionReason.JUNK, {"topic": TOPIC + ".junk"}),
    (RejectionReason.IGNORED_COPR_OWNER, {"body": {"owner": "mallory"}}),
])
def test_rejects_what_cant_be_read_or_isnt_wanted(reason: RejectionReason, fields: dict[str, Any]) -> None:
    assert refused(**fields) is reason


def test_what_is_too_large_is_not_even_decoded() -> None:
    assert refused(b"\xff", size=1_000_001) is RejectionReason.TOO_LARGE


def test_bodies_in_the_usual_encodings_are_read() -> None:
    for encoding in ("UTF-8", "", None):
        assert parsed('{"name": "é"}'.encode(), content_encoding=encoding).body == {"name": "é"}
    assert parsed('{"name": "é"}'.encode("latin-1"), content_encoding="iso-8859-1").body == {"name": "é"}


def test_replaces_what_databases_cant_store() -> None:
    before = counted("fmn_messages_repaired", reason="nul")
    assert parsed(b'{"a\\u0000": "\\ud800", "b": NaN, "c": 1e999}').body == {
        "a\ufffd": "\ufffd", "b": None, "c": None}
    assert counted("fmn_messages_repaired", reason="nul") == before + 1


def test_keeps_a_bounded_number_of_headers_of_bounded_length() -> None:
    many = {f"fedora_messaging_rpm_p{number}": True for number in range(10_000)}
    long = {f"fedora_messaging_rpm_{'x' * 300}": True, "fedora_messaging_schema": "s" * 300}
    assert parsed(headers=long).headers == {}
    assert len(parsed(headers=many).headers) == MAX_HEADERS


#: Anything that pika makes of an AMQP table.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.binary() | st.datetimes(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.binary(), inner), max_leaves=5)
NAMES = st.sampled_from([
    "fedora_messaging_schema", "fedora_messaging_severity", "priority", "sent-at", "x-received-from"]) | (
        st.text().map("fedora_messaging_user_{}".format)) | st.text() | st.binary()


@given(
    body=st.binary() | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(st.characters(categories=None)),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(categories=None)), inner),
        max_leaves=8).map(lambda value: json.dumps({"value": value}).encode()),
    topic=st.text() | st.binary(), headers=st.dictionaries(NAMES, VALUES), message_id=VALUES,
    content_encoding=st.sampled_from([None, "", "utf-8", "UTF8", "latin-1", "utf-16"]) | st.binary(),
    priority=VALUES)
def test_whatever_arrives_is_storable_or_rejected(
    body: bytes, topic: object, headers: dict[Any, Any], **fields: Any,
) -> None:
    with contextlib.suppress(MessageRejectedError):
        message = parsed(body, topic, headers=headers, **fields)
        assert 0 < len(message.msg_id) <= 200
        assert message.sent_at.tzinfo is UTC
        assert message.sent_at <= NOW + timedelta(days=1)
        assert len(message.headers) <= MAX_HEADERS
        assert message.topic.isprintable()
        for value in (message.body, dict(message.headers)):
            assert "\\u0000" not in json.dumps(value, allow_nan=False).replace("\\\\", "")


@given(st.dictionaries(st.text(), st.integers() | st.text()), st.text(min_size=1, max_size=100))
def test_a_valid_body_arrives_as_it_was_sent(body: dict[str, Any], name: str) -> None:
    message = parsed(body, headers={f"fedora_messaging_user_{name}": True})
    if not any("\0" in text for pair in body.items() for text in map(str, pair)):
        assert message.body == body
    kept = name.isprintable() and name != "None"
    assert (f"fedora_messaging_user_{name}" in message.headers) is kept
