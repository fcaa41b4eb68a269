"""Publishing over AMQP, to a real RabbitMQ."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pika
import pytest
from click.testing import CliRunner
from sqlalchemy import update

from fmn.catalog import Message
from fmn.cli.publish import publish
from fmn.config_check.publishing import check_amqp
from fmn.filters.editing import edit_filter, remove_filter
from fmn.infra.db import Database
from fmn.people.models import AnnouncedRevision
from fmn.scheduler.announcer import Announcer
from fmn.settings import FedoraMessagingSettings, PublishSettings, Settings
from fmn.settings.check_results import Level
from fmn.sources.errors import BusError
from fmn.sources.fedora_messaging.publisher import MAX_NAMES, AmqpPublisher, message_properties
from tests.factories.amqp import AmqpSite
from tests.factories.people import make_person
from tests.servers.ports import free_port
from tests.servers.rabbitmq import RabbitMQ

#: No broker to receive from.
NO_OTHER = FedoraMessagingSettings()
TOPIC = "org.fedoraproject.dev.bodhi.update.comment"


class Reader:
    """A queue that gets everything from an exchange."""

    def __init__(self, url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self._connection.channel()
        self.queue = self.channel.queue_declare("", exclusive=True).method.queue
        self.channel.queue_bind(self.queue, "amq.topic", "#")

    def read(self) -> tuple[str, pika.BasicProperties, Any]:
        """The next message: its topic, properties and body."""
        method, properties, body = self.channel.basic_get(self.queue, auto_ack=True)
        assert method is not None, "there's no message"
        return method.routing_key, properties, json.loads(body)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def reader(rabbitmq: RabbitMQ) -> Iterator[Reader]:
    made = Reader(rabbitmq.url)
    yield made
    made.close()


def settings(rabbitmq: RabbitMQ, **more: Any) -> PublishSettings:
    return PublishSettings(bus=("fedora-messaging",), url=rabbitmq.url, **more)


def test_a_message_has_what_fedora_messaging_sets(rabbitmq: RabbitMQ, reader: Reader) -> None:
    body = {"comment": {"author": "mary", "text": "Works."}, "update": {"alias": "F-1", "builds": [
        {"nvr": "moss-1.0-1.fc42"}]}, "agent": "mary"}
    with AmqpPublisher(settings(rabbitmq), NO_OTHER) as publisher:
        sent = publisher.publish("bodhi.update.comment", body)

    topic, properties, read = reader.read()
    assert (topic, read) == (TOPIC, body) == (sent["topic"], sent["msg"])
    assert str(uuid.UUID(properties.message_id, version=4)) == properties.message_id == sent["msg_id"]
    assert (properties.content_type, properties.content_encoding) == ("application/json", "utf-8")
    assert (properties.delivery_mode, properties.priority) == (2, 0)
    headers = dict(properties.headers)
    assert datetime.now(UTC) - datetime.fromisoformat(headers.pop("sent-at")) < timedelta(minutes=1)
    assert headers == {
        "fedora_messaging_schema": "base.message", "fedora_messaging_severity": 20, "priority": 0,
        "fedora_messaging_user_mary": True, "fedora_messaging_rpm_moss": True}


@pytest.mark.parametrize(("given", "sent"), [
    ("2026-2b5f0c34-8b4e-4d0a-9f0e-6a1c6a1f2f11", "2b5f0c34-8b4e-4d0a-9f0e-6a1c6a1f2f11"), ("mine", "mine")])
def test_what_may_be_sent_twice_keeps_its_id_without_a_year(
    rabbitmq: RabbitMQ, reader: Reader, given: str, sent: str,
) -> None:
    with AmqpPublisher(settings(rabbitmq), NO_OTHER) as publisher:
        publisher.publish("a.b", {}, given)

    assert reader.read()[1].message_id == sent


def test_a_lost_connection_is_opened_again(rabbitmq: RabbitMQ, reader: Reader) -> None:
    with AmqpPublisher(settings(rabbitmq), NO_OTHER) as publisher:
        publisher.publish("a.b", {"n": 1})
        # When the connection is cut
        implementation = publisher._connection._impl  # type: ignore[union-attr]  # noqa: SLF001
        implementation._transport._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001
        publisher.publish("a.b", {"n": 2})

    assert [reader.read()[2] for _ in range(2)] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(("topic", "msg", "error"), [
    ("a.b", [], "it takes a JSON object"), ("a.b", object(), "no JSON form"), ("", {}, "can't be a topic"),
    ("é" * 200, {}, "more than 255 bytes"),
])
def test_what_is_no_message_is_not_sent(rabbitmq: RabbitMQ, topic: str, msg: object, error: str) -> None:
    with AmqpPublisher(settings(rabbitmq), NO_OTHER) as publisher, pytest.raises(BusError, match=error):
        publisher.publish(topic, msg)


def test_what_the_broker_does_not_take_is_an_error(rabbitmq: RabbitMQ, reader: Reader) -> None:
    with AmqpPublisher(settings(rabbitmq, exchange="none"), NO_OTHER) as publisher:
        with pytest.raises(BusError, match=r"doesn't take the message: .*no exchange 'none'"):
            publisher.publish("a.b", {})
        with pytest.raises(BusError, match="no exchange"):
            publisher.publish("a.b", {})


def test_a_broker_that_is_away_is_an_error() -> None:
    port = free_port()
    away = PublishSettings(bus=("fedora-messaging",), url=f"amqp://guest:guest@127.0.0.1:{port}/%2F")
    with AmqpPublisher(away, NO_OTHER) as publisher, pytest.raises(
            BusError, match=f"127.0.0.1:{port} doesn't take"):
        publisher.publish("a.b", {})


def test_names_fit_into_headers() -> None:
    # Given a message about many people, some with names that no header holds
    users = [f"user{number}" for number in range(300)] + ["x" * 300, "é" * 150]
    message = Message("1", TOPIC.replace("comment", "edit"), datetime.now(UTC), {
        "update": {"user": {"name": "mary"}, "comments": []}, "agent": "mary"})
    assert message_properties(message).headers["fedora_messaging_user_mary"]

    issue = Message("1", "io.pagure.prod.pagure.issue.assigned.added", datetime.now(UTC), {
        "agent": "mary", "issue": {"assignee": {"name": users[-1]}}, "project": {"name": "moss"}})
    headers = message_properties(issue).headers
    assert all(len(name.encode()) <= 255 for name in headers)
    assert len(headers) <= MAX_NAMES + 5


def test_fmn_publish_publishes_on_both_buses(rabbitmq: RabbitMQ, reader: Reader) -> None:
    both = Settings(publish=PublishSettings(
        bus=("fedora-messaging", "fedmsg"), url=rabbitmq.url, endpoint=f"tcp://127.0.0.1:{free_port()}",
        settle_seconds=0.001))

    result = CliRunner().invoke(publish, ["bodhi.update.comment", '{"n": 1}'], obj=both)

    assert result.exit_code == 0
    topic, properties, body = reader.read()
    assert (topic, body) == (TOPIC, {"n": 1})
    assert result.output == f"Published {properties.message_id} as {TOPIC}.\n"


def test_a_mistake_is_told_in_a_sentence() -> None:
    away = Settings(publish=PublishSettings(
        bus=("fedora-messaging",), url=f"amqp://guest:guest@127.0.0.1:{free_port()}/%2F"))

    result = CliRunner().invoke(publish, ["a.b", "{}"], obj=away)

    assert result.exit_code == 1
    assert result.output.startswith("Error: 127.0.0.1")


def test_filters_are_announced_over_amqp_with_the_same_ids(
    database: Database, rabbitmq: RabbitMQ, reader: Reader,
) -> None:
    alice = make_person(database, "alice")
    with announcing(database, settings(rabbitmq, announce=True)) as announcer:
        announcer.run()
        # When somebody renames a filter and deletes it
        with database.transaction() as session:
            (filter_id,) = alice.filter_ids
            edit_filter(session, filter_id, lambda spec: spec.replaced(name="My packages"))
            remove_filter(session, filter_id)
        announcer.run()
        heard = [reader.read(), reader.read()]
        # and the announcer does it again after a crash
        with database.transaction() as session:
            session.execute(update(AnnouncedRevision).values(revision=AnnouncedRevision.revision - 1))
        announcer.run()

    rule = {"rule": {"id": filter_id, "name": "My packages"}, "user": {"name": "alice"}}
    assert [(topic, body) for topic, _, body in heard] == [
        (f"org.fedoraproject.dev.fmn.rule.{action}.v1", rule) for action in ("update", "delete")]
    assert [properties.headers["fedora_messaging_schema"] for _, properties, _ in heard] == [
        "fmn.rule.update.v1", "fmn.rule.delete.v1"]
    assert heard[0][1].headers["fedora_messaging_schema_package"] == "fmn_messages"
    assert heard[0][1].headers["fedora_messaging_user_alice"]
    ids = [properties.message_id for _, properties, _ in heard]
    assert reader.read()[1].message_id == ids[1] == str(uuid.UUID(ids[1])) != ids[0]


@contextmanager
def announcing(database: Database, publish: PublishSettings) -> Iterator[Announcer]:
    announcer = Announcer(database, publish, "https://fmn.example.org")
    yield announcer
    announcer.close()


def test_the_connection_of_receiving_is_shared_unless_there_is_another(site: AmqpSite) -> None:
    site.make_queue()
    topic = site.topic.removeprefix("org.example.")
    shared = PublishSettings(bus=("fedora-messaging",), topic_prefix="org.example", environment="dev")
    receiving = site.settings(exchange="amq.topic", bindings=("org.example.#",))
    site.publish_raw(b"{}")
    with AmqpPublisher(shared, receiving) as publisher:
        publisher.publish(f"org.example.{topic}", {"n": 1})
    with pytest.raises(BusError, match=r"fmn\.publish\.url is missing"):
        AmqpPublisher(shared, NO_OTHER)

    assert site.ready() == 2


def test_a_client_certificate_logs_in(site: AmqpSite) -> None:
    site.make_queue()
    certificate, key = site.certificate()
    own = PublishSettings(
        bus=("fedora-messaging",), url=f"amqps://localhost:{site.broker.tls_port}/%2F",
        topic_prefix="org.example", amqp_ca_file=site.authority.ca_file, amqp_certificate_file=certificate,
        amqp_key_file=key)
    with AmqpPublisher(own, NO_OTHER) as publisher:
        publisher.publish(site.topic, {"n": 1})
    assert site.ready() == 1
    # But one that can't be read is named
    with pytest.raises(BusError, match=r"fmn\.publish\.amqp_certificate_file = .* can't be used"):
        AmqpPublisher(own.model_copy(update={"amqp_key_file": certificate}), NO_OTHER)


class TestConfigCheck:
    def test_a_good_one(self, rabbitmq: RabbitMQ) -> None:
        (result,) = check_amqp(settings(rabbitmq), NO_OTHER)
        assert (result.level, result.sentence) == (
            Level.OK, f"127.0.0.1:{rabbitmq.port} has the exchange amq.topic")

    @pytest.mark.parametrize(("more", "error"), [
        ({"exchange": "none"}, "no exchange 'none'"),
        ({"url": "amqp://guest:wrong@127.0.0.1:{port}/%2F"}, "the certificate, user or password"),
        ({"url": "amqps://127.0.0.1:{port}/%2F", "amqp_ca_file": Path("/none")}, "amqp_ca_file = /none"),
    ])
    def test_a_bad_one(self, rabbitmq: RabbitMQ, more: dict[str, Any], error: str) -> None:
        more = dict(more)
        url = more.pop("url", rabbitmq.url).replace("{port}", str(rabbitmq.port))
        (result,) = check_amqp(PublishSettings(bus=("fedora-messaging",), url=url, **more), NO_OTHER)
        assert result.level is Level.FAILED
        assert error in result.sentence


@pytest.mark.parametrize(("values", "error"), [
    ({"url": "amqp://mary:pw@broker.example.org/%2F"}, "has to begin with amqps://"),
    ({"amqp_certificate_file": "a.crt"}, "named together or not at all"),
    ({"bus": "smoke-signals"}, "There are fedmsg, fedora-messaging"),
    ({"url": "http://example.org"}, "It must be like amqps://"),
])
def test_settings_that_do_not_go_together(values: dict[str, str], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        PublishSettings.model_validate(values)


def test_plain_amqp_to_another_host_can_be_allowed() -> None:
    PublishSettings(url="amqp://broker.example.org", allow_plaintext=True)
    PublishSettings(url="amqps://broker.example.org")
