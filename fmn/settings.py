"""Typed settings, read from the ini file's ``[app:main]`` section and the environment.

A setting ``fmn.bus.max_message_bytes`` is ``settings.bus.max_message_bytes`` here and
``FMN_BUS_MAX_MESSAGE_BYTES`` in the environment, which wins over the file. ``production.ini``
explains each one. A key that isn't a setting is refused by name, and every problem is reported at once.
"""

from __future__ import annotations

import configparser
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

PREFIX = "fmn."
SECTION = "app:main"
#: Names the ini file for programs that take no argument for it, such as ``dramatiq fmn.actors``.
CONFIG_VARIABLE = "FMN_CONFIG"
#: Other packages add sources for :mod:`fmn.directory` here.
DIRECTORY_ENTRY_POINTS = "fmn.directory"


class SettingsError(Exception):
    """The settings can't be used; the text has one line per problem."""


def _lines(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _optional_path(value: object) -> object:
    return None if value == "" else value


_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
#: A URL's password, which nobody else who reads our problems needs to know.
_PASSWORD = re.compile(r"(?<=:)[^:/@]*(?=@)")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
    """How ``fmn publish`` reaches the bus."""

    endpoint: str = "tcp://127.0.0.1:9941"
    mode: Literal["bind", "connect"] = "bind"
    topic_prefix: str = "org.fedoraproject"
    environment: str = "dev"
    certificate_file: OptionalPath = None
    key_file: OptionalPath = None
    settle_seconds: Positive = 0.5


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
    """On which event types an account is made for the people concerned, and in which contexts."""

    events: Words = ()
    groups: Words = ("packager",)
    contexts: Words = ("email",)


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
    list_id: str = "fmn.localhost.localdomain"
    subject_prefix: str = ""
    timeout_seconds: Positive = 30
    max_body_bytes: Annotated[int, Field(ge=100_000)] = 500_000

    @field_validator("sender", "envelope_sender")
    @classmethod
    def _is_an_address(cls, value: str, info: ValidationInfo) -> str:
        empty_is_fine = info.field_name == "envelope_sender"
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
    def _password_is_encrypted(self) -> Self:
        if self.username and self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError("fmn.email.password would travel in the clear: "
                             "say fmn.email.security = starttls or tls, or leave fmn.email.username empty")
        return self


class WebSettings(Section):
    """Where people reach the web app; links in notifications start with it."""

    base_url: str = "http://127.0.0.1:6543"
    secret: str = ""
    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1:6543"


class DeliverySettings(Section):
    """How deliveries are handed to backends, claimed and tried again."""

    chunk: PositiveInt = 50
    claim_seconds: Positive = 180
    first_retry_seconds: Positive = 30
    longest_retry_seconds: Positive = 6 * 3600
    give_up_days: Positive = 5


class DigestSettings(Section):
    """How often digests are looked at, and how much one holds."""

    check_seconds: PositiveInt = 10
    max_messages: PositiveInt = 500


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
    web: WebSettings = WebSettings()
    delivery: DeliverySettings = DeliverySettings()
    digest: DigestSettings = DigestSettings()
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


def known_keys() -> list[str]:
    """Every setting by the name it has in the ini file."""
    return [f"{PREFIX}{section}.{name}" for section, name in _fields()]


def _fields() -> Iterator[tuple[str, str]]:
    for section, field in Settings.model_fields.items():
        assert isinstance(field.annotation, type)
        assert issubclass(field.annotation, Section)
        for name in field.annotation.model_fields:
            yield section, name


def load_settings(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the ini file at ``path`` (or the one that ``FMN_CONFIG`` names) and the environment.

    Raises :class:`SettingsError` with one line per problem.
    """
    if path is None:
        named = environ.get(CONFIG_VARIABLE, "")
        if not named:
            raise SettingsError(f"no settings: name an ini file with --config or in {CONFIG_VARIABLE}")
        path = Path(named)
    return settings_from(_read_ini(path), str(path), environ)


def settings_from(
    values: Mapping[str, str], where: str = "the settings", environ: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from ini-style keys, as a Pyramid app is given them. ``environ`` wins over them."""
    ours = {key: value for key, value in values.items() if key.startswith(PREFIX)}
    found = _read_environment(environ or {})
    return _build({**ours, **found}, dict.fromkeys(ours, where) | dict.fromkeys(found, "the environment"))


def _read_ini(path: Path) -> Mapping[str, str]:
    parser = configparser.ConfigParser(
        defaults={"here": str(path.resolve().parent)}, interpolation=configparser.BasicInterpolation())
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
        return dict(parser[SECTION]) if parser.has_section(SECTION) else _no_section(path)
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from error
    except configparser.InterpolationError as error:
        raise SettingsError(f"{path}: {error.option} has a % in it, which is to be written %%") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: isn't a valid ini file: {' '.join(str(error).split())}") from error


def _no_section(path: Path) -> Mapping[str, str]:
    raise SettingsError(f"{path}: has no [{SECTION}] section, where the settings belong")


def _read_environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    names = {_variable(key): key for key in known_keys()}
    found = {name: value for name, value in environ.items()
             if name.startswith("FMN_") and name != CONFIG_VARIABLE}
    return {names.get(name, name): value for name, value in found.items()}


def _variable(key: str) -> str:
    return key.upper().replace(".", "_")


def _build(values: Mapping[str, str], origin: Mapping[str, str]) -> Settings:
    known = set(known_keys())
    problems = [_unknown(key, origin[key]) for key in values if key not in known]
    nested: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        if key in known:
            section, name = key.removeprefix(PREFIX).split(".", 1)
            nested.setdefault(section, {})[name] = value
    try:
        settings = Settings.model_validate(nested)
    except ValidationError as error:
        problems += [_invalid(dict(detail), origin) for detail in error.errors()]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _unknown(key: str, where: str) -> str:
    names = [_variable(name) for name in known_keys()] if key.startswith("FMN_") else known_keys()
    close = difflib.get_close_matches(key, names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{where}: {key} is not a setting{hint}"


def _invalid(detail: Mapping[str, Any], origin: Mapping[str, str]) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    if len(detail["loc"]) < 2:  # noqa: PLR2004 - section and name; a rule about several settings names them in its own words
        return message
    key = PREFIX + ".".join(str(part) for part in detail["loc"][:2])
    where = origin.get(key, "the settings")
    shown = _PASSWORD.sub("…", repr(detail["input"]))
    return f"{where}: {key} = {shown} can't be used: {message[:1].lower()}{message[1:]}"
