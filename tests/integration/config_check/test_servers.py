"""Configuration checks of Redis, sign-in, directories and listening addresses."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis

from fmn.config_check import bus, cache, http_services
from fmn.infra import listen_addresses
from fmn.settings import CacheSettings, CatchupSettings, DirectorySettings, OidcSettings
from fmn.settings.check_results import CheckResult, CheckResults, Level
from tests.servers.greeting import greeter
from tests.servers.oidc import OidcProvider
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer


def one(findings: CheckResults) -> CheckResult:
    (result,) = findings
    return result


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
