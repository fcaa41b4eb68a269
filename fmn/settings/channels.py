"""What can be set of the channels, and of where they may connect to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from fmn.settings.field_types import (
    LOOPBACK,
    HostAndPort,
    OptionalPath,
    Positive,
    PositiveInt,
    Secret,
    SettingsSection,
    WebUrl,
    WordList,
    web_url,
)

#: Octets of a bounce address before the @: 64 in all, less a delimiter, a number, a hyphen and a signature.
MAX_BOUNCE_NAME = 27
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
#: RFC 2812 section 2.3.1, but for the length: 9 there, up to 30 on today's networks.
IRC_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}", re.ASCII)
#: Lines of a delivery on IRC at most: a screen full, and what can be said while it's claimed.
MAX_IRC_LINES = 40
#: What Apprise can reach that isn't a service by HTTP: this machine itself, files of it, or connections that
#: nobody guards (see docs/decisions/0024).
_UNFIT_APPRISE_SCHEMES = frozenset({
    "amqp", "amqps", "aprs", "blink1", "dbus", "deltachat", "deltachats", "fcm", "gio", "glib", "gnome",
    "growl", "irc", "ircs", "kde", "macosx", "mailto", "mailtos", "mqtt", "mqtts", "nostr", "qt", "rsyslog",
    "smpp", "smpps", "syslog", "vapid", "windows", "xmpp", "xmpps",
})


def _one_word(value: str) -> str:
    if not value.isascii() or not value.isprintable() or len(value.split()) != 1:
        raise ValueError("it has to be one word of ASCII characters")
    return value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        parts = urlsplit(web_url(origin))
        if f"{parts.scheme}://{parts.netloc}" != origin:
            raise ValueError(f"{origin} isn't where a site is, without a path, such as https://example.org")
    return value


class EmailSettings(SettingsSection):
    """The mail server, and what mails say of us."""

    host: str = "127.0.0.1"
    port: PositiveInt = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: Secret = ""
    ca_file: OptionalPath = None
    sender: str = "notifications@localhost.localdomain"
    sender_name: str = "FMN"
    envelope_sender: str = ""
    bounce_address: str = ""
    recipient_delimiter: Literal["+", "-", "=", "_"] = "+"
    list_id: str = "fmn.localhost.localdomain"
    subject_prefix: str = ""
    timeout_seconds: Positive = 30
    connections: PositiveInt = 8
    max_body_bytes: Annotated[int, Field(ge=100_000)] = 500_000

    @field_validator("sender", "envelope_sender", "bounce_address")
    @classmethod
    def _is_an_address(cls, value: str, info: ValidationInfo) -> str:
        empty_is_fine = info.field_name != "sender"
        if not (value == "" and empty_is_fine) and not _ADDRESS.fullmatch(value):
            raise ValueError("it isn't an e-mail address of ASCII characters, such as fmn@example.org")
        return value

    @field_validator("sender_name", "list_id", "subject_prefix")
    @classmethod
    def _fits_in_a_header(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("it has characters that a mail's header can't hold")
        return value

    def conflicts(self) -> Iterator[str]:
        local, _, _ = self.bounce_address.rpartition("@")
        if len(local) > MAX_BOUNCE_NAME or self.recipient_delimiter in local:
            yield (
                f"fmn.email.bounce_address can have {MAX_BOUNCE_NAME} characters before the @ at most, "
                f"and no {self.recipient_delimiter}: each mail adds that, its number and a signature")
        if self.username and self.security == "none" and self.host not in LOOPBACK:
            yield ("fmn.email.password would travel in the clear: "
                   "say fmn.email.security = starttls or tls, or leave fmn.email.username empty")


class IrcSettings(SettingsSection):
    """The IRC network, who we are there, and how fast we may talk.

    ``ownership`` is the question that ``nickserv`` answers: ``acc`` (Atheme) or ``status`` (Anope).
    """

    host: str = "127.0.0.1"
    port: PositiveInt = 6697
    security: Literal["none", "tls"] = "tls"
    ca_file: OptionalPath = None
    nick: str = "fmn"
    username: Annotated[str, AfterValidator(_one_word)] = "fmn"
    realname: str = "FMN"
    sasl_username: str = ""
    sasl_password: Secret = ""
    nickserv: Annotated[str, AfterValidator(_one_word)] = "NickServ"
    nickserv_password: Secret = ""
    ownership: Literal["acc", "status"] = "acc"
    lines_per_second: Positive = 1
    burst: PositiveInt = 4
    timeout_seconds: Positive = 10
    offline: Literal["keep", "drop"] = "keep"
    offline_hours: Positive = 24

    @field_validator("nick")
    @classmethod
    def _is_a_nick(cls, value: str) -> str:
        if not IRC_NICK.fullmatch(value):
            raise ValueError("it can't be a nick on IRC")
        return value

    @field_validator("realname", "sasl_username", "sasl_password", "nickserv_password")
    @classmethod
    def _fits_in_a_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("it has characters that a line on IRC can't hold")
        return value

    def conflicts(self) -> Iterator[str]:
        if bool(self.sasl_username) != bool(self.sasl_password):
            yield "fmn.irc.sasl_username and fmn.irc.sasl_password are set together or not at all"
        if self.sasl_username and self.nickserv_password:
            yield "fmn.irc.nickserv_password and fmn.irc.sasl_password do the same: set one"
        is_secret = self.sasl_password or self.nickserv_password
        if is_secret and self.security == "none" and self.host not in LOOPBACK:
            yield "the password in fmn.irc would travel in the clear: say fmn.irc.security = tls"

    def seconds_for(self, lines: int) -> float:
        """How long it takes at most to say so many lines and have the server confirm them.

        Half of what is said are questions whether who's there is the owner, pings, and answers to others.
        """
        return (2 * lines + 5) / self.lines_per_second + 2 * self.timeout_seconds


#: One more than the largest port.
_PORTS = 1 << 16


class EgressSettings(SettingsSection):
    """Which networks may be reached besides public ones, and at which ports, where users say where to."""

    allowed_networks: WordList = ()
    allowed_ports: WordList = ("80", "443", "1024-65535")

    @field_validator("allowed_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(f"{error}; write networks such as 10.1.0.0/16 or fd00:1::/64") from error
        return value


    @field_validator("allowed_ports")
    @classmethod
    def _are_ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            port_range(each)
        return value


def port_range(text: str) -> range:
    """The ports that a word such as 443 or 1024-65535 stands for. Raises :class:`ValueError`."""
    first, _, last = text.partition("-")
    numbers = [each for each in (first, last or first) if each.isascii() and each.isdecimal()]
    found = range(int(numbers[0]), int(numbers[1]) + 1) if len(numbers) == 2 else range(0)  # noqa: PLR2004
    if not found or found.start < 1 or found.stop > _PORTS:
        raise ValueError(f"{text!r} isn't a port; write ports such as 443 or 1024-65535")
    return found


class WebhookSettings(SettingsSection):
    """How long somebody's own server may take for a delivery in all, and who vouches for its certificate."""

    timeout_seconds: Positive = 10
    ca_file: OptionalPath = None


class AppriseSettings(SettingsSection):
    """Which services people may name by their Apprise URLs, and how long one may take for a delivery."""

    schemes: WordList = (
        "matrix", "matrixs", "slack", "discord", "tgram", "ntfy", "ntfys", "gotify", "gotifys", "mmost",
        "mmosts", "rocket", "rockets", "zulip", "gchat", "workflows", "wxteams", "pover", "mastodon",
        "mastodons")
    timeout_seconds: Positive = 30

    @field_validator("schemes")
    @classmethod
    def _are_fit(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unfit := _UNFIT_APPRISE_SCHEMES.intersection(value):
            raise ValueError(f"{', '.join(sorted(unfit))} can't be guarded: name services that speak HTTP")
        return value


class SseSettings(SettingsSection):
    """The live feed: where it's served, to which other sites' pages, and to how many at the same time.

    ``base_url`` is where people reach it, ``""`` if that's the web app's address; ``trusted_proxies`` are
    believed which client they ask for.
    """

    listen: HostAndPort = "127.0.0.1:6544"
    base_url: WebUrl = ""
    allowed_origins: Annotated[WordList, AfterValidator(_origins)] = ()
    heartbeat_seconds: Positive = 15
    most_readers: PositiveInt = 4000
    most_readers_per_user: PositiveInt = 20
    most_readers_per_address: PositiveInt = 100
    trusted_proxies: WordList = ("127.0.0.1",)


class BounceSettings(SettingsSection):
    """When an address doesn't work: what came back, and what was refused for good."""

    soft_limit: PositiveInt = 5
    soft_days: PositiveInt = 14
    failures_in_a_row: PositiveInt = 10
    failing_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 24
    ignored_after_days: PositiveInt = 30
