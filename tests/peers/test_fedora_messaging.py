"""FMN and the fedora-messaging library over TLS with client certificates: each takes what the other sends."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.directory import DirectoryStore
from fmn.filters.rule_types import rule_types
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, Notification, StoredMessage
from fmn.matching.batch_matcher import BatchMatcher
from fmn.settings import AutocreateSettings, PublishSettings
from fmn.sources.fedora_messaging.publisher import AmqpPublisher
from tests.conftest import IN_CI
from tests.factories.amqp import AmqpSite
from tests.factories.databases import tables_in
from tests.factories.messages import NO_THROTTLING
from tests.factories.people import make_person
from tests.peers.library import HERE, INSTALL_TIMEOUT, IndexUnreachableError, environment_in
from tests.servers.processes import Process
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.waiting import wait_until

#: Seconds: the index may be slow when the library is installed.
pytestmark = pytest.mark.timeout(INSTALL_TIMEOUT + 60)

#: Seconds for the library to start and to pass a message on.
SOON: Final = 60
PEER: Final = "fmn-peer"
PEERS_QUEUE: Final = "fmn-peers-queue"
CONFIGURATION: Final = """\
amqp_url = "amqps://localhost:{port}/%2F"
passive_declares = false
publish_exchange = "amq.topic"
topic_prefix = "org.fedoraproject.prod"
callback = "fedora_messaging_callback:write_line"

[tls]
ca_cert = "{ca}"
keyfile = "{key}"
certfile = "{certificate}"

[[bindings]]
queue = "fmn-peers-queue"
exchange = "amq.topic"
routing_keys = ["#"]

[queues."fmn-peers-queue"]
durable = false
auto_delete = true
exclusive = false
arguments = {{}}

[qos]
prefetch_size = 0
prefetch_count = 25

[log_config]
version = 1
disable_existing_loggers = true
"""

PROJECT: Final[dict[str, Any]] = {
    "id": 4711, "name": "moss", "backend": "GitHub", "homepage": "https://moss.example.org",
    "ecosystem": "https://moss.example.org", "regex": None, "version": "2.4", "versions": ["2.4", "2.3"],
    "version_url": "mossers/moss", "created_on": 1412174944.0, "updated_on": 1773480000.0}
FOUND: Final[dict[str, Any]] = {
    "agent": "anitya", "old_version": "2.3", "project": PROJECT, "versions": ["2.4", "2.3"],
    "packages": [{"distro": "Fedora", "package_name": "moss"}]}
#: What the library publishes: schema, topic after its prefix, body.
PUBLISHED: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("anitya.project.version.update", "anitya.project.version.update", {
        "distro": None, "project": PROJECT,
        "message": {**FOUND, "upstream_version": "2.4", "odd_change": False}}),
    ("anitya.project.version.update.v2", "anitya.project.version.update.v2", {
        "distro": None, "project": PROJECT,
        "message": {**FOUND, "upstream_versions": ["2.4"], "stable_versions": ["2.4", "2.3"]}}),
    ("mirrormanager.host.updated.v2", "mirrormanager.host.updated.v2", {
        "agent": "mary", "host": {"id": 7, "name": "moss.example.org", "country": "DE", "bandwidth": 1000,
                                  "asn": 64500},
        "site": {"id": 1, "name": "Forest", "admins": ["tom"], "org_url": "https://forest.example.org"}}),
    ("fmn.rule.update.v1", "fmn.rule.update.v1", {
        "rule": {"id": 42, "name": "My packages"}, "user": {"name": "mary"}}),
    ("base.message", "oven.cake.done", {"cake": 'grün \U0001f4e6 "\\', "n": [1, 2.5, None, True]}),
)


@dataclass(frozen=True)
class Peer:
    """The library's programs and configuration, and the broker that they talk over."""

    programs: Path
    folder: Path
    site: AmqpSite

    @property
    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "FEDORA_MESSAGING_CONF": str(self.folder / "config.toml"),
                "HEARD": str(self.folder / "heard.jsonl"), "PYTHONPATH": str(HERE),
                "PYTHONDONTWRITEBYTECODE": "1"}

    def publish(self) -> list[str]:
        """Publish everything with the library; returns the ids."""
        orders = "".join(
            json.dumps({"schema": schema, "topic": topic, "body": body}) + "\n"
            for schema, topic, body in PUBLISHED)
        done = subprocess.run(
            [self.programs / "python", HERE / "fedora_messaging_publisher.py"], input=orders, text=True,
            capture_output=True, env=self.environment, timeout=SOON, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def consumer(self) -> Process:
        """The library's consumer."""
        return Process(
            [self.programs / "python", self.programs / "fedora-messaging", "consume"],
            log=self.folder / "consumer.log", environment=dict(self.environment))

    def heard(self) -> dict[str, dict[str, Any]]:
        """What its consumer validated so far, by id."""
        file = self.folder / "heard.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return {entry["id"]: entry for entry in map(json.loads, lines)}


@pytest.fixture(scope="module")
def programs(request: pytest.FixtureRequest) -> Path:
    """The library's programs. Skips where the package index isn't reached; in CI it must be."""
    assert request.config.cache is not None
    try:
        return environment_in(
            request.config.cache, "fedora-messaging", HERE / "requirements-fedora-messaging.txt")
    except IndexUnreachableError as error:
        if IN_CI:
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def peer(programs: Path, rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    site = AmqpSite(rabbitmq)
    certificate, key = site.authority.issue("peer", PEER)
    folder = tmp_path_factory.mktemp("peers")
    (folder / "config.toml").write_text(CONFIGURATION.format(
        port=rabbitmq.tls_port, ca=site.authority.ca_file, key=key, certificate=certificate))
    with site.user(), site.user(PEER, "unused"):
        yield Peer(programs, folder, site)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as made:
        yield made


@pytest.fixture(scope="module")
def consumer(peer: Peer) -> Iterator[Process]:
    """The library's consumer, which has its queue."""
    process = peer.consumer()
    try:
        wait_until(
            lambda: ["amq.topic", PEERS_QUEUE] in peer.site.broker.list_bindings(),
            SOON, f"a binding, see {process.log}")
        yield process
    finally:
        process.kill()


def match(database: Database, ids: list[int]) -> None:
    BatchMatcher(database, catalog(), rule_types(), DirectoryStore([], MemoryCache()), AutocreateSettings(),
                 NO_THROTTLING).match(ids, lambda _deliveries: None)


def test_fmn_delivers_what_the_library_publishes_and_two_forms_of_an_event_once(
    peer: Peer, database: Database,
) -> None:
    # Given somebody who cares for a package, and FMN that listens
    make_person(database, "alice", packages=("moss",))
    peer.site.new_queue()
    settings = peer.site.settings(bindings=("#",))
    with peer.site.consuming(database, settings, match=lambda ids: match(database, ids)):
        wait_until(lambda: peer.site.ready() >= 0, SOON, "a queue")
        # When services publish with the library
        ids = peer.publish()
        wait_until(lambda: stored_ids(database) >= set(ids[1:]) - {ids[1]}, SOON, "messages")
        wait_until(lambda: matched(database), SOON, "matches")
    peer.site.delete_queue()
    # Then FMN has each event once, as it was published, and the one that concerns her is on its way
    rows = {row.msg_id: row for row in stored(database)}
    assert len(rows) == len(ids) - 1
    assert len(rows.keys() & set(ids[:2])) == 1
    for number, (schema, topic, body) in enumerate(PUBLISHED):
        if (row := rows.get(ids[number])) is not None:
            assert (row.topic, row.body) == (f"org.fedoraproject.prod.{topic}", body)
            assert (row.headers["fedora_messaging_schema"], row.headers["fedora_messaging_severity"]) == (
                schema, 20)
            assert (row.source, row.signer) == ("fedora-messaging", "")
    assert rows[ids[2]].headers["fedora_messaging_user_tom"] is True
    with database.reading() as session:
        told = session.scalars(select(StoredMessage.msg_id).join(
            Notification, Notification.message_id == StoredMessage.id).join(
            Delivery, Delivery.notification_id == Notification.id)).all()
    assert len(told) == 1
    assert set(told) <= set(ids[:2])


def stored(database: Database) -> list[StoredMessage]:
    with database.reading() as session:
        return list(session.scalars(select(StoredMessage)))


def stored_ids(database: Database) -> set[str]:
    return {row.msg_id for row in stored(database)}


def matched(database: Database) -> bool:
    return all(row.matched_at for row in stored(database))


def test_the_library_validates_what_fmn_publishes(peer: Peer, consumer: Process) -> None:
    receiving = peer.site.settings(queue="unused")
    publishing = PublishSettings(bus=("fedora-messaging",), environment="prod")
    with AmqpPublisher(publishing, receiving) as publisher:
        comment = publisher.publish("bodhi.update.comment", {
            "agent": "mary", "comment": {"author": "mary", "text": "grün"},
            "update": {"alias": "F-1", "builds": [{"nvr": "moss-1.0-1.fc42"}]}})
        rule = publisher.publish("fmn.rule.update.v1", {
            "rule": {"id": 42, "name": "My packages"}, "user": {"name": "mary"}})
    wait_until(lambda: {comment["msg_id"], rule["msg_id"]} <= peer.heard().keys(), SOON,
               f"messages, see {consumer.log}")

    assert peer.heard()[rule["msg_id"]]["class"] == "RuleUpdateV1"
    heard = peer.heard()[comment["msg_id"]]
    assert (heard["class"], heard["topic"], heard["body"], heard["severity"]) == (
        "Message", "org.fedoraproject.prod.bodhi.update.comment", comment["msg"], 20)
    assert heard["headers"].keys() >= {"fedora_messaging_user_mary", "fedora_messaging_rpm_moss"}
