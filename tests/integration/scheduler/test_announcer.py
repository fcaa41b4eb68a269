"""Changes of preferences, announced to a relay, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
import zmq
from sqlalchemy import delete, update

from fmn.catalog import Message, catalog
from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.people.change_log import (
    PreferenceEdit,
    confirmation_changed,
    filter_changed,
    preference_changed,
    record_change,
)
from fmn.people.models import AnnouncedRevision, User
from fmn.scheduler.announcer import AT_ONCE, Announcer
from fmn.settings import PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.zmq_sockets import Context
from tests.factories.messages import NOON
from tests.factories.people import make_person
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until

#: Seconds within which what was published arrives.
SOON = 10


class Relay:
    """What announcers connect to."""

    def __init__(self, address: str, context: Context) -> None:
        self._bodies: list[dict[str, Any]] = []
        self._heard = 0
        self._socket = context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.bind(address)

    def listen(self, stop: Event) -> None:
        """Take what arrives. Only who listens all the time tells publishers that it wants to hear them."""
        with self._socket:
            while not stop.is_set():
                if self._socket.poll(20):
                    self._bodies.append(json.loads(self._socket.recv_multipart()[1]))

    def hear(self, count: int) -> list[dict[str, Any]]:
        """The next ``count`` messages."""
        known, self._heard = self._heard, self._heard + count
        wait_until(lambda: len(self._bodies) >= self._heard, SOON, f"{count} messages")
        return self._bodies[known:self._heard]


@pytest.fixture
def address() -> str:
    return f"tcp://127.0.0.1:{free_port()}"


@pytest.fixture
def relay(address: str) -> Iterator[Relay]:
    stop = Event()
    with zmq.Context() as context:
        made = Relay(address, context)
        listening = Thread(target=made.listen, args=(stop,))
        listening.start()
        yield made
        stop.set()
        listening.join()


def announcer_to(database: Database, address: str, **settings: Any) -> Announcer:
    given = {"endpoint": address, "mode": "connect", "announce": True, **settings}
    return Announcer(database, PublishSettings.model_validate(given), "https://fmn.example.org")


@pytest.fixture
def announcer(database: Database, address: str) -> Iterator[Announcer]:
    """One that has begun to announce."""
    made = announcer_to(database, address)
    made.run()
    yield made
    made.close()


def change(database: Database, user_id: int, *changed: PreferenceEdit) -> None:
    with database.transaction() as session:
        record_change(session, [user_id], *changed)


def test_tells_who_changed_what_as_fmn_2_did(database: Database, relay: Relay, announcer: Announcer) -> None:
    # Given people who change something, some of it not in the end
    alice, bob = make_person(database, "alice").user_id, make_person(database, "bob").user_id
    announcer.run()
    relay.hear(2)  # that they have filters
    change(database, alice, preference_changed("email", "batch_values"), filter_changed("irc", "rules"))
    with database.transaction() as session:
        record_change(session, [alice], filter_changed("email", "rules"))
        session.rollback()
    change(database, bob, confirmation_changed("email"), confirmation_changed("email"))

    # When the announcer looks
    announcer.run()

    # Then the bus hears it in its order, and so that our catalogue understands it
    heard = relay.hear(3)
    assert [(body["topic"], body["msg"]) for body in heard] == [
        (f"org.fedoraproject.dev.fmn.{topic}.update", msg) for topic, msg in (
            ("preference", {"openid": "alice", "context": "email", "changed": "batch_values"}),
            ("filter", {"openid": "alice", "context": "irc", "changed": "rules"}),
            ("confirmation", {"openid": "bob", "context": "email", "changed": "status"}))]
    messages = [Message(body["msg_id"], body["topic"], NOON, body["msg"]) for body in heard]
    assert [catalog().describe(message).summary for message in messages] == [
        "alice changed when digests are sent for email", "alice changed the rules of a filter for irc",
        "bob changed the status of a confirmation for email"]
    assert [catalog().facts(message).agent for message in messages] == ["alice", "alice", "bob"]

    # and not again
    announcer.run()
    change(database, bob, filter_changed("email", "name"))
    announcer.run()
    assert [body["msg"]["changed"] for body in relay.hear(1)] == ["name"]


def test_begins_with_what_changes_from_then_on(database: Database, relay: Relay, address: str) -> None:
    alice = make_person(database).user_id
    begun = announcer_to(database, address)
    begun.run()
    begun.close()
    change(database, alice, filter_changed("email", "name"))  # while nobody announces
    again = announcer_to(database, address)
    again.run()
    assert [body["msg"]["changed"] for body in relay.hear(1)] == ["name"]
    again.close()


@pytest.mark.dialects
def test_what_was_not_noted_comes_again_with_the_same_id(
    database: Database, relay: Relay, announcer: Announcer, address: str,
) -> None:
    # Given more than goes into one step, and an announcer that was killed after it announced some
    alice = make_person(database, packages=()).user_id
    for number in range(AT_ONCE + 1):
        change(database, alice, filter_changed("email", str(number)))
    announcer.run()
    first = relay.hear(AT_ONCE + 1)
    assert [body["msg"]["changed"] for body in first] == [str(number) for number in range(AT_ONCE + 1)]
    with database.transaction() as session:
        session.execute(update(AnnouncedRevision).values(revision=AnnouncedRevision.revision - 2))

    # When another one takes over
    announcer.close()
    successor = announcer_to(database, address)
    successor.run()
    successor.close()

    # Then it announces them as the same
    assert [body["msg_id"] for body in relay.hear(2)] == [body["msg_id"] for body in first[-2:]]
    assert len({body["msg_id"] for body in first}) == AT_ONCE + 1


def test_nothing_is_told_of_an_account_that_is_gone(
    database: Database, relay: Relay, announcer: Announcer,
) -> None:
    alice, bob = make_person(database, "alice", packages=()).user_id, make_person(database, "bob").user_id
    change(database, alice, filter_changed("email", "rules"))
    with database.transaction() as session:
        session.execute(delete(User).where(User.id == alice))
    announcer.run()
    assert [body["msg"]["openid"] for body in relay.hear(1)] == ["bob"]
    change(database, bob, filter_changed("email", "rules"))
    announcer.run()
    assert [body["msg"]["openid"] for body in relay.hear(1)] == ["bob"]


@pytest.mark.dialects
def test_an_address_that_is_taken_is_told_and_free_after_the_end(database: Database, address: str) -> None:
    first = announcer_to(database, address, mode="bind")
    second = announcer_to(database, address, mode="bind")
    first.run()
    with pytest.raises(BusError, match=r"fmn\.publish\.endpoint"):
        second.run()
    first.close()
    second.run()
    second.close()


@pytest.mark.dialects
def test_the_log_of_an_older_version_is_read(database_url: str, relay: Relay, address: str) -> None:
    # Given tables from before there were announcements, and a change
    database = Database(database_url)
    migrations.upgrade(database)
    migrations.downgrade(database, "0003")
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO preference_changes (revision, user_id, changed_at) VALUES (1, 1, '2026-05-04')")
        connection.exec_driver_sql("INSERT INTO preference_revision (id, revision) VALUES (1, 1)")
    migrations.upgrade(database)

    # Then announcements go on from there
    announcer = announcer_to(database, address)
    announcer.run()
    with database.transaction() as session:
        session.execute(update(AnnouncedRevision).values(revision=0))
    make_person(database)
    announcer.run()
    assert [body["msg"]["openid"] for body in relay.hear(1)] == ["alice"]
    announcer.close()
    database.close()
