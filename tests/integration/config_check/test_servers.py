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
from fmn.config_check.connectivity import UnreachableError, connect_tls
from fmn.config_check.results import CheckResult, CheckResults, Level
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


def one(findings: CheckResults) -> CheckResult:
    (result,) = findings
    return result


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
        result = one(cache.check(CacheSettings(url=redis_server.url)))
        assert result.level is Level.OK

    def test_a_wrong_password_is_told_without_it(
        self, redis_server: RedisServer, admin: redis.Redis,
    ) -> None:
        admin.acl_setuser("guarded", enabled=True, passwords=["+right"])
        url = redis_server.url.replace("//", "//guarded:wrong-one@")
        result = one(cache.check(CacheSettings(url=url)))
        assert result.level is Level.FAILED
        assert result.sentence.startswith("Redis doesn't let us in: ")
        assert "wrong-one" not in result.sentence

    def test_one_that_forgets_nothing_when_it_is_full_is_warned_of(
        self, redis_server: RedisServer, admin: redis.Redis,
    ) -> None:
        admin.config_set("maxmemory", 100_000_000)
        result = one(cache.check(CacheSettings(url=redis_server.url)))
        assert result.level is Level.WARNING
        assert "maxmemory-policy" in result.sentence

    def test_one_that_is_down_is_told(self) -> None:
        result = one(cache.check(CacheSettings(url=f"redis://:hush@127.0.0.1:{free_port()}/0")))
        assert result.level is Level.FAILED
        assert "hush" not in result.sentence


class TestMail:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_logs_in_and_sends_nothing(
        self, tmp_path: Path, security: Literal["starttls", "tls"],
    ) -> None:
        with SmtpServer(tmp_path, login=("fmn", "right"), security=security) as server:
            settings = EmailSettings(
                host=server.host, port=server.port, security=security, ca_file=server.certificate,
                username="fmn", password="right")
            result = one(email.check(settings))
            wrong = one(email.check(settings.model_copy(update={"password": "wrong-one"})))
            untrusted = one(email.check(settings.model_copy(update={"ca_file": None})))
            assert server.mails == []
        assert (result.level, result.sentence) == (
            Level.OK, f"127.0.0.1:{server.port}, {security}, logged in as fmn")
        for each, why in ((wrong, "Authentication"), (untrusted, "certificate verify failed")):
            assert each.level is Level.FAILED
            assert why.lower() in each.sentence.lower()
            assert "wrong-one" not in each.sentence

    def test_one_without_encryption_is_not_taken_for_one_with(self, smtp_server: SmtpServer) -> None:
        result = one(email.check(EmailSettings(host="127.0.0.1", port=smtp_server.port, security="starttls")))
        assert result.level is Level.FAILED
        assert "STARTTLS" in result.sentence

    def test_one_that_is_down_is_told(self) -> None:
        result = one(email.check(EmailSettings(port=free_port())))
        assert result.level is Level.FAILED
        assert "can't be reached" in result.sentence


class TestIrc:
    def test_the_certificate_is_checked(self, tmp_path: Path) -> None:
        certificate = make_certificate(tmp_path)
        with greeter(certificate) as port:
            settings = IrcSettings(host="127.0.0.1", port=port, ca_file=certificate)
            assert one(irc.check(settings)).sentence.startswith(f"127.0.0.1:{port}, TLSv1.")
            result = one(irc.check(IrcSettings(host="127.0.0.1", port=port)))
        assert result.level is Level.FAILED
        assert "its certificate isn't trusted" in result.sentence

    def test_one_that_speaks_no_tls_is_told(self) -> None:
        with greeter() as port:
            result = one(irc.check(IrcSettings(host="127.0.0.1", port=port)))
            plain = one(irc.check(IrcSettings(host="127.0.0.1", port=port, security="none")))
        assert "doesn't speak TLS there" in result.sentence
        assert plain.level is Level.OK

    def test_a_name_that_is_not_known_is_told(self) -> None:
        result = one(irc.check(IrcSettings(host="irc.invalid", security="none")))
        assert "the name irc.invalid isn't known here" in result.sentence

    def test_an_authority_that_is_none_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("nonsense")
        with pytest.raises(UnreachableError, match=r"ca\.pem can't be used"):
            connect_tls("127.0.0.1", free_port(), tmp_path / "ca.pem")


class TestSignIn:
    def test_a_provider_that_says_who_it_is_is_fine(self) -> None:
        with OidcProvider() as provider:
            result = one(http_services.check_provider(OidcSettings(issuer=provider.issuer, client_id="fmn")))
        assert result.level is Level.OK

    def test_one_that_says_that_it_is_another_is_told(self) -> None:
        with OidcProvider() as provider:
            provider.behaviour.publish = lambda document: document.update(issuer="https://another.example.org")
            result = one(http_services.check_provider(OidcSettings(issuer=provider.issuer, client_id="fmn")))
        assert result.level is Level.FAILED
        assert "another issuer. Take fmn.oidc.issuer literally" in result.sentence

    def test_one_that_is_away_is_told(self) -> None:
        issuer = f"http://127.0.0.1:{free_port()}"
        result = one(http_services.check_provider(OidcSettings(issuer=issuer, client_id="fmn")))
        assert result.level is Level.FAILED
        assert "Connection refused" in result.sentence


class TestDirectory:
    def test_of_a_file_its_mistakes_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "people.json"
        path.write_text(json.dumps({"owners": {"alice": {"rpms": ["php"]}}}))
        settings = DirectorySettings(ownership="file", file=path)
        assert one(http_services.check_directory(settings)).level is Level.OK
        path.write_text(json.dumps({"owner": {}}))
        result = one(http_services.check_directory(settings))
        assert result.level is Level.FAILED
        assert "owner" in result.sentence

    def test_one_that_answers_anything_else_is_told(self) -> None:
        with OidcProvider() as server:
            server.behaviour.broken = frozenset({"/v1/groups/"})
            settings = DirectorySettings(accounts="fasjson", fasjson_url=server.issuer, fasjson_token="hush")
            result = one(http_services.check_directory(settings))
        assert result.level is Level.FAILED
        assert "answers 500. See fmn.directory.fasjson_url" in result.sentence

    def test_an_archive_of_the_bus_that_is_away_is_told(self) -> None:
        url = f"http://127.0.0.1:{free_port()}/raw"
        result = one(http_services.check_archive(CatchupSettings(url=url)))
        assert result.level is Level.FAILED
        assert result.sentence.endswith("See fmn.catchup.url")


class TestBus:
    def test_an_address_that_is_answered_is_fine(self) -> None:
        with greeter() as port:
            result = one(bus.check_endpoint(f"tcp://127.0.0.1:{port}", "fmn.bus.endpoints"))
        assert result.level is Level.OK

    @pytest.mark.parametrize("address", [
        "tcp://hub.invalid:9940", "tcp://127.0.0.1:{free}", "hub.example.org:9940", "tcp://hub:99999"])
    def test_one_that_is_not_is_told(self, address: str) -> None:
        address = address.format(free=free_port())
        result = one(bus.check_endpoint(address, "fmn.bus.endpoints"))
        assert result.level is Level.FAILED
        assert "fmn.bus.endpoints" in result.sentence
        assert address in result.sentence


class TestListening:
    def test_a_free_address_is_fine_and_stays_free(self) -> None:
        address = f"127.0.0.1:{free_port()}"
        for _ in range(2):
            assert one(
                listen_addresses.check("web app", "fmn.web.listen", address)).sentence == f"{address} is free"

    def test_one_that_somebody_else_has_is_told(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            taken.settimeout(0)
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            result = one(listen_addresses.check("web app", "fmn.web.listen", address))
        assert result.level is Level.FAILED
        assert "it isn't FMN that is there" in result.sentence

    def test_one_that_no_host_of_ours_has_is_told(self) -> None:
        result = one(listen_addresses.check("web app", "fmn.web.listen", "192.0.2.1:6543"))
        assert result.level is Level.FAILED
