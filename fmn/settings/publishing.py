"""Settings of publishing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from fmn.settings.field_types import (
    LOOPBACK,
    OptionalPath,
    Positive,
    Secret,
    SettingsSection,
    WordList,
)

FEDORA_MESSAGING = "fedora-messaging"
#: Names of the buses that FMN can publish on.
BUSES = ("fedmsg", FEDORA_MESSAGING)


def _known_buses(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values or not set(values) <= set(BUSES):
        raise ValueError(f"There are {', '.join(BUSES)}")
    return tuple(dict.fromkeys(values))


def _empty_or_amqp(value: str) -> str:
    parts = urlsplit(value)
    _ = parts.port  # raises ValueError, with a sentence, if it isn't a number
    if value and (parts.scheme not in {"amqp", "amqps"} or not parts.hostname):
        raise ValueError("It must be like amqps://rabbitmq.example.org/%2Fpubsub")
    return value


class PublishSettings(SettingsSection):
    """Publishing: buses, address, topic, certificate, and whether preference changes are announced."""

    bus: Annotated[WordList, AfterValidator(_known_buses)] = ("fedmsg",)
    endpoint: str = "tcp://127.0.0.1:9941"
    mode: Literal["bind", "connect"] = "bind"
    url: Annotated[Secret, AfterValidator(_empty_or_amqp)] = ""
    exchange: str = "amq.topic"
    amqp_ca_file: OptionalPath = None
    amqp_certificate_file: OptionalPath = None
    amqp_key_file: OptionalPath = None
    allow_plaintext: bool = False
    topic_prefix: str = "org.fedoraproject"
    environment: str = "dev"
    certificate_file: OptionalPath = None
    key_file: OptionalPath = None
    settle_seconds: Positive = 0.5
    announce: bool = False

    def conflicts(self) -> Iterator[str]:
        where = urlsplit(self.url)
        if where.scheme == "amqp" and where.hostname not in LOOPBACK and not self.allow_plaintext:
            yield (
                "fmn.publish.url has to begin with amqps://: anyone in between could read the password and "
                "change messages. If that's meant, say fmn.publish.allow_plaintext = true")
        if (self.amqp_certificate_file is None) != (self.amqp_key_file is None):
            yield "fmn.publish.amqp_certificate_file and amqp_key_file are named together or not at all"
