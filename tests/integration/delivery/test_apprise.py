"""Matrix, chat and push: real servers on loopback that Apprise talks to."""

from __future__ import annotations

import gzip
import logging
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from apprise.plugins.ntfy import NotifyNtfy
from sqlalchemy import update

from fmn.delivery.apprise.response_limit import MOST
from fmn.delivery.apprise.settings import AppriseSettings
from fmn.digests.closing import close_due_digests
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.models import Delivery
from tests.factories.messages import NO_THROTTLING, recorded, stored
from tests.integration.delivery.installation import BASE_URL, Installation
from tests.servers.matrix import NAME, MatrixServer
from tests.servers.ports import free_port
from tests.servers.receiver import Answer, Receiver
from tests.servers.waiting import wait_until

#: The channel knows nothing of databases.
pytestmark = pytest.mark.dialects("sqlite")


@pytest.fixture
def installation(database: Database) -> Iterator[Installation]:
    with Installation(database, "apprise", apprise=AppriseSettings(timeout_seconds=20)) as made:
        yield made


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as server:
        server.usual = Answer(200, b'{"id": "1", "time": 1, "event": "message"}')
        yield server


@pytest.fixture
def matrix() -> Iterator[MatrixServer]:
    with MatrixServer() as server:
        yield server


class TestMatrix:
    def test_a_room_is_told_with_a_token(self, installation: Installation, matrix: MatrixServer) -> None:
        # Given a room, and an account of Alice's that may write there
        room, token = matrix.add_room("packagers"), matrix.add_person("alice-bot")
        alice = installation.person(f"matrix://{token}@{matrix.host}/#packagers:{NAME}")
        # When something happens
        installation.tell(alice)
        # Then the room has it, once
        [(who, said)] = room.said
        assert who == f"@alice-bot:{NAME}"
        assert said["msgtype"] == "m.text"
        assert "oven.cake.done" in said["body"]
        assert f'<a href="{BASE_URL}/why/' in said["formatted_body"]
        assert installation.outcomes == [("sent", "")]
        # And the token is still good
        assert token in matrix.tokens

    def test_a_room_is_told_once_though_it_was_not_recorded_that_it_was(
        self, installation: Installation, matrix: MatrixServer,
    ) -> None:
        # Given a backend that died before it could record that it told a room
        room, token = matrix.add_room("packagers"), matrix.add_person("alice-bot")
        alice = installation.person(f"matrix://{token}@{matrix.host}/#packagers:{NAME}")
        installation.tell(alice)
        with installation.services.database.transaction() as session:
            session.execute(update(Delivery).values(state="waiting", enqueued_at=None))
        # When it's delivered again, then the server knows it by its transaction
        installation.deliver()
        assert installation.outcomes == [("sent", "")]
        assert len(room.said) == 1
        # And the next message isn't taken for it
        installation.tell(alice)
        assert len(room.said) == 2

    def test_a_room_is_told_with_a_password(self, installation: Installation, matrix: MatrixServer) -> None:
        room = matrix.add_room("packagers")
        matrix.add_person("bot", "a password")
        before = set(matrix.tokens)
        installation.tell(installation.person(f"matrix://bot:a%20password@{matrix.host}/#packagers:{NAME}"))
        assert [who for who, _ in room.said] == [f"@bot:{NAME}"]
        # And we're signed out again
        assert set(matrix.tokens) == before

    def test_a_person_is_told_in_one_room_of_theirs(
        self, installation: Installation, matrix: MatrixServer,
    ) -> None:
        matrix.add_person("alice")
        token = matrix.add_person("bot")
        alice = installation.person(f"matrix://{token}@{matrix.host}/@alice:{NAME}")
        installation.tell(alice)
        installation.tell(alice)
        [room] = matrix.rooms.values()
        assert room.invited == {f"@alice:{NAME}"}
        assert len(room.said) == 2

    def test_an_address_is_confirmed_by_a_code(
        self, installation: Installation, matrix: MatrixServer,
    ) -> None:
        room, token = matrix.add_room("packagers"), matrix.add_person("bot")
        alice = installation.person(f"matrix://{token}@{matrix.host}/#packagers:{NAME}", confirmed=False)
        installation.tell(alice)
        assert room.said == []
        asked = installation.ask(alice)
        [(_, said)] = room.said
        assert installation.code(asked) in said["body"]
        assert "enter this code" in said["body"]

    def test_letters_arrive(self, installation: Installation, matrix: MatrixServer) -> None:
        room, token = matrix.add_room("packagers"), matrix.add_person("bot")
        alice = installation.person(f"matrix://{token}@{matrix.host}/#packagers:{NAME}")
        installation.test(alice)
        installation.notice(alice, "About your account", "Something about it.")
        bodies = [said["body"] for _, said in room.said]
        assert ["Test message" in bodies[0], "Something about it." in bodies[1]] == [True, True]

    @pytest.mark.parametrize(("change", "reason"), [
        ("token", "Matrix refused: Failed to handshake with Matrix server: Verification Failed., error=401."),
        ("room", "Matrix refused: Failed to handshake with Matrix server: Unauthorized"),
    ])
    def test_what_the_server_refuses_is_not_tried_again(
        self, installation: Installation, matrix: MatrixServer, change: str, reason: str,
    ) -> None:
        # Given somebody whose token was revoked, or who isn't invited
        room, token = matrix.add_room("packagers", public=change != "room"), matrix.add_person("bot")
        if change == "token":
            matrix.tokens.clear()
        installation.tell(installation.person(f"matrix://{token}@{matrix.host}/#packagers:{NAME}"))
        [(state, said)] = installation.outcomes
        assert (state, room.said) == ("failed", [])
        assert said.startswith(reason)
        assert token not in said

    def test_a_server_that_is_busy_is_waited_for(
        self, installation: Installation, matrix: MatrixServer,
    ) -> None:
        room, token = matrix.add_room("packagers"), matrix.add_person("bot")
        matrix.busy = 1
        installation.tell(installation.person(f"matrix://{token}@{matrix.host}/#packagers:{NAME}"))
        assert len(room.said) == 1

    def test_a_server_that_is_busy_for_long_does_not_hold_up_others(
        self, installation: Installation, matrix: MatrixServer,
    ) -> None:
        room, token = matrix.add_room("packagers"), matrix.add_person("bot")
        matrix.busy, matrix.retry_after_ms = 1, 3_600_000
        installation.tell(installation.person(f"matrix://{token}@{matrix.host}/#packagers:{NAME}"))
        assert installation.outcomes == [("waiting", "Matrix didn't answer in time")]
        assert room.said == []


class TestOthers:
    def test_ntfy_is_told_in_plain_text(self, installation: Installation, server: Receiver) -> None:
        installation.tell(installation.person(f"ntfy://{server.host}/a-topic?priority=high"))
        [received] = server.received
        assert received.json["topic"] == "a-topic"
        assert received.headers["x-priority"] == "high"
        assert received.json["message"].startswith("Message oven.cake.done from an application")
        assert "[" not in received.json["message"]

    def test_mattermost_and_gotify_are_told(self, installation: Installation, server: Receiver) -> None:
        alice = installation.person(f"mmost://{server.host}/abcdefghijklmnop")
        bob = installation.person(f"gotify://{server.host}/A-token-of-Bob", "bob")
        installation.tell(alice, bob)
        paths = {received.path for received in server.received}
        assert paths == {"/hooks/abcdefghijklmnop", "/message"}
        assert installation.outcomes == [("sent", ""), ("sent", "")]
        # Nothing in there makes the reader's program load something from somewhere
        assert not any(b"caronc" in received.body for received in server.received)

    def test_a_digest_is_one_message_that_the_service_takes(
        self, installation: Installation, server: Receiver,
    ) -> None:
        alice = installation.person(f"mmost://{server.host}/abcdefghijklmnop", digest_count=200)
        database, numbers = installation.services.database, range(1, 201)
        recorded(database, stored(database, *numbers, now=utc_now()), alice.recipient, now=utc_now())
        close_due_digests(database, utc_now(), 500, NO_THROTTLING)
        installation.deliver()
        [received] = server.received
        assert "200 notifications" in received.json["text"]
        assert len(received.json["text"]) <= 4_000
        assert installation.outcomes == [("sent", "")]

    def test_what_is_longer_than_a_service_takes_is_cut(
        self, installation: Installation, server: Receiver,
    ) -> None:
        alice = installation.person(f"mmost://{server.host}/abcdefghijklmnop")
        installation.notice(alice, "About your account", "line\n" * 1_000)
        [received] = server.received
        assert 2_900 < len(received.json["text"]) <= 4_000

    @pytest.mark.parametrize(("status", "state"), [
        (401, "failed"), (403, "failed"), (404, "failed"), (429, "waiting"), (500, "waiting"),
    ])
    def test_an_answer_decides_whether_it_is_tried_again(
        self, installation: Installation, server: Receiver, status: int, state: str,
    ) -> None:
        server.usual = Answer(status, b"no")
        installation.tell(installation.person(f"gotify://{server.host}/A-token"))
        [(found, reason)] = installation.outcomes
        assert found == state
        assert f"error={status}" in reason

    def test_a_server_that_is_away_is_tried_again(self, installation: Installation) -> None:
        installation.tell(installation.person(f"gotify://127.0.0.1:{free_port()}/A-token"))
        [(state, reason)] = installation.outcomes
        assert state == "waiting"
        assert reason.startswith("Gotify refused: A Connection error occurred")

    def test_a_service_that_is_not_allowed_any_more_is_told_nothing(
        self, database: Database, server: Receiver,
    ) -> None:
        with Installation(database, "apprise", apprise=AppriseSettings(schemes=("matrix",))) as installation:
            installation.tell(installation.person(f"ntfy://{server.host}/a-topic"))
            [(state, reason)] = installation.outcomes
        assert state == "failed"
        assert reason.startswith("“ntfy” isn’t a service that can be used here.")
        assert server.connections == 0


class TestEgress:
    @pytest.mark.parametrize("url", [
        "ntfy://{}/a-topic", "gotify://{}/A-token", "mmost://{}/abcdefghijklmnop",
        "matrix://token@{}/#packagers:example.org", "rocket://bot:secret@{}/#packagers",
    ])
    def test_loopback_is_refused_by_default(self, database: Database, server: Receiver, url: str) -> None:
        with Installation(database, "apprise", allowed=()) as installation:
            installation.tell(installation.person(url.format(f"localhost:{server.port}")))
            [(state, reason)] = installation.outcomes
        assert server.connections == 0
        assert state == "failed"
        assert reason.endswith("its address isn't public, and no other is allowed here")

    def test_redirects_are_not_followed(self, installation: Installation, server: Receiver) -> None:
        with Receiver() as inner:
            server.usual = Answer(307, headers={"Location": f"{inner.url}/secrets"})
            installation.tell(installation.person(f"ntfy://{server.host}/a-topic"))
            assert inner.connections == 0
        assert installation.outcomes[0][0] != "sent"

    @pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(trickles=True)])
    def test_a_server_that_takes_its_time_is_not_waited_for_again_so_soon(
        self, database: Database, server: Receiver, answer: Answer,
    ) -> None:
        server.answers.append(answer)
        with Installation(database, "apprise", apprise=AppriseSettings(timeout_seconds=0.5)) as installation:
            alice = installation.person(f"ntfy://{server.host}/a-topic")
            installation.tell(alice)
            assert installation.outcomes == [("waiting", "ntfy didn't answer in time")]
            installation.tell(alice)
            assert installation.outcomes[-1][1] == "it didn't answer in time a moment ago"
        wait_until(lambda: server.received, 10, "nothing came")
        assert len(server.received) == 1


def test_a_service_that_sends_from_a_thread_of_its_own_is_guarded(
    database: Database, server: Receiver, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a service of Apprise's that sends from a thread
    send = NotifyNtfy.send

    def send_from_a_thread(self: NotifyNtfy, *arguments: Any, **named: Any) -> bool:
        with ThreadPoolExecutor(1) as pool:
            return bool(pool.submit(send, self, *arguments, **named).result())

    monkeypatch.setattr(NotifyNtfy, "send", send_from_a_thread)
    slow = AppriseSettings(timeout_seconds=3)
    with Installation(database, "apprise", apprise=slow, allowed=()) as installation:
        installation.tell(installation.person(f"ntfy://{server.host}/alice"))
        # Then it doesn't reach what nobody allowed
        [(state, reason)] = installation.outcomes
        assert (state, server.connections) == ("failed", 0)
        assert "its address isn't public" in reason


@pytest.mark.parametrize(("body", "headers", "state"), [
    (b"x" * MOST, {}, "sent"),
    (b"x" * (MOST + 1), {}, "waiting"),
    # Some kilobytes that unpack to many megabytes
    (gzip.compress(b"x" * 50 * MOST), {"Content-Encoding": "gzip"}, "waiting"),
])
def test_an_answer_that_is_too_long_is_not_kept(
    installation: Installation, server: Receiver, body: bytes, headers: dict[str, str], state: str,
) -> None:
    server.usual = Answer(200, body, headers)
    with peak_below(20 * MOST):
        installation.tell(installation.person(f"gotify://{server.host}/A-token"))
    assert installation.outcomes[0][0] == state


@contextmanager
def peak_below(most: int) -> Iterator[None]:
    """Fail if much memory is needed meanwhile."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def test_secrets_are_not_logged(
    installation: Installation, server: Receiver, caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "fmn")
    server.usual = Answer(401)
    installation.tell(installation.person(f"gotify://{server.host}/A-secret-token"))
    assert "A-secret-token" not in caplog.text
    assert "A-secret-token" not in installation.outcomes[0][1]
