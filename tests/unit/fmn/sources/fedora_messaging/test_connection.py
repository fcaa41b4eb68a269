from __future__ import annotations

from typing import Any

import pytest
from pika.credentials import ExternalCredentials

from fmn.errors import OperatorError
from fmn.settings import FedoraMessagingSettings
from fmn.sources.fedora_messaging.connection import connection_parameters, host_of, reason_of


def settings(*urls: str, **more: Any) -> FedoraMessagingSettings:
    return FedoraMessagingSettings(urls=urls, queue="fmn", **more)


def test_each_url_is_a_host_with_the_settings_login() -> None:
    first, second = connection_parameters(settings(
        "amqps://a.test/%2Fpubsub", "amqps://b.test:5000/", username="fmn", password="hush",
        heartbeat_seconds=7))
    assert (host_of(first), first.virtual_host) == ("a.test:5671", "/pubsub")
    assert host_of(second) == "b.test:5000"
    assert (first.credentials.username, first.heartbeat) == ("fmn", 7)
    assert first.ssl_options.context.check_hostname
    assert not isinstance(first.credentials, ExternalCredentials)


def test_what_is_wrong_with_a_url_is_told_without_its_password() -> None:
    with pytest.raises(OperatorError, match=r"fmn\.fedora_messaging\.urls") as error:
        connection_parameters(settings("amqps://fmn:hush@a.test/?channel_max=many"))
    assert "hush" not in str(error.value)


@pytest.mark.parametrize(("error", "told"), [
    (OSError(111, "Connection refused"), "[Errno 111] Connection refused"),
    (RuntimeError(OSError("away")), "away"),
    (RuntimeError(), "RuntimeError"),
])
def test_a_failure_has_the_reason_of_its_innermost_cause(error: Exception, told: str) -> None:
    assert reason_of(error) == told
