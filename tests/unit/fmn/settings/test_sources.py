from __future__ import annotations

from collections.abc import Sequence

import pytest

from fmn.settings import SettingsError, settings_from

PREFIX = "fmn.fedora_messaging."
GOOD = {"urls": "amqps://mq.example.org/%2Fpubsub", "queue": "fmn"}


def problems(**changed: str) -> Sequence[str]:
    try:
        settings_from({f"{PREFIX}{name}": value for name, value in {**GOOD, **changed}.items()})
    except SettingsError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("changed", [
    {}, {"urls": ""}, {"urls": "amqp://localhost/"}, {"urls": "amqp://mq.test", "allow_plaintext": "true"},
    {"urls": "amqps://a.test amqps://b.test:5671/x"}, {"certificate_file": "/a.pem", "key_file": "/a.key"},
    {"vhost": "/public_pubsub", "queue": "0b1fb5b1-6a5c-4d4c-8ad5-f8a7ad2f8b3b"},
])
def test_settings_that_go_together(changed: dict[str, str]) -> None:
    assert problems(**changed) == []


@pytest.mark.parametrize(("changed", "told"), [
    ({"urls": "amqp://mq.test/"}, "fmn.fedora_messaging.allow_plaintext"),
    ({"urls": "amqps://mq.test amqp://mq.test/"}, "isn't encrypted"),
    ({"urls": "https://mq.test/"}, "amqps://rabbitmq.example.org"),
    ({"urls": "amqps://mq.test:port/"}, "can't be used"),
    ({"queue": ""}, "fmn.fedora_messaging.queue is missing"),
    ({"vhost": "/public_pubsub"}, "has to be a UUID"),
    ({"urls": "amqps://mq.test/%2Fpublic_pubsub"}, "has to be a UUID"),
    ({"key_file": "/a.key"}, "belong together"),
    ({"prefetch": "99"}, "at least fmn.bus.batch_messages"),
])
def test_settings_that_dont_are_told_of(changed: dict[str, str], told: str) -> None:
    [problem] = problems(**changed)
    assert told in problem


def test_a_password_is_shown_to_nobody() -> None:
    [problem] = problems(urls="https://fmn:hush@mq.test/")
    assert "hush" not in problem
