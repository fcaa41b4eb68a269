from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from fmn.catalog.message import Message, content_id
from fmn.settings import BusSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.canonical import canonical_text
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedmsg.signatures import SignatureVerifier
from fmn.sources.fedmsg.wire_frames import encode_frames
from fmn.sources.rejection import MessageRejectedError, RejectionReason
from tests.vectors.json_values import nodes, values
from tests.vectors.signing import ALICE, SigningBus

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
TOPIC = "org.fedoraproject.prod.copr.build.end"
BODY: dict[str, Any] = {
    "topic": TOPIC,
    "msg": {"user": "alice", "copr": "tools", "build": 5, "chroots": ["rawhide", {"arch": "x86_64"}]},
    "timestamp": 1700000000.25,
    "msg_id": "2023-0b1fb5b1-6a5c-4d4c-8ad5-f8a7ad2f8b3b",
    "i": 1,
    "username": "copr",
}


def trusting(**settings: Any) -> MessageParser:
    """A message parser that doesn't ask for signatures."""
    return MessageParser(BusSettings(**settings), None, RoutingPolicy(), now=lambda: NOW)


def checking(bus: SigningBus, policy: RoutingPolicy | None = None, **settings: Any) -> MessageParser:
    return MessageParser(
        BusSettings(**settings), SignatureVerifier(bus.ca_file, bus.crl_file), policy or RoutingPolicy())


def frames_of(body: dict[str, Any]) -> list[bytes]:
    return [TOPIC.encode(), json.dumps(body).encode()]


def refused(message_parser: MessageParser, frames: list[bytes]) -> RejectionReason:
    with pytest.raises(MessageRejectedError) as rejected:
        message_parser.parse(frames)
    return rejected.value.reason


def assert_storable(message: Message) -> None:
    assert message.msg_id.isprintable()
    assert message.topic.isprintable()
    assert message.sent_at.tzinfo is UTC
    json.dumps(message.body, ensure_ascii=False, allow_nan=False).encode("utf-8")
    assert not any(isinstance(node, str) and "\0" in node for node in nodes(message.body))


def repair_count(reason: str) -> float:
    return REGISTRY.get_sample_value("fmn_messages_repaired_total", {"reason": reason}) or 0


class TestMessages:
    def test_a_signed_message_becomes_one_of_ours(self, signing_bus: SigningBus) -> None:
        message = checking(signing_bus).parse(encode_frames(signing_bus.alice.sign(BODY)))

        assert message == Message(
            msg_id=BODY["msg_id"], topic=TOPIC, body=BODY["msg"], signer=ALICE,
            sent_at=datetime(2023, 11, 14, 22, 13, 20, 250_000, tzinfo=UTC))
        assert message.category == "copr"

    def test_without_an_authority_nobody_is_the_signer(self, signing_bus: SigningBus) -> None:
        assert trusting().parse(encode_frames(signing_bus.mallory.sign(BODY))).signer == ""

    def test_what_a_relay_wrote_anew_is_the_same_message(self, signing_bus: SigningBus) -> None:
        # Given what a relay makes of it: other separators, other order, and maybe raw UTF-8
        signed = signing_bus.alice.sign(BODY | {"msg": {"é": "ü", "a": 1.0}})
        relayed = json.dumps(dict(reversed(signed.items())), ensure_ascii=False).encode()
        message_parser = checking(signing_bus)

        assert message_parser.parse([TOPIC.encode(), relayed]) == message_parser.parse(encode_frames(signed))

    def test_the_number_that_a_store_adds_does_not_count(self, signing_bus: SigningBus) -> None:
        signed = signing_bus.alice.sign(BODY)
        message_parser = checking(signing_bus)

        assert message_parser.parse(encode_frames(signed | {"seq_id": 17})) == message_parser.parse(
            encode_frames(signed))

    def test_an_imitation_is_refused(self, signing_bus: SigningBus) -> None:
        message_parser = checking(signing_bus)

        assert refused(message_parser, encode_frames(
            signing_bus.mallory.sign(BODY))) is RejectionReason.UNKNOWN_AUTHORITY
        assert refused(message_parser, encode_frames(BODY)) is RejectionReason.UNSIGNED

    def test_a_message_moved_to_another_topic_is_refused(self, signing_bus: SigningBus) -> None:
        _, body = encode_frames(signing_bus.alice.sign(BODY))

        assert refused(checking(signing_bus), [b"org.other", body]) is RejectionReason.ENVELOPE_MISMATCH

    def test_the_policy_is_asked_who_may_send_it(self, signing_bus: SigningBus) -> None:
        frames = encode_frames(signing_bus.alice.sign(BODY))

        policy = RoutingPolicy({TOPIC: [ALICE]}, nitpicky=True)
        assert checking(signing_bus, policy).parse(frames).signer == ALICE
        assert refused(
            checking(signing_bus, RoutingPolicy({TOPIC: ["bob"]})), frames) is RejectionReason.NOT_ALLOWED
        assert refused(
            checking(signing_bus, RoutingPolicy(nitpicky=True)), frames) is RejectionReason.NOT_ALLOWED

    def test_unwanted_messages_are_refused_before_their_signature_is_looked_at(
            self, signing_bus: SigningBus) -> None:
        forged = encode_frames(signing_bus.mallory.sign(BODY))

        assert refused(
            checking(signing_bus, topics=("io.pagure.*",)), forged) is RejectionReason.IGNORED_TOPIC
        assert refused(checking(signing_bus, junk_suffixes=("build.end",)), forged) is RejectionReason.JUNK
        assert refused(checking(signing_bus, ignored_copr_owners=("alice",)), forged) is (
            RejectionReason.IGNORED_COPR_OWNER)


    def test_every_recorded_message_is_taken(self, signing_bus: SigningBus, shared: Path) -> None:
        message_parser = checking(signing_bus)
        for line in (shared / "corpus/fedmsg-events.jsonl").read_text().splitlines():
            recorded = json.loads(line)["message"]
            message = message_parser.parse(encode_frames(signing_bus.alice.sign(recorded)))

            assert (message.topic, message.body) == (recorded["topic"], recorded["msg"])
            assert message.msg_id == recorded.get("msg_id", message.msg_id)


class TestFields:
    def test_only_topic_and_msg_are_needed(self) -> None:
        message = trusting().parse(encode_frames({"topic": TOPIC, "msg": None}))

        assert message.body is None
        assert message.sent_at == NOW
        assert message.msg_id.startswith("content-")

    def test_an_id_that_is_missing_is_made_of_what_is_signed(self, signing_bus: SigningBus) -> None:
        # Given the same message without an id, received from its publisher and from elsewhere
        body = {"topic": TOPIC, "msg": {"é": 1}}
        signed = signing_bus.alice.sign(body)
        elsewhere = signed | {"seq_id": 5, "signature": signed["signature"].replace("\n", "")}
        message_parser = checking(signing_bus)

        # Then it is one message
        assert message_parser.parse(encode_frames(signed)).msg_id == message_parser.parse(
            encode_frames(elsewhere)).msg_id
        assert trusting().parse(encode_frames(body)).msg_id == content_id(body)

    def test_msg_is_needed(self) -> None:
        assert refused(trusting(), encode_frames({"topic": TOPIC})) is RejectionReason.MISSING_MSG

    @pytest.mark.parametrize(
        "msg_id", [None, "", 5, ["a"], "a" * 201, "a\0b", "a\nb", "a\ud800", "\x7f", float("nan")])
    def test_an_id_is_short_and_printable(self, msg_id: Any) -> None:
        assert refused(trusting(), encode_frames(BODY | {"msg_id": msg_id})) is RejectionReason.BAD_MSG_ID

    def test_the_longest_id(self) -> None:
        assert trusting().parse(encode_frames(BODY | {"msg_id": "é" * 200})).msg_id == "é" * 200

    @pytest.mark.parametrize("timestamp", [
        None, "1700000000", True, [], {}, float("nan"), float("inf"), -1, -1e300, 10 ** 400, 1e300,
        3093527980800, 253402300799])
    def test_a_timestamp_is_a_number_that_makes_a_date(self, timestamp: Any) -> None:
        assert refused(
            trusting(), encode_frames(BODY | {"timestamp": timestamp})) is RejectionReason.BAD_TIMESTAMP

    @pytest.mark.parametrize("timestamp", [
        0, 946684799, NOW.timestamp() + 86_401, 253370764799])
    def test_what_was_sent_when_it_cannot_have_been_is_refused(self, timestamp: float) -> None:
        assert refused(
            trusting(), encode_frames(BODY | {"timestamp": timestamp})) is RejectionReason.BAD_TIMESTAMP

    @pytest.mark.parametrize("timestamp", [946684800, 1700000000, 1700000000.5, NOW.timestamp() + 86_400])
    def test_dates_can_be_shown_in_any_time_zone(self, timestamp: float) -> None:
        sent_at = trusting().parse(encode_frames(BODY | {"timestamp": timestamp})).sent_at

        assert sent_at.timestamp() == timestamp
        for hours in (-14, 14):
            assert sent_at.astimezone(timezone(timedelta(hours=hours))) == sent_at

    def test_topics_that_no_database_takes_are_refused(self) -> None:
        for topic in ("a\0b", "a" * 501, ""):
            assert refused(trusting(), encode_frames(BODY | {"topic": topic})) is RejectionReason.BAD_TOPIC


class TestRepairs:
    def test_what_cannot_be_stored_is_replaced_after_the_signature_was_checked(
            self, signing_bus: SigningBus) -> None:
        # Given an honest message with content that no database takes
        before = {reason: repair_count(reason) for reason in ("nul", "surrogate", "not-finite")}
        msg = {"nul\0": "a\0b", "half": "\ud800", "bad": [float("nan"), float("-inf")]}
        signed = signing_bus.alice.sign(BODY | {"msg": msg})

        # Then it's taken, less that content
        message = checking(signing_bus).parse(encode_frames(signed))
        assert message.body == {"nul\ufffd": "a\ufffdb", "half": "\ufffd", "bad": [None, None]}
        assert message.signer == ALICE

        # And counted once for each reason
        assert {reason: repair_count(reason) - count for reason, count in before.items()} == {
            "nul": 1, "surrogate": 1, "not-finite": 1}

    def test_infinity_is_replaced_also_where_it_is_spelled_as_a_number(self) -> None:
        frame = canonical_text(BODY | {"msg": [0.5]}).replace(b"0.5", b"1e999")

        assert trusting().parse([TOPIC.encode(), frame]).body == [None]

    def test_other_content_is_not_touched(self) -> None:
        before = [repair_count(reason) for reason in ("nul", "surrogate", "not-finite")]
        msg = ["\\u0000", "NaN", "\U0001f600", "Infinity", "\ufffd", 10 ** 400, 1e308]

        assert trusting().parse(encode_frames(BODY | {"msg": msg})).body == msg
        assert [repair_count(reason) for reason in ("nul", "surrogate", "not-finite")] == before


def places(body: Any) -> Iterator[tuple[str | int, ...]]:
    """The path to every node in ``body``."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, child in pairs:
        yield (key,)
        yield from ((key, *rest) for rest in places(child))


def replaced(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return changed


SIGNED_PLACES = [*places(BODY), ("crypto",), ("signature",), ("certificate",), ("seq_id",)]


class TestAnythingWhatsoever:
    @given(st.lists(st.binary(max_size=60), max_size=4) | st.lists(st.text(max_size=30).map(str.encode)))
    def test_frames_of_any_bytes(self, frames: list[bytes]) -> None:
        with contextlib.suppress(MessageRejectedError):
            assert_storable(trusting().parse(frames))

    @given(values)
    def test_bodies_of_any_json(self, body: Any) -> None:
        with contextlib.suppress(MessageRejectedError):
            assert_storable(trusting().parse([TOPIC.encode(), json.dumps(body).encode()]))

    @given(path=st.sampled_from([*places(BODY)]), value=values)
    def test_any_value_in_any_place(self, path: tuple[str | int, ...], value: Any) -> None:
        body = replaced(BODY, path, value)
        with contextlib.suppress(MessageRejectedError):
            assert_storable(trusting().parse(frames_of(body)))

    @given(path=st.sampled_from([*places(BODY)]), value=values)
    def test_any_value_in_any_place_well_signed(
            self, signing_bus: SigningBus, path: tuple[str | int, ...], value: Any) -> None:
        signed = signing_bus.alice.sign(replaced(BODY, path, value))
        with contextlib.suppress(MessageRejectedError):
            message = checking(signing_bus).parse(frames_of(signed))
            assert message.signer == ALICE
            assert_storable(message)

    @given(path=st.sampled_from(SIGNED_PLACES), value=values)
    def test_any_value_in_any_place_after_signing(
            self, signing_bus: SigningBus, path: tuple[str | int, ...], value: Any) -> None:
        signed = signing_bus.alice.sign(BODY)
        changed = replaced(signed, path, value)
        harmless = {"seq_id", "signature", "certificate"}
        try:
            message = checking(signing_bus).parse(frames_of(changed))
        except MessageRejectedError:
            return
        assert {key: child for key, child in changed.items() if key not in harmless} == {
            key: child for key, child in signed.items() if key not in harmless}
        assert_storable(message)

    @given(cut=st.integers(0, 3000), junk=st.binary(max_size=3))
    def test_a_damaged_body(self, signing_bus: SigningBus, cut: int, junk: bytes) -> None:
        topic, text = encode_frames(signing_bus.alice.sign(BODY))
        damaged = text[:cut] + junk + text[cut + len(junk):]
        with contextlib.suppress(MessageRejectedError):
            message = checking(signing_bus).parse([topic, damaged])
            assert (message.topic, message.body) == (TOPIC, BODY["msg"])

    def test_twenty_megabytes(self) -> None:
        huge = canonical_text(BODY | {"msg": "x" * 20_000_000})

        assert refused(trusting(), [TOPIC.encode(), huge]) is RejectionReason.TOO_LARGE

    def test_ten_thousand_levels(self) -> None:
        deep = canonical_text(BODY | {"msg": "deep"}).replace(b'"deep"', b"[" * 10_000 + b"]" * 10_000)

        assert refused(trusting(), [TOPIC.encode(), deep]) is RejectionReason.TOO_DEEP

    def test_many_empty_lists(self) -> None:
        wide = canonical_text(BODY | {"msg": [[]] * 300_000})

        assert len(trusting().parse([TOPIC.encode(), wide]).body) == 300_000


class TestSettings:
    def test_everything_is_built_from_settings(self, signing_bus: SigningBus, tmp_path: Path) -> None:
        policy_file = tmp_path / "policy.json"
        policy_file.write_text(json.dumps({TOPIC: ["bob"]}))
        settings = BusSettings(
            endpoints=("tcp://127.0.0.1:9940",), ca_file=signing_bus.ca_file, crl_file=signing_bus.crl_file,
            routing_policy_file=policy_file)
        message_parser = MessageParser.from_settings(settings)

        assert refused(message_parser, encode_frames(
            signing_bus.mallory.sign(BODY))) is RejectionReason.UNKNOWN_AUTHORITY
        assert refused(
            message_parser, encode_frames(signing_bus.alice.sign(BODY))) is RejectionReason.NOT_ALLOWED

    def test_a_nitpicky_policy_needs_no_file(self, signing_bus: SigningBus) -> None:
        message_parser = MessageParser.from_settings(
            BusSettings(ca_file=signing_bus.ca_file, routing_nitpicky=True))

        assert refused(
            message_parser, encode_frames(signing_bus.alice.sign(BODY))) is RejectionReason.NOT_ALLOWED

    def test_signatures_are_not_asked_for_where_the_settings_say_so(self) -> None:
        assert MessageParser.from_settings(BusSettings(validate_signatures=False)).parse(
            encode_frames(BODY)).signer == ""

    def test_signatures_cannot_be_checked_without_an_authority(self) -> None:
        with pytest.raises(BusError, match=r"fmn\.bus\.ca_file is missing"):
            MessageParser.from_settings(BusSettings())
