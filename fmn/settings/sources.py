"""Settings of the spool and of catching up on missed messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field

from fmn.settings.field_types import (
    LOOPBACK,
    OptionalPath,
    Positive,
    PositiveInt,
    Secret,
    SettingsSection,
    WebUrl,
    WordList,
)
from fmn.settings.request_limits import RateLimit, RateLimitSetting

#: Bytes of the largest request that the web server reads, whatever ``fmn.hooks.max_body_bytes`` says:
#: GitHub's payloads have 25 MB at most, and those above some megabytes are pushes of thousands of commits.
LARGEST_HOOK_BODY: Final = 10_000_000
#: Fedora's virtual host for everybody.
PUBLIC_VHOST = "/public_pubsub"


def _amqp_urls(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError, with a sentence, if it isn't a number
        if parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
            raise ValueError("Each must be like amqps://rabbitmq.example.org/%2Fpubsub")
    return values


AmqpUrls = Annotated[WordList, AfterValidator(_amqp_urls)]


class FedoraMessagingSettings(SettingsSection):
    """fedora-messaging over AMQP: the broker, how to log in, and the queue; none without ``urls``."""

    urls: AmqpUrls = ()
    allow_plaintext: bool = False
    ca_file: OptionalPath = None
    certificate_file: OptionalPath = None
    key_file: OptionalPath = None
    username: str = ""
    password: Secret = ""
    vhost: str = ""
    queue: str = ""
    queue_declare: bool = True
    queue_durable: bool = True
    queue_auto_delete: bool = False
    queue_exclusive: bool = False
    exchange: str = "amq.topic"
    bindings: WordList = ("#",)
    prefetch: PositiveInt = 500
    heartbeat_seconds: PositiveInt = 30

    def conflicts(self) -> Iterator[str]:
        if (self.certificate_file is None) != (self.key_file is None):
            yield ("fmn.fedora_messaging.certificate_file and key_file belong together: "
                   "name both, or none to log in with a password")
        if not self.urls:
            return
        if not self.queue:
            yield ("fmn.fedora_messaging.queue is missing: name the queue to receive from; "
                   "on Fedora's public broker it's a UUID, such as uuidgen prints")
        elif PUBLIC_VHOST in self._vhosts() and not _is_uuid(self.queue):
            yield (f"fmn.fedora_messaging.queue has to be a UUID on {PUBLIC_VHOST}, such as uuidgen prints")
        for url in self.urls:
            if urlsplit(url).scheme == "amqp" and not self._may_be_plain(url):
                yield (f"fmn.fedora_messaging.urls: the connection to {urlsplit(url).hostname} isn't "
                       "encrypted, so anyone in between could send messages: begin with amqps://, or say "
                       "fmn.fedora_messaging.allow_plaintext = true")

    def _vhosts(self) -> set[str]:
        return {self.vhost} if self.vhost else {unquote(urlsplit(url).path[1:]) for url in self.urls}

    def _may_be_plain(self, url: str) -> bool:
        return self.allow_plaintext or urlsplit(url).hostname in LOOPBACK


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


class SpoolSettings(SettingsSection):
    """The spool of messages while the database is down; in memory without a directory."""

    directory: OptionalPath = None
    max_megabytes: PositiveInt = 1024


class CatalogSettings(SettingsSection):
    """The event catalogue: a directory with files of event types, beside the built-in applications."""

    directory: OptionalPath = None


class EventsSettings(SettingsSection):
    """Events that programs post: the prefix of their topics, and prefixes that their types lose."""

    topic_prefix: Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")] = "org.fedoraproject"
    type_prefixes: WordList = ()


class CatchupSettings(SettingsSection):
    """Sources of messages that FMN missed while it was down; none by default."""

    url: WebUrl = ""
    replay_endpoints: WordList = ()
    trusted_sources: WordList = ()
    timeout_seconds: Positive = 60
    look_again_minutes: Positive = 15

    def conflicts(self) -> Iterator[str]:
        for source in self.trusted_sources:
            if source != self.url:
                yield f"fmn.catchup.trusted_sources: {source} isn't fmn.catchup.url: name that one or none"
            elif urlsplit(source).scheme == "http" and urlsplit(source).hostname not in LOOPBACK:
                yield (f"fmn.catchup.trusted_sources: {source} has to begin with https://, since anyone in "
                       "between could add messages that nobody signed")
        for endpoint in self.replay_endpoints:
            if not endpoint.startswith("tcp://"):
                yield (f"fmn.catchup.replay_endpoints: {endpoint} isn't an address such as "
                       "tcp://app01.example.org:3099")

    @property
    def sources(self) -> tuple[str, ...]:
        """URLs and endpoints of all sources, the archive first."""
        return (*filter(None, [self.url]), *self.replay_endpoints)


class HookSettings(SettingsSection):
    """Webhooks that forges call: size of a payload, rates, and how long a replaced secret stays valid."""

    max_body_bytes: Annotated[int, Field(gt=0, le=LARGEST_HOOK_BODY)] = 5_000_000
    per_address: RateLimitSetting = RateLimit(1200, 60)
    per_hook: RateLimitSetting = RateLimit(1200, 60)
    overlap_hours: Positive = 24
