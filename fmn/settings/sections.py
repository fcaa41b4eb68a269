"""Sections of settings: names, types, defaults and validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, field_validator

from fmn.plugins import plugins
from fmn.settings.channels import BounceSettings, EgressSettings
from fmn.settings.check_results import CheckResults
from fmn.settings.field_types import (
    OptionalPath,
    PartitionCounts,
    Positive,
    PositiveInt,
    Secret,
    SettingsSection,
    WordList,
    host_and_port,
    partition_counts,
    url_with_scheme,
)
from fmn.settings.publishing import FEDORA_MESSAGING, PublishSettings
from fmn.settings.request_limits import LimitSettings
from fmn.settings.sources import (
    CatalogSettings,
    CatchupSettings,
    EventsSettings,
    FedoraMessagingSettings,
    HookSettings,
    SpoolSettings,
)
from fmn.settings.web import ConfirmationSettings, OidcSettings, WebSettings

#: Other packages add sources for :mod:`fmn.directory` here.
DIRECTORY_ENTRY_POINTS = "fmn.directory"
#: Channels, ours and those of other packages; see :mod:`fmn.channels`.
CHANNEL_ENTRY_POINTS = "fmn.channels"


def _directory(*built_in: str) -> AfterValidator:
    def check(value: str) -> str:
        names = {*built_in, *plugins(DIRECTORY_ENTRY_POINTS).names}
        if value not in names:
            raise ValueError(f"There are {', '.join(sorted(names))}")
        return value

    return AfterValidator(check)


class DatabaseSettings(SettingsSection):
    """The database: PostgreSQL, or SQLite on one host."""

    url: Annotated[str, url_with_scheme("sqlite:///", "postgresql://", "postgresql+psycopg2://")] = (
        "sqlite:///var/fmn.sqlite")


class BrokerSettings(SettingsSection):
    """The broker of tasks: ``memory://`` within one process, or ``amqp://…`` for RabbitMQ."""

    url: Annotated[str, url_with_scheme("memory://", "amqp://", "amqps://")] = "memory://"


class CacheSettings(SettingsSection):
    """The cache that processes share: ``memory://`` within one process, or ``redis://…``."""

    url: Annotated[str, url_with_scheme("memory://", "redis://", "rediss://", "unix://")] = "memory://"


class BusSettings(SettingsSection):
    """The fedmsg bus: endpoints, subscriptions, signature validation and limits of messages."""

    endpoints: WordList = ()
    topics: WordList = ("*",)
    environment: str = "prod"
    validate_signatures: bool = True
    ca_file: OptionalPath = None
    crl_file: OptionalPath = None
    routing_policy_file: OptionalPath = None
    routing_nitpicky: bool = False
    max_message_bytes: PositiveInt = 1_000_000
    freshness_minutes: Positive = 60
    junk_suffixes: WordList = ()
    ignored_copr_owners: WordList = ()
    batch_messages: PositiveInt = 100
    batch_milliseconds: PositiveInt = 20

    def conflicts(self) -> Iterator[str]:
        if self.endpoints and self.validate_signatures and self.ca_file is None:
            yield (
                "fmn.bus.ca_file is missing: name the authority that signs the bus's certificates, "
                "or say fmn.bus.validate_signatures = false to accept whatever anybody sends")


class DirectorySettings(SettingsSection):
    """The directory: sources of package owners, groups and accounts' addresses."""

    ownership: Annotated[str, _directory("none", "file", "pagure")] = "none"
    accounts: Annotated[str, _directory("none", "file", "fasjson")] = "none"
    file: OptionalPath = None
    pagure_url: str = "https://src.fedoraproject.org"
    pagure_watchers: Literal["listed", "committers"] = "listed"
    fasjson_url: str = "https://fasjson.fedoraproject.org"
    fasjson_token: Secret = ""
    email_domain: str = ""
    refresh_minutes: Positive = 30
    timeout_seconds: Positive = 60

    def conflicts(self) -> Iterator[str]:
        if "file" in (self.ownership, self.accounts) and self.file is None:
            yield (
                "fmn.directory.file is missing: name the JSON file with owners, groups and aliases")


class AutocreateSettings(SettingsSection):
    """Automatic account creation: on which event types, for which groups, in which contexts.

    Its default filters are there either way; ``switched_on`` says whether anything is sent before somebody
    asks for it.
    """

    events: WordList = ()
    groups: WordList = ("packager",)
    contexts: WordList = ("email",)
    switched_on: bool = True


class DeliverySettings(SettingsSection):
    """Delivery: enabled channels and their partitions, size of batches, claims and retries.

    ``partitions`` are words: a number for all channels, or ``email=4`` for one.
    """

    channels: WordList = ("email",)
    partitions: PartitionCounts = ("1",)
    chunk: PositiveInt = 64
    claim_seconds: Positive = 180
    first_retry_seconds: Positive = 30
    longest_retry_seconds: Positive = 6 * 3600
    give_up_days: Positive = 5

    @field_validator("channels")
    @classmethod
    def _are_installed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        installed = plugins(CHANNEL_ENTRY_POINTS).names
        if not value or not set(value) <= installed:
            raise ValueError(f"There are {', '.join(sorted(installed))}")
        return tuple(dict.fromkeys(value))

    @property
    def partition_counts(self) -> Mapping[str, int]:
        """The number of partitions of each channel's queue."""
        counts = partition_counts(self.partitions)
        return {channel: counts.get(channel, counts.get("", 1)) for channel in self.channels}

    def conflicts(self) -> Iterator[str]:
        for channel in partition_counts(self.partitions):
            if channel and channel not in self.channels:
                yield f"fmn.delivery.partitions: {channel} isn't among fmn.delivery.channels"


class DigestSettings(SettingsSection):
    """Digests: how often due ones are closed, and messages per digest."""

    check_seconds: PositiveInt = 10
    max_messages: PositiveInt = 500


class FloodSettings(SettingsSection):
    """Throttling: notifications sent singly within a window, and the interval of digests of the rest."""

    per_event: PositiveInt = 5
    per_preference: PositiveInt = 30
    window_minutes: Positive = 10
    digest_minutes: Positive = 15


class SweepSettings(SettingsSection):
    """The sweep, which enqueues work again whose task was lost."""

    seconds: PositiveInt = 5
    grace_seconds: Positive = 30


class HistorySettings(SettingsSection):
    """Retention, in days: messages, deliveries, audit log and message ids."""

    days: PositiveInt = 14
    delivery_days: PositiveInt = 90
    audit_days: PositiveInt = 730
    id_days: PositiveInt = 400

    def conflicts(self) -> Iterator[str]:
        """Contradictions within the section."""
        if self.delivery_days < self.days:
            yield ("fmn.history.delivery_days has to be at least fmn.history.days: "
                   "the inbox says of each message what was sent of it")
        if self.id_days < self.delivery_days:
            yield ("fmn.history.id_days has to be at least fmn.history.delivery_days: "
                   "a message that comes again would be taken for a new one")


class LogSettings(SettingsSection):
    """Format and level of logs."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class DemoSettings(SettingsSection):
    """The demo of ``fmn up``: its directory, pace and mail port."""

    directory: Path = Path("var/demo")
    seconds_between_messages: Positive = 2
    mail_port: Annotated[int, Field(ge=0)] = 0


class MatchingSettings(SettingsSection):
    """The index of filters: a directory for snapshots, none without one."""

    snapshot_directory: OptionalPath = None


class BudgetSettings(SettingsSection):
    """Limits of computing time: for one person's filters, and for a preview."""

    matching_milliseconds: Positive = 20
    preview_seconds: Positive = 0.7


def _empty_or_host_and_port(value: str) -> str:
    return host_and_port(value) if value else value


class MetricsSettings(SettingsSection):
    """Address of a process's metrics and health checks; none if ``listen`` is empty."""

    listen: Annotated[str, AfterValidator(_empty_or_host_and_port)] = ""


class ChannelSettings(SettingsSection):
    """Base class of a channel's section, whose keys are ``fmn.<channel>.*``.

    A channel names its subclass in :attr:`fmn.channels.ChannelType.settings`.
    """

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read this section of an installation's settings; the defaults if ``settings`` has none."""
        found = [section for section in settings.channel_sections().values() if type(section) is cls]
        return found[0] if found else cls()

    def conflicts_with(self, settings: Settings) -> Iterator[str]:
        """What doesn't go together with other sections: a sentence for each, which names all keys concerned.

        A conflict keeps every process from starting. Those within the section belong in :meth:`conflicts`.
        """
        yield from ()

    def check(self, settings: Settings) -> CheckResults:
        """What ``fmn config check`` says of this section without connecting: insecure or suspicious values.

        FMN starts in spite of them.
        """
        yield from ()


class Settings(SettingsSection):
    """All settings of an installation.

    The sections of channels are further attributes, added for the installed channels by
    :func:`fmn.settings.loader.installed_settings`; :meth:`ChannelSettings.of` reads one.
    """

    model_config = ConfigDict(extra="allow", defer_build=True)
    __pydantic_extra__: dict[str, ChannelSettings] = Field(init=False)

    database: DatabaseSettings = DatabaseSettings()
    broker: BrokerSettings = BrokerSettings()
    cache: CacheSettings = CacheSettings()
    bus: BusSettings = BusSettings()
    fedora_messaging: FedoraMessagingSettings = FedoraMessagingSettings()
    spool: SpoolSettings = SpoolSettings()
    catchup: CatchupSettings = CatchupSettings()
    hooks: HookSettings = HookSettings()
    catalog: CatalogSettings = CatalogSettings()
    events: EventsSettings = EventsSettings()
    publish: PublishSettings = PublishSettings()
    directory: DirectorySettings = DirectorySettings()
    autocreate: AutocreateSettings = AutocreateSettings()
    egress: EgressSettings = EgressSettings()
    web: WebSettings = WebSettings()
    limits: LimitSettings = LimitSettings()
    oidc: OidcSettings = OidcSettings()
    confirmation: ConfirmationSettings = ConfirmationSettings()
    delivery: DeliverySettings = DeliverySettings()
    bounce: BounceSettings = BounceSettings()
    digest: DigestSettings = DigestSettings()
    flood: FloodSettings = FloodSettings()
    matching: MatchingSettings = MatchingSettings()
    budget: BudgetSettings = BudgetSettings()
    sweep: SweepSettings = SweepSettings()
    history: HistorySettings = HistorySettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    demo: DemoSettings = DemoSettings()

    def conflicts(self) -> Iterator[str]:
        if self.web.development_login and self.oidc.issuer:
            yield (
                "fmn.web.development_login = true lets anyone in as anyone, though fmn.oidc.issuer says who "
                "people are: say fmn.web.development_login = false")
        if self.web.development_login and self.broker.url != "memory://":
            yield (
                "fmn.web.development_login = true is for fmn up alone, which runs on "
                "fmn.broker.url = memory://: say fmn.web.development_login = false")
        if self.fedora_messaging.prefetch < self.bus.batch_messages:
            yield "fmn.fedora_messaging.prefetch has to be at least fmn.bus.batch_messages"
        if FEDORA_MESSAGING in self.publish.bus and not (self.publish.url or self.fedora_messaging.urls):
            yield (
                "fmn.publish.url is missing: set the broker's address there, or in fmn.fedora_messaging.urls")
        for section in self.channel_sections().values():
            yield from section.conflicts_with(self)

    @property
    def receives_from_both_buses(self) -> bool:
        """Whether messages come from fedmsg and from fedora-messaging, so that bridged ones come twice."""
        return bool(self.bus.endpoints and self.fedora_messaging.urls)

    def channel_sections(self) -> Mapping[str, ChannelSettings]:
        """The sections of channels, by the channels' names."""
        return {name: section for name, section in self if isinstance(section, ChannelSettings)}

    def with_channels(self, **sections: ChannelSettings) -> Self:
        """A copy with other sections of channels. Conflicts aren't looked for."""
        return self.model_copy(update=sections)
