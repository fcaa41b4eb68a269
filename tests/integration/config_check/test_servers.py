"""The check-up of all other servers: Redis, mail, IRC, sign-in, directories, and whoever listens."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

import pytest
import redis

from fmn.config_check import bus, cache, email, http_services, irc, listen_addresses
from fmn.config_check.connectivity import UnreachableError, reach_by_tls
from fmn.config_check.results import Finding, Findings, Level
from fmn.settings import (
    CacheSettings,
    CatchupSettings,
    DirectorySettings,
    EmailSettings,
    IrcSettings,
    OidcSettings,
)
from tests.servers.certificates import make_certificate
from tests.servers.oidc import OidcProvider
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.servers.smtp import SmtpServer


def one(findings: Findings) -> Finding:
    (finding,) = findings
    return finding


@contextmanager
def greeter(certificate: Path | None = None) -> Iterator[int]:
    """The port of a server that greets whoever comes, by TLS if it has a certificate, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_greet, args=(listener, certificate))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _greet(listener: socket.socket, certificate: Path | None) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if certificate is not None:
        context.load_cert_chain(certificate)
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:  # it's over
            return
        with plain, suppress(OSError):
            if certificate is None:
                plain.sendall(b"hello\r\n")
            else:
                context.wrap_socket(plain, server_side=True).close()


class TestRedis:
    @pytest.fixture
    def admin(self, redis_server: RedisServer) -> Iterator[redis.Redis]:
        with redis.Redis.from_url(redis_server.url) as client:
            yield client
            client.config_set("maxmemory", 0)
            client.acl_deluser("guarded")

    def test_is_fine(self, redis_server: RedisServer) -> None:
        finding = one(cache.look(CacheSettings(url=redis_server.url)))
        assert finding.level is Level.OK

    def test_a_wrong_password_is_told_without_it(
        self, redis_server: RedisServer, admin: redis.Redis,
    ) -> None:
        admin.acl_setuser("guarded", enabled=True, passwords=["+right"])
        url = redis_server.url.replace("//", "//guarded:wrong-one@")
        finding = one(cache.look(CacheSettings(url=url)))
        assert finding.level is Level.WRONG
        assert finding.sentence.startswith("Redis doesn't let us in: ")
        assert "wrong-one" not in finding.sentence

    def test_one_that_forgets_nothing_when_it_is_full_is_warned_of(
        self, redis_server: RedisServer, admin: redis.Redis,
    ) -> None:
        admin.config_set("maxmemory", 100_000_000)
        finding = one(cache.look(CacheSettings(url=redis_server.url)))
        assert finding.level is Level.WARNING
        assert "maxmemory-policy" in finding.sentence

    def test_one_that_is_down_is_told(self) -> None:
        finding = one(cache.look(CacheSettings(url=f"redis://:hush@127.0.0.1:{free_port()}/0")))
        assert finding.level is Level.WRONG
        assert "hush" not in finding.sentence


class TestMail:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_logs_in_and_sends_nothing(
        self, tmp_path: Path, security: Literal["starttls", "tls"],
    ) -> None:
        with SmtpServer(tmp_path, login=("fmn", "right"), security=security) as server:
            settings = EmailSettings(
                host=server.host, port=server.port, security=security, ca_file=server.certificate,
                username="fmn", password="right")
            finding = one(email.look(settings))
            wrong = one(email.look(settings.model_copy(update={"password": "wrong-one"})))
            untrusted = one(email.look(settings.model_copy(update={"ca_file": None})))
            assert server.mails == []
        assert (finding.level, finding.sentence) == (
            Level.OK, f"127.0.0.1:{server.port}, {security}, logged in as fmn")
        for each, why in ((wrong, "Authentication"), (untrusted, "certificate verify failed")):
            assert each.level is Level.WRONG
            assert why.lower() in each.sentence.lower()
            assert "wrong-one" not in each.sentence

    def test_one_without_encryption_is_not_taken_for_one_with(self, smtp_server: SmtpServer) -> None:
        finding = one(email.look(EmailSettings(host="127.0.0.1", port=smtp_server.port, security="starttls")))
        assert finding.level is Level.WRONG
        assert "STARTTLS" in finding.sentence

    def test_one_that_is_down_is_told(self) -> None:
        finding = one(email.look(EmailSettings(port=free_port())))
        assert finding.level is Level.WRONG
        assert "can't be reached" in finding.sentence


class TestIrc:
    def test_the_certificate_is_checked(self, tmp_path: Path) -> None:
        certificate = make_certificate(tmp_path)
        with greeter(certificate) as port:
            settings = IrcSettings(host="127.0.0.1", port=port, ca_file=certificate)
            assert one(irc.look(settings)).sentence.startswith(f"127.0.0.1:{port}, TLSv1.")
            finding = one(irc.look(IrcSettings(host="127.0.0.1", port=port)))
        assert finding.level is Level.WRONG
        assert "its certificate isn't trusted" in finding.sentence

    def test_one_that_speaks_no_tls_is_told(self) -> None:
        with greeter() as port:
            finding = one(irc.look(IrcSettings(host="127.0.0.1", port=port)))
            plain = one(irc.look(IrcSettings(host="127.0.0.1", port=port, security="none")))
        assert "doesn't speak TLS there" in finding.sentence
        assert plain.level is Level.OK

    def test_a_name_that_is_not_known_is_told(self) -> None:
        finding = one(irc.look(IrcSettings(host="irc.invalid", security="none")))
        assert "the name irc.invalid isn't known here" in finding.sentence

    def test_an_authority_that_is_none_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("nonsense")
        with pytest.raises(UnreachableError, match=r"ca\.pem can't be used"):
            reach_by_tls("127.0.0.1", free_port(), tmp_path / "ca.pem")


class TestSignIn:
    def test_a_provider_that_says_who_it_is_is_fine(self) -> None:
        with OidcProvider() as provider:
            finding = one(
                http_services.look_at_provider(OidcSettings(issuer=provider.issuer, client_id="fmn")))
        assert finding.level is Level.OK

    def test_one_that_says_that_it_is_another_is_told(self) -> None:
        with OidcProvider() as provider:
            provider.behaviour.publish = lambda document: document.update(issuer="https://another.example.org")
            finding = one(
                http_services.look_at_provider(OidcSettings(issuer=provider.issuer, client_id="fmn")))
        assert finding.level is Level.WRONG
        assert "another issuer. Take fmn.oidc.issuer literally" in finding.sentence

    def test_one_that_is_away_is_told(self) -> None:
        issuer = f"http://127.0.0.1:{free_port()}"
        finding = one(http_services.look_at_provider(OidcSettings(issuer=issuer, client_id="fmn")))
        assert finding.level is Level.WRONG
        assert "Connection refused" in finding.sentence


class TestDirectory:
    def test_of_a_file_its_mistakes_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "people.json"
        path.write_text(json.dumps({"owners": {"alice": {"rpms": ["php"]}}}))
        settings = DirectorySettings(ownership="file", file=path)
        assert one(http_services.look_at_directory(settings)).level is Level.OK
        path.write_text(json.dumps({"owner": {}}))
        finding = one(http_services.look_at_directory(settings))
        assert finding.level is Level.WRONG
        assert "owner" in finding.sentence

    def test_one_that_answers_anything_else_is_told(self) -> None:
        with OidcProvider() as server:
            server.behaviour.broken = frozenset({"/v1/groups/"})
            settings = DirectorySettings(accounts="fasjson", fasjson_url=server.issuer, fasjson_token="hush")
            finding = one(http_services.look_at_directory(settings))
        assert finding.level is Level.WRONG
        assert "answers 500. See fmn.directory.fasjson_url" in finding.sentence

    def test_an_archive_of_the_bus_that_is_away_is_told(self) -> None:
        url = f"http://127.0.0.1:{free_port()}/raw"
        finding = one(http_services.look_at_archive(CatchupSettings(url=url)))
        assert finding.level is Level.WRONG
        assert finding.sentence.endswith("See fmn.catchup.url")


class TestBus:
    def test_an_address_that_is_answered_is_fine(self) -> None:
        with greeter() as port:
            finding = one(bus.look_at_endpoint(f"tcp://127.0.0.1:{port}", "fmn.bus.endpoints"))
        assert finding.level is Level.OK

    @pytest.mark.parametrize("address", [
        "tcp://hub.invalid:9940", "tcp://127.0.0.1:{free}", "hub.example.org:9940", "tcp://hub:99999"])
    def test_one_that_is_not_is_told(self, address: str) -> None:
        address = address.format(free=free_port())
        finding = one(bus.look_at_endpoint(address, "fmn.bus.endpoints"))
        assert finding.level is Level.WRONG
        assert "fmn.bus.endpoints" in finding.sentence
        assert address in finding.sentence


class TestListening:
    def test_a_free_address_is_fine_and_stays_free(self) -> None:
        address = f"127.0.0.1:{free_port()}"
        for _ in range(2):
            assert one(
                listen_addresses.look("web app", "fmn.web.listen", address)).sentence == f"{address} is free"

    def test_one_that_somebody_else_has_is_told(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            taken.settimeout(0)
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            finding = one(listen_addresses.look("web app", "fmn.web.listen", address))
        assert finding.level is Level.WRONG
        assert "it isn't FMN that is there" in finding.sentence

    def test_one_that_no_host_of_ours_has_is_told(self) -> None:
        finding = one(listen_addresses.look("web app", "fmn.web.listen", "192.0.2.1:6543"))
        assert finding.level is Level.WRONG
