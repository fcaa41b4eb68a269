"""Configuration checks of fedora-messaging, on a real broker for what needs one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fmn.config_check.fedora_messaging import check_host, check_trust
from fmn.settings import FedoraMessagingSettings
from fmn.settings.check_results import Level
from tests.servers.certificates import A_DAY, TestAuthority
from tests.servers.ports import free_port
from tests.servers.rabbitmq import RabbitMQ

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("authority"))


def trust(authority: TestAuthority, lasts: timedelta = 60 * A_DAY, **files: Path) -> list[tuple[Level, str]]:
    certificate, key = authority.issue("fmn", "fmn", lasts)
    ca_file, _ = authority.issue("ca", "ca", 60 * A_DAY)
    settings = FedoraMessagingSettings.model_validate({
        "urls": ("amqps://mq.example.org/%2F",), "queue": "fmn", "ca_file": ca_file,
        "certificate_file": certificate, "key_file": key, **files})
    return [(each.level, each.sentence) for each in check_trust(settings, NOW)]


def test_certificates_are_valid_soon_over_or_over(authority: TestAuthority) -> None:
    assert [level for level, _ in trust(authority)] == [Level.OK]
    [(level, sentence)] = trust(authority, 20 * A_DAY)
    assert level is Level.WARNING
    assert "within 30 days, the certificate in fmn.fedora_messaging.certificate_file has expired" in sentence
    [(level, sentence)] = trust(authority, -A_DAY)
    assert level is Level.FAILED
    assert "renew it" in sentence


def test_files_that_cant_be_used_are_named(authority: TestAuthority, tmp_path: Path) -> None:
    [(level, sentence)] = trust(authority, ca_file=tmp_path / "away.pem")
    assert level is Level.FAILED
    assert f"fmn.fedora_messaging.ca_file = {tmp_path / 'away.pem'}" in sentence
    _, other_key = authority.issue("other", "other")
    [(level, sentence)] = trust(authority, key_file=other_key)
    assert "fmn.fedora_messaging.certificate_file" in sentence


def test_each_host_is_tried(rabbitmq: RabbitMQ) -> None:
    def found(url: str, **more: object) -> tuple[Level, str]:
        settings = FedoraMessagingSettings.model_validate({"urls": (url,), "queue": "checked", **more})
        [result] = check_host(settings, url)
        return result.level, result.sentence

    level, sentence = found(rabbitmq.url)
    assert level is Level.OK
    assert sentence.endswith("accepts FMN; the consumer makes the queue checked")
    assert found(rabbitmq.url, queue_declare=False)[0] is Level.FAILED
    level, sentence = found(rabbitmq.url, username="guest", password="wrong")
    assert "doesn't accept the certificate, user or password" in sentence
    level, sentence = found(rabbitmq.url, vhost="away")
    assert "no such virtual host" in sentence
    level, sentence = found(f"amqp://127.0.0.1:{free_port()}/%2F")
    assert level is Level.FAILED
    assert "Connection refused" in sentence
