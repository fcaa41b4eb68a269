"""What can be set, section by section: names, types, defaults, and which values make no sense."""

from __future__ import annotations

import math
import re
from importlib.metadata import entry_points
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

#: Other packages add sources for :mod:`fmn.directory` here.
DIRECTORY_ENTRY_POINTS = "fmn.directory"
#: Channels, ours and those of other packages; see :mod:`fmn.channels`.
CHANNEL_ENTRY_POINTS = "fmn.channels"


def _lines(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _optional_path(value: object) -> object:
    return None if value == "" else value


#: Octets of a bounce address before the @: 64 in all, less a delimiter, a number, a hyphen and a signature.
LONGEST_BOUNCE_NAME = 27
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
#: RFC 2812 section 2.3.1, but for the length: 9 there, up to 30 on today's networks.
IRC_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}", re.ASCII)
#: Lines of a delivery on IRC at most: a screen full, and what can be said while it's claimed.
MOST_IRC_LINES = 40
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: What Apprise can reach that isn't a service by HTTP: this machine itself, files of it, or connections that
#: nobody guards (see docs/decisions/0024).
_UNFIT_APPRISE_SCHEMES = frozenset({
    "amqp", "amqps", "aprs", "blink1", "dbus", "deltachat", "deltachats", "fcm", "gio", "glib", "gnome",
    "growl", "irc", "ircs", "kde", "macosx", "mailto", "mailtos", "mqtt", "mqtts", "nostr", "qt", "rsyslog",
    "smpp", "smpps", "syslog", "vapid", "windows", "xmpp", "xmpps",
})


def _directory(*built_in: str) -> AfterValidator:
    def check(value: str) -> str:
        names = {*built_in, *entry_points(group=DIRECTORY_ENTRY_POINTS).names}
        if value not in names:
            raise ValueError(f"There are {', '.join(sorted(names))}")
        return value

    return AfterValidator(check)


def _begins_with(*beginnings: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value.startswith(beginnings):
            raise ValueError(f"It must begin with {' or '.join(beginnings)}")
        _ = urlsplit(value).port  # raises ValueError, with a sentence, if it isn't a number
        return value

    return AfterValidator(check)


def _address(value: str) -> str:
    if (parts := urlsplit(f"//{value}")).port is None or not parts.hostname or parts.netloc != value:
        raise ValueError("it isn't a host and a port, such as 127.0.0.1:6543")
    return value


def _one_word(value: str) -> str:
    if not value.isascii() or not value.isprintable() or len(value.split()) != 1:
        raise ValueError("it has to be one word of ASCII characters")
    return value


def _web_address(value: str) -> str:
    if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
        raise ValueError("it isn't a web address, such as https://example.org")
    return value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        parts = urlsplit(_web_address(origin))
        if f"{parts.scheme}://{parts.netloc}" != origin:
            raise ValueError(f"{origin} isn't where a site is, without a path, such as https://example.org")
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_lines)]
OptionalPath = Annotated[Path | None, BeforeValidator(_optional_path)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
PositiveInt = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Section):
    """Where the truth is kept."""

    url: Annotated[str, _begins_with("sqlite:///", "postgresql://", "postgresql+psycopg2://")] = (
        "sqlite:///var/fmn.sqlite")


class BrokerSettings(Section):
    """Where tasks go: ``memory://`` within one process, or ``amqp://…`` for RabbitMQ."""

    url: Annotated[str, _begins_with("memory://", "amqp://", "amqps://")] = "memory://"


class CacheSettings(Section):
    """What workers share besides the database: ``memory://`` within one process, or ``redis://…``."""

    url: Annotated[str, _begins_with("memory://", "redis://", "rediss://", "unix://")] = "memory://"


class BusSettings(Section):
    """Which messages are listened to, and what makes one acceptable."""

    endpoints: Words = ()
    topics: Words = ("*",)
    environment: str = "prod"
    validate_signatures: bool = True
    ca_file: OptionalPath = None
    crl_file: OptionalPath = None
    routing_policy_file: OptionalPath = None
    routing_nitpicky: bool = False
    max_message_bytes: PositiveInt = 10_000_000
    junk_suffixes: Words = ()
    ignored_copr_owners: Words = ()
    batch_messages: PositiveInt = 100
    batch_milliseconds: PositiveInt = 50

    @model_validator(mode="after")
    def _authority_is_named(self) -> Self:
        if self.endpoints and self.validate_signatures and self.ca_file is None:
            raise ValueError(
                "fmn.bus.ca_file is missing: name the authority that signs the bus's certificates, "
                "or say fmn.bus.validate_signatures = false to accept whatever anybody sends")
        return self


class PublishSettings(Section):
    """How the bus is reached to publish on it, and whether changes of preferences are announced there."""

    endpoint: str = "tcp://127.0.0.1:9941"
    mode: Literal["bind", "connect"] = "bind"
    topic_prefix: str = "org.fedoraproject"
    environment: str = "dev"
    certificate_file: OptionalPath = None
    key_file: OptionalPath = None
    settle_seconds: Positive = 0.5
    announce: bool = False


class DirectorySettings(Section):
    """Who owns which package, who is in which group, whose address is whose."""

    ownership: Annotated[str, _directory("none", "file", "pagure")] = "none"
    accounts: Annotated[str, _directory("none", "file", "fasjson")] = "none"
    file: OptionalPath = None
    pagure_url: str = "https://src.fedoraproject.org"
    pagure_watchers: Literal["listed", "committers"] = "listed"
    fasjson_url: str = "https://fasjson.fedoraproject.org"
    fasjson_token: str = ""
    email_domain: str = ""
    refresh_minutes: Positive = 30
    timeout_seconds: Positive = 60

    @model_validator(mode="after")
    def _file_is_named(self) -> Self:
        if "file" in (self.ownership, self.accounts) and self.file is None:
            raise ValueError(
                "fmn.directory.file is missing: name the JSON file with owners, groups and aliases")
        return self


class AutocreateSettings(Section):
    """On which event types an account is made for the people concerned, and in which contexts.

    Its default filters are there either way; ``switched_on`` says whether anything is sent before somebody
    asks for it.
    """

    events: Words = ()
    groups: Words = ("packager",)
    contexts: Words = ("email",)
    switched_on: bool = True


class EmailSettings(Section):
    """The mail server, and what mails say of us."""

    host: str = "127.0.0.1"
    port: PositiveInt = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = ""
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

    @model_validator(mode="after")
    def _return_addresses_fit(self) -> Self:
        local, _, _ = self.bounce_address.rpartition("@")
        if len(local) > LONGEST_BOUNCE_NAME or self.recipient_delimiter in local:
            raise ValueError(
                f"fmn.email.bounce_address can have {LONGEST_BOUNCE_NAME} characters before the @ at most, "
                f"and no {self.recipient_delimiter}: each mail adds that, its number and a signature")
        return self

    @model_validator(mode="after")
    def _password_is_encrypted(self) -> Self:
        if self.username and self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError("fmn.email.password would travel in the clear: "
                             "say fmn.email.security = starttls or tls, or leave fmn.email.username empty")
        return self


class IrcSettings(Section):
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
    sasl_password: str = ""
    nickserv: Annotated[str, AfterValidator(_one_word)] = "NickServ"
    nickserv_password: str = ""
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

    @model_validator(mode="after")
    def _login_makes_sense(self) -> Self:
        if bool(self.sasl_username) != bool(self.sasl_password):
            raise ValueError("fmn.irc.sasl_username and fmn.irc.sasl_password are set together or not at all")
        if self.sasl_username and self.nickserv_password:
            raise ValueError("fmn.irc.nickserv_password and fmn.irc.sasl_password do the same: set one")
        is_secret = self.sasl_password or self.nickserv_password
        if is_secret and self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError("the password in fmn.irc would travel in the clear: say fmn.irc.security = tls")
        return self

    def seconds_for(self, lines: int) -> float:
        """How long it takes at most to say so many lines and have the server confirm them.

        Half of what is said are questions whether who's there is the owner, pings, and answers to others.
        """
        return (2 * lines + 5) / self.lines_per_second + 2 * self.timeout_seconds


class EgressSettings(Section):
    """Which networks may be reached besides public ones, where users say where to."""

    allowed_networks: Words = ()

    @field_validator("allowed_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(f"{error}; write networks such as 10.1.0.0/16 or fd00:1::/64") from error
        return value


class WebhookSettings(Section):
    """How long somebody's own server may take for a delivery in all, and who vouches for its certificate."""

    timeout_seconds: Positive = 10
    ca_file: OptionalPath = None


class AppriseSettings(Section):
    """Which services people may name by their Apprise URLs, and how long one may take for a delivery."""

    schemes: Words = (
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


class SseSettings(Section):
    """The live feed: where it's served, to which other sites' pages, and to how many at the same time.

    ``base_url`` is where people reach it, ``""`` if that's the web app's address.
    """

    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1:6544"
    base_url: Annotated[str, AfterValidator(_web_address)] = ""
    allowed_origins: Annotated[Words, AfterValidator(_origins)] = ()
    heartbeat_seconds: Positive = 15
    most_readers: PositiveInt = 4000
    most_readers_per_user: PositiveInt = 20


class WebSettings(Section):
    """Where people reach the web app, who administers it, and how long a sign-in lasts.

    ``development_login`` lets anyone who reaches the app be anyone, without a password.
    """

    base_url: str = "http://127.0.0.1:6543"
    secret: str = ""
    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1:6543"
    administrators: Words = ()
    session_hours: Positive = 24 * 14
    longest_session_days: Positive = 90
    development_login: bool = False

    @model_validator(mode="after")
    def _development_login_stays_here(self) -> Self:
        places = {urlsplit(self.base_url).hostname, urlsplit(f"//{self.listen}").hostname}
        if self.development_login and not places <= _LOOPBACK:
            raise ValueError(
                "fmn.web.development_login = true lets anyone in as anyone: it's for fmn.web.base_url and "
                "fmn.web.listen on 127.0.0.1 alone")
        return self


class OidcSettings(Section):
    """The OpenID Connect provider that people sign in with; without ``issuer`` there's none."""

    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    scopes: Words = ("openid", "profile", "email")
    nick_claim: str = "nickname"
    email_claim: str = "email"
    provider_name: str = "single sign-on"
    confirmed_email: bool = False
    timeout_seconds: Positive = 10

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError(
                "fmn.oidc.client_id is missing: the provider gave it when FMN was registered there")
        issuer = urlsplit(self.issuer)
        if self.issuer and issuer.scheme != "https" and issuer.hostname not in _LOOPBACK:
            raise ValueError("fmn.oidc.issuer has to begin with https://: anyone in between could sign in")
        return self


class ConfirmationSettings(Section):
    """How long a request to confirm an address holds, and how many are sent."""

    hours: Positive = 48
    per_address_per_day: PositiveInt = 5
    per_user_per_hour: PositiveInt = 10
    in_all_per_minute: PositiveInt = 60


class DeliverySettings(Section):
    """Which channels there are, and how deliveries are handed to their backends, claimed and tried again."""

    channels: Words = ("email",)
    chunk: PositiveInt = 64
    claim_seconds: Positive = 180
    first_retry_seconds: Positive = 30
    longest_retry_seconds: Positive = 6 * 3600
    give_up_days: Positive = 5

    @field_validator("channels")
    @classmethod
    def _are_installed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        installed = entry_points(group=CHANNEL_ENTRY_POINTS).names
        if not value or not set(value) <= installed:
            raise ValueError(f"There are {', '.join(sorted(installed))}")
        return tuple(dict.fromkeys(value))


class BounceSettings(Section):
    """When an address doesn't work: what came back, and what was refused for good."""

    soft_limit: PositiveInt = 5
    soft_days: PositiveInt = 14
    failures_in_a_row: PositiveInt = 10
    failing_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 24
    ignored_after_days: PositiveInt = 30


class DigestSettings(Section):
    """How often digests are looked at, and how much one holds."""

    check_seconds: PositiveInt = 10
    max_messages: PositiveInt = 500


class FloodSettings(Section):
    """How much is sent singly within a window, and how often the surplus is sent together."""

    per_event: PositiveInt = 5
    per_preference: PositiveInt = 30
    window_minutes: Positive = 10
    digest_minutes: Positive = 15


class SweepSettings(Section):
    """How soon work is taken up again whose task was lost."""

    seconds: PositiveInt = 5
    grace_seconds: Positive = 30


class HistorySettings(Section):
    """How long messages are kept."""

    days: PositiveInt = 14


class LogSettings(Section):
    """How logs look."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class DemoSettings(Section):
    """The demo of ``fmn up``: where it keeps its things, and its pace."""

    directory: Path = Path("var/demo")
    seconds_between_messages: Positive = 2
    mail_port: Annotated[int, Field(ge=0)] = 0


class Settings(Section):
    """All settings of an installation."""

    database: DatabaseSettings = DatabaseSettings()
    broker: BrokerSettings = BrokerSettings()
    cache: CacheSettings = CacheSettings()
    bus: BusSettings = BusSettings()
    publish: PublishSettings = PublishSettings()
    directory: DirectorySettings = DirectorySettings()
    autocreate: AutocreateSettings = AutocreateSettings()
    email: EmailSettings = EmailSettings()
    irc: IrcSettings = IrcSettings()
    egress: EgressSettings = EgressSettings()
    webhook: WebhookSettings = WebhookSettings()
    apprise: AppriseSettings = AppriseSettings()
    sse: SseSettings = SseSettings()
    web: WebSettings = WebSettings()
    oidc: OidcSettings = OidcSettings()
    confirmation: ConfirmationSettings = ConfirmationSettings()
    delivery: DeliverySettings = DeliverySettings()
    bounce: BounceSettings = BounceSettings()
    digest: DigestSettings = DigestSettings()
    flood: FloodSettings = FloodSettings()
    sweep: SweepSettings = SweepSettings()
    history: HistorySettings = HistorySettings()
    log: LogSettings = LogSettings()
    demo: DemoSettings = DemoSettings()

    @model_validator(mode="after")
    def _claims_outlast_the_mail_server(self) -> Self:
        # A delivery is begun with two thirds of its claim left; the server may take twice its time.
        if self.delivery.claim_seconds < 3 * self.email.timeout_seconds:
            raise ValueError(
                "fmn.delivery.claim_seconds is too short: "
                "it has to be at least three times as long as fmn.email.timeout_seconds")
        return self

    @model_validator(mode="after")
    def _claims_outlast_the_irc_server(self) -> Self:
        # A delivery is begun with two thirds of its claim left; connecting may take as long as an answer.
        needed = 1.5 * (self.irc.seconds_for(MOST_IRC_LINES) + self.irc.timeout_seconds)
        if "irc" in self.delivery.channels and self.delivery.claim_seconds < needed:
            raise ValueError(
                f"fmn.delivery.claim_seconds is too short: it has to be at least {math.ceil(needed)} with "
                "these fmn.irc.lines_per_second and fmn.irc.timeout_seconds")
        return self

    @model_validator(mode="after")
    def _claims_outlast_users_servers(self) -> Self:
        for name, section in (("webhook", self.webhook), ("apprise", self.apprise)):
            if name in self.delivery.channels and self.delivery.claim_seconds < 3 * section.timeout_seconds:
                raise ValueError(
                    "fmn.delivery.claim_seconds is too short: "
                    f"it has to be at least three times as long as fmn.{name}.timeout_seconds")
        return self
