from __future__ import annotations

import getpass
import os
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest
import zmq

from fmn.settings import PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.publisher import Publisher
from fmn.sources.fedmsg.signatures import SignatureVerifier
from fmn.sources.fedmsg.zmq_sockets import Context
from tests.servers.ports import free_port
from tests.vectors.signing import ALICE, SigningBus


@pytest.fixture
def context() -> Iterator[Context]:
    with zmq.Context() as context:
        yield context


def publisher(context: Context, **settings: Any) -> Publisher:
    defaults: dict[str, Any] = {"endpoint": "inproc://bus", "settle_seconds": 0.001}
    return Publisher(PublishSettings(**(defaults | settings)), context)


def test_a_body_has_what_fedmsg_sets(context: Context) -> None:
    before = int(time.time())
    with publisher(context) as bus:
        first, second = bus.publish("bodhi.update", {"n": 1}), bus.publish("bodhi.update", None)

    assert first["topic"] == "org.fedoraproject.dev.bodhi.update"
    assert (first["msg"], second["msg"]) == ({"n": 1}, None)
    assert (first["i"], second["i"]) == (1, 2)
    assert isinstance(first["timestamp"], int)
    assert before <= first["timestamp"] <= time.time()
    year, identifier = first["msg_id"].split("-", 1)
    assert datetime.now().astimezone().year - int(year) in {0, 1}
    assert str(uuid.UUID(identifier)) == identifier
    assert first["msg_id"] != second["msg_id"]
    assert first["username"] == getpass.getuser()
    assert "crypto" not in first


def test_what_may_be_sent_twice_keeps_its_id(context: Context) -> None:
    with publisher(context) as bus:
        assert [bus.publish("a.b", {}, "2026-of-ours")["msg_id"] for _ in range(2)] == ["2026-of-ours"] * 2


def test_an_account_without_a_name_is_a_number(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)

    with publisher(context) as bus:
        assert bus.publish("a.b", {})["username"] == "987654321"


@pytest.mark.parametrize(("event_topic", "topic"), [
    ("a.b", "io.pagure.prod.a.b"),
    ("io.pagure.stg.a.b", "io.pagure.stg.a.b"),
    ("io.pagureX.a", "io.pagure.prod.io.pagureX.a"),
])
def test_prefix_and_environment_come_first_unless_they_are_there(
        context: Context, event_topic: str, topic: str) -> None:
    with publisher(context, topic_prefix="io.pagure", environment="prod") as bus:
        assert bus.publish(event_topic, {})["topic"] == topic


def test_with_a_key_messages_are_signed(context: Context, signing_bus: SigningBus) -> None:
    certificate_file, key_file = signing_bus.alice_files
    with publisher(context, certificate_file=certificate_file, key_file=key_file) as bus:
        body = bus.publish("a.b", {9: "nine", 10: "ten"})

    assert SignatureVerifier(signing_bus.ca_file).verify(body) == ALICE


@pytest.mark.parametrize("field", ["certificate_file", "key_file"])
def test_certificate_and_key_go_together(context: Context, signing_bus: SigningBus, field: str) -> None:
    missing = {"certificate_file": "key_file", "key_file": "certificate_file"}[field]

    with pytest.raises(BusError, match=f"fmn.publish.{missing} is missing"):
        publisher(context, **{field: signing_bus.alice_files[0]})


def test_a_key_that_is_not_there_is_named(context: Context, tmp_path: Path) -> None:
    with pytest.raises(BusError, match=r"none\.crt: can't be read"):
        publisher(context, certificate_file=tmp_path / "none.crt", key_file=tmp_path / "none.key")


@pytest.mark.parametrize("msg", [object(), {1, 2}, float("nan"), {"a": [float("inf")]}, b"bytes"])
def test_what_is_no_json_is_not_published(context: Context, msg: object) -> None:
    with publisher(context) as bus:
        with pytest.raises(BusError, match="the message has no JSON form"):
            bus.publish("a.b", msg)
        assert bus.publish("a.b", {})["i"] == 1


@pytest.mark.parametrize("event_topic", ["", "a\0b", "a\nb", "a\ud800", "a" * 600])
def test_what_can_be_no_topic_is_not_published(context: Context, event_topic: str) -> None:
    with publisher(context) as bus, pytest.raises(BusError, match="can't be a topic"):
        bus.publish(event_topic, {})


def test_the_first_message_waits_until_listeners_have_subscribed(context: Context) -> None:
    settles = 1.0  # far more than sending takes, also beside a busy neighbour
    start = time.monotonic()
    with publisher(context, settle_seconds=settles) as bus:
        bus.publish("a.b", {})
        first = time.monotonic()
        bus.publish("a.b", {})
        second = time.monotonic()

    assert first - start >= settles
    assert second - first < settles


def test_an_address_that_is_taken_is_named() -> None:
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    with (
        Publisher(PublishSettings(endpoint=endpoint)),
        pytest.raises(BusError, match=f"can't bind {endpoint}: Address already in use"),
    ):
        Publisher(PublishSettings(endpoint=endpoint))


@pytest.mark.parametrize("mode", ["bind", "connect"])
def test_an_address_that_is_none_is_named(mode: Literal["bind", "connect"]) -> None:
    with pytest.raises(BusError, match=rf"fmn\.publish\.endpoint: can't {mode} nonsense: Invalid argument"):
        Publisher(PublishSettings(endpoint="nonsense", mode=mode))
