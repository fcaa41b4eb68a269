"""Typed settings, read from the ini file's ``[app:main]`` section and the environment.

A setting ``fmn.bus.max_message_bytes`` is ``settings.bus.max_message_bytes`` here and
``FMN_BUS_MAX_MESSAGE_BYTES`` in the environment, which wins over the file. ``production.ini``
explains each one. A key that isn't a setting is refused by name, and every problem is reported at once.
"""

from __future__ import annotations

from fmn.settings.channels import BounceSettings, EgressSettings
from fmn.settings.field_types import SettingsSection
from fmn.settings.loader import (
    CONFIG_VARIABLE,
    SECTION,
    SettingsError,
    known_keys,
    load_settings,
    settings_from,
)
from fmn.settings.publishing import PublishSettings
from fmn.settings.sections import (
    CHANNEL_ENTRY_POINTS,
    DIRECTORY_ENTRY_POINTS,
    AutocreateSettings,
    BrokerSettings,
    BudgetSettings,
    BusSettings,
    CacheSettings,
    ChannelSettings,
    DatabaseSettings,
    DeliverySettings,
    DemoSettings,
    DigestSettings,
    DirectorySettings,
    FloodSettings,
    HistorySettings,
    LogSettings,
    MetricsSettings,
    Settings,
    SweepSettings,
)
from fmn.settings.sources import (
    CatalogSettings,
    CatchupSettings,
    EventsSettings,
    FedoraMessagingSettings,
    SpoolSettings,
)
from fmn.settings.web import ConfirmationSettings, OidcSettings, WebSettings

__all__ = [
    "CHANNEL_ENTRY_POINTS",
    "CONFIG_VARIABLE",
    "DIRECTORY_ENTRY_POINTS",
    "SECTION",
    "AutocreateSettings",
    "BounceSettings",
    "BrokerSettings",
    "BudgetSettings",
    "BusSettings",
    "CacheSettings",
    "CatalogSettings",
    "CatchupSettings",
    "ChannelSettings",
    "ConfirmationSettings",
    "DatabaseSettings",
    "DeliverySettings",
    "DemoSettings",
    "DigestSettings",
    "DirectorySettings",
    "EgressSettings",
    "EventsSettings",
    "FedoraMessagingSettings",
    "FloodSettings",
    "HistorySettings",
    "LogSettings",
    "MetricsSettings",
    "OidcSettings",
    "PublishSettings",
    "Settings",
    "SettingsError",
    "SettingsSection",
    "SpoolSettings",
    "SweepSettings",
    "WebSettings",
    "known_keys",
    "load_settings",
    "settings_from",
]
