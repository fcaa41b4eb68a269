"""Web hooks: a real HTTP(S) server that verifies signatures with somebody else's library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from fmn.delivery.contract import DeliveryError
from fmn.delivery.egress.http_client import HttpClient
from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.webhook.settings import WebhookSettings
from fmn.delivery.webhook.signing import webhook_secret
from fmn.digests.closing import close_due_digests
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryKind
from fmn.settings import SettingsError
from tests.factories.messages import NO_THROTTLING, recorded, stored
from tests.factories.people import Person
from tests.integration.delivery.installation import BASE_URL, LOOPBACK, Installation
from tests.integration.delivery.other_preferences import other_preference
from tests.servers.ports import free_port
from tests.servers.receiver import Answer, Received, Receiver

#: The channel knows nothing of databases.
pytestmark = pytest.mark.dialects("sqlite")


@pytest.fixture
def installation(database: Database) -> Iterator[Installation]:
    with Installation(database, "webhook", webhook=WebhookSettings(timeout_seconds=20)) as made:
        yield made


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def secret_for(installation: Installation, person: Person, address: str) -> str:
    """What the person reads on their page."""
    return webhook_secret(installation.services.settings.web.secret, person.preference_id, address)


def verified(received: Received, secret: str) -> Any:
    """What a request says, if the library takes it."""
    return Webhook(secret).verify(received.body, dict(received.headers))


class TestARequest:
    def test_is_verified_by_another_library(self, installation: Installation, server: Receiver) -> None:
        # Given Alice, who wants to hear at an address of her own server
        address = f"{server.url}/fmn?for=alice"
        alice = installation.person(address)
        # When something happens
        installation.tell(alice)
        # Then her server is told, and knows that it was us
        [received] = server.received
        said = verified(received, secret_for(installation, alice, address))
        assert (received.method, received.path) == ("POST", "/fmn?for=alice")
        assert received.headers["content-type"] == "application/json"
        assert said["type"] == "notification"
        assert said["data"]["nick"] == "alice"
        [item] = said["data"]["items"]
        assert item["title"] == "oven.cake.done"
        assert item["why"].startswith(f"{BASE_URL}/why/")
        assert installation.outcomes == [("sent", "")]

    def test_is_refused_when_it_was_changed(self, installation: Installation, server: Receiver) -> None:
        alice = installation.person(server.url)
        installation.tell(alice)
        [received] = server.received
        webhook = Webhook(secret_for(installation, alice, server.url))
        with pytest.raises(WebhookVerificationError):
            webhook.verify(received.body.replace(b"alice", b"mallory"), dict(received.headers))
        for name in ("webhook-id", "webhook-timestamp"):
            with pytest.raises(WebhookVerificationError):
                webhook.verify(received.body, {**received.headers, name: f"{received.headers[name]}1"})

    def test_is_refused_when_it_is_replayed_later(self, installation: Installation, server: Receiver) -> None:
        alice = installation.person(server.url)
        installation.tell(alice)
        [received] = server.received
        later = str(int(received.headers["webhook-timestamp"]) - 3600)
        with pytest.raises(WebhookVerificationError, match="too old"):
            Webhook(secret_for(installation, alice, server.url)).verify(
                received.body, {**received.headers, "webhook-timestamp": later})

    def test_is_signed_with_a_secret_of_its_own(self, installation: Installation, server: Receiver) -> None:
        # Given two people at one server
        alice = installation.person(f"{server.url}/alice")
        bob = installation.person(f"{server.url}/bob", "bob")
        installation.tell(alice, bob)
        # Then neither's secret is good for what the other is sent
        secrets = {
            f"/{nick}": secret_for(installation, person, f"{server.url}/{nick}")
            for nick, person in (("alice", alice), ("bob", bob))}
        for received in server.received:
            [other] = secrets.keys() - {received.path}
            verified(received, secrets[received.path])
            with pytest.raises(WebhookVerificationError):
                verified(received, secrets[other])

    def test_has_the_same_id_whenever_it_is_sent(self, installation: Installation, server: Receiver) -> None:
        server.answers.extend([Answer(500), Answer(503)])
        alice = installation.person(server.url)
        installation.tell(alice)
        installation.deliver_again()
        installation.deliver_again()
        installation.tell(alice)
        first, *again, other = [received.headers["webhook-id"] for received in server.received]
        assert again == [first, first]
        assert other != first
        assert installation.outcomes == [("sent", ""), ("sent", "")]

    def test_goes_over_a_connection_that_is_kept(self, installation: Installation, server: Receiver) -> None:
        alice = installation.person(server.url)
        server.usual = Answer(200, b"thanks " * 1000)
        for _ in range(3):
            installation.tell(alice)
        assert [received.connection for received in server.received] == [1, 1, 1]

    def test_speaks_tls(self, database: Database, tmp_path: Path) -> None:
        with Receiver(tmp_path) as server, Installation(
                database, "webhook", webhook=WebhookSettings(ca_file=server.certificate)) as installation:
            installation.tell(installation.person(server.url))
            assert len(server.received) == 1
            assert installation.outcomes == [("sent", "")]

    def test_is_not_sent_to_a_server_that_nobody_vouches_for(
        self, installation: Installation, tmp_path: Path,
    ) -> None:
        with Receiver(tmp_path) as server:
            installation.tell(installation.person(server.url))
            assert server.received == []
        [(state, reason)] = installation.outcomes
        assert state == "waiting"
        assert "certificate verify failed: self-signed certificate" in reason


class TestWhatIsSaid:
    def test_in_a_digest_is_all_that_is_in_it(self, installation: Installation, server: Receiver) -> None:
        alice = installation.person(server.url, digest_count=3)
        database = installation.services.database
        recorded(database, stored(database, 101, 102, 103, now=utc_now()), alice.recipient, now=utc_now())
        close_due_digests(database, utc_now(), 500, NO_THROTTLING)
        installation.deliver()
        [received] = server.received
        assert received.json["type"] == "digest"
        assert len(received.json["data"]["items"]) == 3
        assert received.json["data"]["inbox"] == f"{BASE_URL}/inbox"

    def test_to_an_address_that_is_not_confirmed_is_only_a_code(
        self, installation: Installation, server: Receiver,
    ) -> None:
        alice = installation.person(server.url, confirmed=False)
        installation.tell(alice)
        assert server.received == []
        # When its owner is asked
        asked = installation.ask(alice)
        # Then the code is sent there, signed as everything is
        [received] = server.received
        said = verified(received, secret_for(installation, alice, server.url))
        assert said["type"] == "confirmation"
        assert said["data"]["code"] == installation.code(asked)
        assert "enter this code" in said["data"]["text"]

    def test_in_letters_says_which_they_are(self, installation: Installation, server: Receiver) -> None:
        alice = installation.person(server.url)
        installation.test(alice)
        installation.notice(alice, "About your account", "Something about it.")
        test, notice = [received.json for received in server.received]
        assert (test["type"], test["data"]["subject"]) == ("test", "Test message")
        assert (notice["type"], notice["data"]["text"]) == ("notice", "Something about it.")


class TestAnAnswer:
    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    def test_that_says_yes_ends_it(self, installation: Installation, server: Receiver, status: int) -> None:
        server.usual = Answer(status)
        installation.tell(installation.person(server.url))
        assert installation.outcomes == [("sent", "")]

    @pytest.mark.parametrize(("status", "said"), [
        (400, "400 Bad Request"), (401, "401 Unauthorized"), (404, "404 Not Found"), (499, "499"),
    ])
    def test_that_says_no_ends_it(
        self, installation: Installation, server: Receiver, status: int, said: str,
    ) -> None:
        server.usual = Answer(status, b"<script>oh no")
        installation.tell(installation.person(server.url))
        assert installation.outcomes == [("failed", f"the server answered {said}")]

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
    def test_that_says_not_now_is_followed_by_another_try(
        self, installation: Installation, server: Receiver, status: int,
    ) -> None:
        server.answers.append(Answer(status))
        installation.tell(installation.person(server.url))
        [(state, reason)] = installation.outcomes
        assert state == "waiting"
        assert reason.startswith(f"the server answered {status}")
        installation.deliver_again()
        assert installation.outcomes == [("sent", "")]

    def test_that_asks_for_a_pause_gets_it(self, installation: Installation, server: Receiver) -> None:
        # Given a server that has too much to do, and says until when
        server.answers.append(Answer(429, headers={"Retry-After": "3600"}))
        alice = installation.person(server.url)
        # When there's something for it, and something else soon after
        installation.tell(alice)
        installation.tell(alice)
        # Then it's asked once, and nothing is tried again before it wants to be
        assert len(server.received) == 1
        assert [state for state, _ in installation.outcomes] == ["waiting", "waiting"]
        first, second = installation.waits
        assert timedelta(minutes=59) < first < timedelta(minutes=90)
        assert second < timedelta(minutes=1)

    def test_that_redirects_is_not_followed(self, installation: Installation, server: Receiver) -> None:
        with Receiver() as inner:
            server.usual = Answer(307, headers={"Location": f"{inner.url}/admin"})
            installation.tell(installation.person(server.url))
            assert inner.connections == 0
        [(state, reason)] = installation.outcomes
        assert state == "failed"
        assert reason.startswith("the server answered 307 Temporary Redirect, but only addresses")

    def test_that_never_ends_is_not_read(self, installation: Installation, server: Receiver) -> None:
        server.answers.append(Answer(200, b"x" * 200_000, trickles=True))
        alice = installation.person(server.url)
        installation.tell(alice)
        installation.tell(alice)
        assert installation.outcomes == [("sent", ""), ("sent", "")]
        assert [received.connection for received in server.received] == [1, 2]


def sender_with(**settings: Any) -> HttpClient:
    own = WebhookSettings(**settings)
    return HttpClient(
        NetworkPolicy(map(ip_network, LOOPBACK)), own.timeout_seconds, {"fmn.webhook.ca_file": own.ca_file})


def failure(sender: HttpClient, url: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as failed:
        sender.post(url, {}, b"{}")
    return failed.value


def test_an_address_that_is_gone_is_told_to_be_gone(server: Receiver) -> None:
    server.usual = Answer(410)
    with closing(sender_with()) as sender:
        assert failure(sender, server.url).address_gone
        server.usual = Answer(404)
        assert not failure(sender, server.url).address_gone


@pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(trickles=True)])
def test_a_server_that_takes_its_time_is_not_waited_for_again_so_soon(
    server: Receiver, answer: Answer,
) -> None:
    server.answers.append(answer)
    with closing(sender_with(timeout_seconds=0.2)) as sender:
        late = failure(sender, f"{server.url}/slow")
        assert (late.reason, late.permanent) == (f"{server.host} didn't answer in time", False)
        again = failure(sender, f"{server.url}/slow")
        assert (again.code.label, again.permanent) == ("silent", False)
        # Others at the same host are
        sender.post(f"{server.url}/other", {}, b"{}")
    assert [received.path for received in server.received] == ["/slow", "/other"]


def test_nothing_is_sent_when_the_claim_is_over(server: Receiver) -> None:
    with closing(sender_with()) as sender:
        sender.post(server.url, {}, b"{}")
        with pytest.raises(DeliveryError, match="didn't answer in time"):
            sender.post(server.url, {}, b"{}", until=0.0)
        assert len(server.received) == 1
        # Which isn't the server's fault
        sender.post(server.url, {}, b"{}")


def test_a_server_that_is_away_is_tried_again(server: Receiver) -> None:
    port = free_port()
    with closing(sender_with()) as sender:
        away = failure(sender, f"http://127.0.0.1:{port}/")
    assert (away.code.label, away.permanent) == ("connection failed", False)
    assert away.reason == f"127.0.0.1:{port} can't be talked to: [Errno 111] Connection refused"


def test_a_name_that_nobody_has_is_tried_again() -> None:
    with closing(sender_with()) as sender:
        unknown = failure(sender, "https://nowhere.invalid/")
    assert (unknown.code.label, unknown.permanent) == ("connection failed", False)


@pytest.mark.parametrize(("content", "why"), [
    (None, "No such file or directory"), (b"", "[X509: NO_CERTIFICATE_OR_CRL_FOUND]"),
])
def test_authorities_that_cannot_be_read_are_told_at_the_start(
    tmp_path: Path, content: bytes | None, why: str,
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        sender_with(ca_file=path)
    assert str(refused.value).startswith(f"fmn.webhook.ca_file = {path} can't be used: {why}")


class TestAnAddressThatIsGone:
    def test_is_switched_off_and_its_owner_told_elsewhere(self, database: Database, server: Receiver) -> None:
        # Given Alice, who is reached by mail as well
        with Installation(database, "webhook") as installation:
            alice = installation.person(server.url)
            mail = other_preference(database, alice.user_id)
            # When her server says that there's no such hook any more
            server.usual = Answer(410)
            installation.tell(alice)
            # Then nothing more is sent there
            server.usual = Answer(200)
            installation.tell(alice)
            assert len(server.received) == 1
            # And she's told by mail
            with database.transaction() as session:
                [told] = session.scalars(select(Delivery).where(Delivery.preference_id == mail))
                assert (told.kind, told.destination) == (DeliveryKind.NOTICE, "alice@example.org")
                assert "the server answered 410 Gone" in told.system_message["text"]
            # Until she confirms it again
            installation.ask(alice)
            assert [received.json["type"] for received in server.received[1:]] == ["confirmation"]


def test_loopback_is_refused_by_default(database: Database, server: Receiver, tmp_path: Path) -> None:
    with Receiver(tmp_path) as encrypted, Installation(database, "webhook", allowed=()) as installation:
        alice = installation.person(f"https://localhost:{encrypted.port}/")
        bob = installation.person(f"http://localhost:{server.port}/", "bob")
        installation.tell(alice, bob)
        assert encrypted.connections == server.connections == 0
    assert {reason.partition(": ")[2] for _, reason in installation.outcomes} == {
        "its address isn't public, and no other is allowed here",
        "its address isn't one of those that are allowed here",
    }
    assert [state for state, _ in installation.outcomes] == ["failed", "failed"]
