"""List of the configuration checks for an installation."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from fmn.channels import channel_type
from fmn.config_check import (
    broker,
    bus,
    cache,
    database,
    event_types,
    fedora_messaging,
    files,
    http_services,
    publishing,
)
from fmn.config_check import settings as settings_check
from fmn.infra import listen_addresses
from fmn.settings.check_results import SETTINGS, ConfigCheck
from fmn.settings.loader import PREFIX, CheckedSettings


def offline(config: Path, checked: CheckedSettings, now: datetime) -> Iterator[ConfigCheck]:
    """Checks that connect to nothing."""
    settings = checked.settings
    yield ConfigCheck(SETTINGS, (), partial(settings_check.check, checked))
    yield ConfigCheck(files.SUBJECT, (), partial(files.check, config, checked, now))
    if settings.catalog.directory is not None:
        yield ConfigCheck(
            event_types.SUBJECT, ("fmn.catalog.",), partial(event_types.check, settings.catalog.directory))
    yield ConfigCheck(bus.TRUST, ("fmn.bus.",), partial(bus.check_trust, settings.bus, now))
    yield ConfigCheck(
        fedora_messaging.TRUST, ("fmn.fedora_messaging.",),
        partial(fedora_messaging.check_trust, settings.fedora_messaging, now))


def online(config: Path, checked: CheckedSettings) -> Iterator[ConfigCheck]:
    """Checks that connect to a server each; those with invalid settings are left out."""
    for check in (*_stores(checked), *_bus(checked), *_channels(checked), *_web(config, checked)):
        if not any(wrong.startswith(check.sections) for wrong in checked.invalid):
            yield check


def _stores(checked: CheckedSettings) -> Iterator[ConfigCheck]:
    settings = checked.settings
    embedded = settings.broker.url == "memory://"
    yield ConfigCheck(
        database.SUBJECT, ("fmn.database.",), partial(database.check, settings.database, embedded=embedded))
    yield ConfigCheck(
        broker.SUBJECT, ("fmn.broker.", "fmn.delivery.channels", "fmn.delivery.partitions"),
        partial(broker.check, settings.broker, settings.delivery.partition_counts))
    yield ConfigCheck(cache.SUBJECT, ("fmn.cache.",), partial(cache.check, settings.cache))


def _bus(checked: CheckedSettings) -> Iterator[ConfigCheck]:
    settings = checked.settings
    for endpoint in settings.bus.endpoints:
        yield ConfigCheck(
            bus.SUBJECT, ("fmn.bus.endpoints",),
            partial(bus.check_endpoint, endpoint, "fmn.bus.endpoints", bus.SUBJECT))
    for url in settings.fedora_messaging.urls:
        yield ConfigCheck(
            fedora_messaging.SUBJECT, ("fmn.fedora_messaging.",),
            partial(fedora_messaging.check_host, settings.fedora_messaging, url))
    for endpoint in settings.catchup.replay_endpoints:
        yield ConfigCheck(
            http_services.ARCHIVE, ("fmn.catchup.",),
            partial(bus.check_endpoint, endpoint, "fmn.catchup.replay_endpoints", http_services.ARCHIVE))
    if settings.catchup.url:
        yield ConfigCheck(
            http_services.ARCHIVE, ("fmn.catchup.",), partial(http_services.check_archive, settings.catchup))
    if settings.publish.announce and "fedmsg" in settings.publish.bus and settings.publish.mode == "connect":
        yield ConfigCheck(
            publishing.SUBJECT, ("fmn.publish.",),
            partial(
                bus.check_endpoint, settings.publish.endpoint, "fmn.publish.endpoint", publishing.SUBJECT))
    if "fedora-messaging" in settings.publish.bus:
        yield ConfigCheck(
            publishing.SUBJECT, ("fmn.publish.",), partial(
                publishing.check_amqp, settings.publish, settings.fedora_messaging))


def _channels(checked: CheckedSettings) -> Iterator[ConfigCheck]:
    settings = checked.settings
    for name in settings.delivery.channels:
        for check in channel_type(name).checks:
            yield ConfigCheck(
                check.subject, (f"{PREFIX}{name}.", "fmn.delivery.channels"), partial(check.run, settings))


def _web(config: Path, checked: CheckedSettings) -> Iterator[ConfigCheck]:
    settings = checked.settings
    if settings.oidc.issuer:
        yield ConfigCheck(
            http_services.PROVIDER, ("fmn.oidc.",), partial(http_services.check_provider, settings.oidc))
    if {settings.directory.ownership, settings.directory.accounts} != {"none"}:
        yield ConfigCheck(
            http_services.DIRECTORY, ("fmn.directory.",),
            partial(http_services.check_directory, settings.directory))
    for address in _pserve_addresses(config):
        yield ConfigCheck(
            "web app", (), partial(listen_addresses.check, "web app", "listen in [server:main]", address))
    if settings.metrics.listen:
        yield ConfigCheck(
            "metrics", ("fmn.metrics.",),
            partial(listen_addresses.check, "metrics", "fmn.metrics.listen", settings.metrics.listen))


def _pserve_addresses(config: Path) -> Iterator[str]:
    """Addresses at which ``pserve`` listens by this file; none if its command line completes them."""
    parser = configparser.ConfigParser()
    parser.read(config, encoding="utf-8")
    try:
        yield from parser.get("server:main", "listen", fallback="").split()
    except configparser.InterpolationError:
        return
