"""The e-mail channel against a real mail server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from fmn.delivery.contract import Channel, ChannelDownError, DeliveryError
from fmn.delivery.email import smtp_pool
from fmn.delivery.email.channel import EmailChannel
from fmn.delivery.email.return_addresses import ReturnAddresses
from fmn.delivery.email.settings import EmailSettings
from fmn.infra.public_ids import PublicId
from tests.servers.smtp import SmtpServer
from tests.unit.fmn.delivery.email.examples import LINKS, a_delivery, a_notification, part

LOGIN = ("fmn", "a password of the tests")


class CountingServer(SmtpServer):
    """Counts its connections."""

    connections = 0

    def _new_session(self) -> SMTP:
        self.connections += 1
        return super()._new_session()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CountingServer]:
    with CountingServer(tmp_path) as server:
        yield server


@contextmanager
def channel_to(server: SmtpServer, **settings: object) -> Iterator[EmailChannel]:
    values = {"host": server.host, "port": server.port, "sender": "fmn@example.org", "timeout_seconds": 5}
    with closing(EmailChannel(EmailSettings.model_validate({**values, **settings}), LINKS, {})) as channel:
        yield channel


class TestAMail:
    def test_arrives_as_it_was_formatted(self, server: CountingServer) -> None:
        with channel_to(server, envelope_sender="bounces@example.org") as channel:
            channel.deliver(a_delivery(a_notification(long=".\n.. leading dots\n...\nübung\n")))
        [mail] = server.mails
        assert mail.mail_from == "bounces@example.org"
        assert mail.rcpt_tos == ("alice@example.org",)
        assert mail.message["Subject"] == "bob commented on update FEDORA-2026-1a2b (php-8.4.2)"
        assert "\n\n.\n.. leading dots\n...\nübung\n\n" in part(mail.message, "plain")
        assert "\r\nX-FMN-Filter: Packages that I own\r\n" in mail.content.decode()

    def test_comes_back_to_an_address_that_tells_which_it_was(self, server: CountingServer) -> None:
        addresses = ReturnAddresses("bounces@example.org", "+", "of the tests")
        settings = EmailSettings(
            host=server.host, port=server.port, envelope_sender="postmaster@example.org")
        with closing(EmailChannel(settings, LINKS, {}, addresses)) as channel:
            for delivery_id in (17, 18):
                channel.deliver(replace(a_delivery(), delivery_id=delivery_id))
        came_from = [mail.mail_from for mail in server.mails]
        assert came_from == [addresses.of(PublicId(17)), addresses.of(PublicId(18))]

    def test_to_an_address_beyond_ascii_arrives(self, server: CountingServer) -> None:
        with channel_to(server) as channel:
            channel.deliver(a_delivery(destination="jürgen@example.org"))
            channel.deliver(a_delivery())
        assert [mail.rcpt_tos for mail in server.mails] == [("jürgen@example.org",), ("alice@example.org",)]

    def test_of_half_a_megabyte_arrives(self, server: CountingServer) -> None:
        with channel_to(server) as channel:
            items = [a_notification(n, event=f"e{n}", long="text " * 200) for n in range(1000)]
            channel.deliver(a_delivery(*items))
        assert len(server.mails[0].content) > 400_000


class TestAConnection:
    def test_is_kept_for_many_mails(self, server: CountingServer) -> None:
        with channel_to(server) as channel:
            for number in range(50):
                channel.deliver(a_delivery(key=f"single:{number}"))
        assert len({mail.message["Message-ID"] for mail in server.mails}) == 50
        assert server.connections == 1

    def test_is_opened_again_after_the_server_was_away(self, server: CountingServer) -> None:
        with channel_to(server) as channel:
            channel.deliver(a_delivery())
            server.stop()
            server.start()
            channel.deliver(a_delivery())
        assert len(server.mails) == server.connections == 2

    def test_is_opened_again_after_it_was_closed(self, server: CountingServer) -> None:
        with channel_to(server) as channel:
            channel.deliver(a_delivery())
            channel.close()
            channel.deliver(a_delivery())
        assert len(server.mails) == server.connections == 2

    @pytest.mark.parametrize("limit", ["LONGEST_IDLE", "LONGEST_LIFE"])
    def test_is_not_used_again_after_too_long(
        self, server: CountingServer, limit: str, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(smtp_pool, limit, 0.0)
        with channel_to(server) as channel:
            channel.deliver(a_delivery())
            channel.deliver(a_delivery())
        assert len(server.mails) == server.connections == 2

    def test_survives_a_refused_recipient(self, server: CountingServer) -> None:
        # Given that Bob's mailbox is gone, and Mallory's is full
        server.refuse = {"bob@example.org": (550, "5.1.1 No such mailbox"),
                         "mallory@example.org": (452, "4.2.2 Mailbox full")}
        with channel_to(server) as channel:
            # When they and Alice are sent mails over one connection
            with pytest.raises(DeliveryError) as bobs:
                channel.deliver(a_delivery(destination="bob@example.org"))
            channel.deliver(a_delivery())
            with pytest.raises(DeliveryError) as mallorys:
                channel.deliver(a_delivery(destination="mallory@example.org"))
            channel.deliver(a_delivery())
        # Then each failure is its own, and Alice has hers
        assert bobs.value.permanent
        assert bobs.value.reason == "the mail server refused: 550 5.1.1 No such mailbox"
        assert not mallorys.value.permanent
        assert not isinstance(mallorys.value, ChannelDownError)
        assert mallorys.value.reason == "the mail server refused: 452 4.2.2 Mailbox full"
        assert [mail.rcpt_tos for mail in server.mails] == [("alice@example.org",)] * 2
        assert server.connections == 1

    def test_is_not_shared_by_threads_at_once(self, server: CountingServer) -> None:
        # Given a server that takes its time, so that deliveries overlap
        server.delay = 0.02
        with channel_to(server) as channel, ThreadPoolExecutor(4) as pool:
            # When four threads deliver a hundred mails
            list(pool.map(channel.deliver, [
                a_delivery(destination=f"user{n}@example.org", key=f"single:{n}") for n in range(100)]))
        # Then each mail went to whom it was for, over at most four connections
        assert {mail.rcpt_tos for mail in server.mails} == {(f"user{n}@example.org",) for n in range(100)}
        assert all(mail.message["To"] == mail.rcpt_tos[0] for mail in server.mails)
        assert len(server.mails) == 100
        assert 1 < server.connections <= 4

    def test_is_not_used_again_when_its_thread_was_interrupted_halfway(
        self, server: CountingServer, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given a worker that gives a task up, by an exception, while the server thinks about a mail
        with channel_to(server) as channel:
            channel.deliver(a_delivery(key="single:1"))
            with monkeypatch.context() as patch:
                patch.setattr("fmn.delivery.email.smtp_connection.SmtpConnection.read_reply", interrupt)
                with pytest.raises(InterruptedThreadError):
                    channel.deliver(a_delivery(key="single:2"))
            # Then the next mail doesn't take the answer to that one for its own
            channel.deliver(a_delivery(key="single:3"))
        assert server.connections == 2


class InterruptedThreadError(Exception):
    """Stands for what Dramatiq raises in a thread whose task takes too long."""


def interrupt(*_: object) -> None:
    raise InterruptedThreadError


class TestAServerThatIsAway:
    def test_means_that_the_channel_is_down(self, server: CountingServer) -> None:
        server.stop()
        with channel_to(server) as channel:
            with pytest.raises(ChannelDownError) as down:
                channel.deliver(a_delivery())
            # And when it's back, so is the channel
            server.start()
            channel.deliver(a_delivery())
        assert down.value.reason == (
            f"the mail server 127.0.0.1:{server.port} can't be reached: [Errno 111] Connection refused")
        assert len(server.mails) == 1

    def test_is_noticed_when_it_went_away_in_between(self, server: CountingServer) -> None:
        with channel_to(server) as channel:
            channel.deliver(a_delivery())
            server.stop()
            with pytest.raises(ChannelDownError, match="can't be reached"):
                channel.deliver(a_delivery())

    def test_is_noticed_by_its_name_too(self, server: CountingServer) -> None:
        with channel_to(server, host="mail.invalid") as channel, pytest.raises(
                ChannelDownError, match=r"mail\.invalid"):
            channel.deliver(a_delivery())

    def test_while_it_thinks_leaves_the_mail_unconfirmed(self, server: CountingServer) -> None:
        # Given a mail that the server has and thinks about, when it dies
        server.delay = 60
        with channel_to(server) as channel:
            killer = threading.Thread(target=stop_once_it_thinks, args=(server,))
            killer.start()
            # Then it's to be tried again, but not at once: nobody knows whether it arrived
            with pytest.raises(DeliveryError, match="may have arrived") as failed:
                channel.deliver(a_delivery())
            killer.join()
        assert not failed.value.permanent
        assert not isinstance(failed.value, ChannelDownError)
        assert failed.value.code.label == "unconfirmed"
        assert server.connections == 1


def stop_once_it_thinks(server: SmtpServer) -> None:
    while not server.thinking:
        threading.Event().wait(0.005)
    server.stop()


class TestEncryptionAndLogin:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_carry_mails_and_keep_the_connection(self, tmp_path: Path, security: str) -> None:
        with CountingServer(tmp_path, login=LOGIN, security=security) as server:  # type: ignore[arg-type]
            with channel_to(server, security=security, ca_file=server.certificate, username=LOGIN[0],
                            password=LOGIN[1]) as channel:
                channel.deliver(a_delivery())
                channel.deliver(a_delivery())
            assert len(server.mails) == 2
            assert server.connections == 1

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_refuse_a_server_that_nobody_vouches_for(self, tmp_path: Path, security: str) -> None:
        with CountingServer(tmp_path, security=security) as server:  # type: ignore[arg-type]
            with channel_to(server, security=security) as channel, pytest.raises(
                    ChannelDownError, match="CERTIFICATE_VERIFY_FAILED"):
                channel.deliver(a_delivery())
            assert not server.mails

    def test_never_give_in_to_a_server_without_encryption(self, server: CountingServer) -> None:
        with channel_to(server, security="starttls") as channel, pytest.raises(
                ChannelDownError, match="doesn't let us in: STARTTLS extension not supported"):
            channel.deliver(a_delivery())
        assert not server.mails

    def test_with_a_wrong_password_are_nobodys_fault_but_ours(self, tmp_path: Path) -> None:
        with CountingServer(tmp_path, login=LOGIN) as server, channel_to(
                server, username=LOGIN[0], password="wrong") as channel:
            with pytest.raises(ChannelDownError, match="doesn't let us in: 535") as failed:
                channel.deliver(a_delivery())
            assert "wrong" not in failed.value.reason

    def test_missing_a_login_that_the_server_wants_are_told_so(self, tmp_path: Path) -> None:
        with CountingServer(tmp_path, login=LOGIN) as server, channel_to(server) as channel, pytest.raises(
                ChannelDownError, match=r"530 5\.7\.0 Authentication required"):
            channel.deliver(a_delivery())


def test_the_channel_fulfils_the_contract(server: CountingServer) -> None:
    with channel_to(server) as channel:
        as_promised: Channel = channel
        assert as_promised.name == "email"
